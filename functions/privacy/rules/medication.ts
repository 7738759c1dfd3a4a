/** Clinical.Medications. Notation: element-rules.ts. */
export const medicationRules = `
Immunization: identifier status statusReason vaccineCode patient encounter occurrence recorded primarySource
    reportOrigin location@location manufacturer lotNumber=tokenise expirationDate site route doseQuantity performer
    reasonCode reasonReference isSubpotent subpotentReason education programEligibility fundingSource reaction
    protocolApplied
Immunization.performer: function actor
Immunization.education: publicationDate presentationDate
Immunization.reaction: date detail reported
Immunization.protocolApplied: authority targetDisease doseNumber seriesDoses
ImmunizationEvaluation: identifier status patient date authority targetDisease immunizationEvent doseStatus
    doseStatusReason doseNumber seriesDoses
ImmunizationRecommendation: identifier patient date authority recommendation
ImmunizationRecommendation.recommendation: vaccineCode targetDisease contraindicatedVaccineCode forecastStatus
    forecastReason dateCriterion doseNumber seriesDoses supportingImmunization supportingPatientInformation
ImmunizationRecommendation.recommendation.dateCriterion: code value
Medication: identifier code status manufacturer form amount ingredient batch
Medication.ingredient: item isActive strength
Medication.batch: lotNumber=tokenise expirationDate
MedicationAdministration: identifier partOf status statusReason category medication subject context
    supportingInformation effective performer reasonCode reasonReference request device dosage eventHistory
MedicationAdministration.performer: function actor
MedicationAdministration.dosage: site route method dose rate
MedicationDispense: identifier partOf status statusReason category medication subject context supportingInformation
    performer location@location authorizingPrescription type quantity daysSupply whenPrepared whenHandedOver
    destination receiver dosageInstruction substitution detectedIssue eventHistory
MedicationDispense.performer: function actor
MedicationDispense.substitution: wasSubstituted type reason responsibleParty
MedicationKnowledge: code status manufacturer doseForm amount relatedMedicationKnowledge associatedMedication
    productType monograph ingredient intendedRoute cost monitoringProgram administrationGuidelines
    medicineClassification packaging drugCharacteristic contraindication regulatory kinetics
MedicationKnowledge.relatedMedicationKnowledge: type reference
MedicationKnowledge.monograph: type source
MedicationKnowledge.ingredient: item isActive strength
MedicationKnowledge.cost: type cost
MedicationKnowledge.monitoringProgram: type
MedicationKnowledge.administrationGuidelines: dosage indication patientCharacteristics
MedicationKnowledge.administrationGuidelines.dosage: type dosage
MedicationKnowledge.administrationGuidelines.patientCharacteristics: characteristic
MedicationKnowledge.medicineClassification: type classification
MedicationKnowledge.packaging: type quantity
MedicationKnowledge.drugCharacteristic: type value
MedicationKnowledge.regulatory: regulatoryAuthority substitution schedule maxDispense
MedicationKnowledge.regulatory.substitution: type allowed
MedicationKnowledge.regulatory.schedule: schedule
MedicationKnowledge.regulatory.maxDispense: quantity period
MedicationKnowledge.kinetics: areaUnderCurve lethalDose50 halfLifePeriod
MedicationRequest: identifier status statusReason intent category priority doNotPerform reported medication subject
    encounter supportingInformation authoredOn requester performer performerType recorder reasonCode reasonReference
    basedOn groupIdentifier courseOfTherapyType insurance dosageInstruction dispenseRequest substitution
    priorPrescription detectedIssue eventHistory
MedicationRequest.dispenseRequest: initialFill dispenseInterval validityPeriod numberOfRepeatsAllowed quantity
    expectedSupplyDuration performer
MedicationRequest.dispenseRequest.initialFill: quantity duration
MedicationRequest.substitution: allowed reason
MedicationStatement: identifier basedOn partOf status statusReason category medication subject context effective
    dateAsserted informationSource derivedFrom reasonCode reasonReference dosage
`;
