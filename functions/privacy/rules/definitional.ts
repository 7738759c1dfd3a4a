/**
 * Foundation.Conformance, Foundation.Terminology and Specialized: definitions, not people. What stays says which definition
 * it is and in which state; its texts can name their authors. Notation: element-rules.ts.
 */
export const definitionalRules = `
ActivityDefinition: url=tokenise identifier status experimental subject date jurisdiction approvalDate
    lastReviewDate effectivePeriod topic kind code intent priority doNotPerform
CapabilityStatement: url=tokenise status experimental date jurisdiction kind
CodeSystem: url=tokenise identifier status experimental date jurisdiction
CompartmentDefinition: url=tokenise status experimental date code
ConceptMap: url=tokenise identifier status experimental date jurisdiction
DeviceDefinition: url=tokenise identifier type
EffectEvidenceSynthesis: url=tokenise identifier status date jurisdiction approvalDate lastReviewDate
    effectivePeriod topic
EventDefinition: url=tokenise identifier status experimental subject date jurisdiction approvalDate lastReviewDate
    effectivePeriod topic
Evidence: url=tokenise identifier status date jurisdiction approvalDate lastReviewDate effectivePeriod topic
EvidenceVariable: url=tokenise identifier status date jurisdiction approvalDate lastReviewDate effectivePeriod topic
    type
ExampleScenario: url=tokenise identifier status experimental date jurisdiction
GraphDefinition: url=tokenise status experimental date jurisdiction
ImplementationGuide: url=tokenise status experimental date jurisdiction
Library: url=tokenise identifier status experimental type subject date jurisdiction approvalDate lastReviewDate
    effectivePeriod topic
Measure: url=tokenise identifier status experimental subject date jurisdiction approvalDate lastReviewDate
    effectivePeriod topic scoring type
MeasureReport: identifier status type measure=tokenise subject date reporter period improvementNotation
MedicinalProduct: identifier type
MedicinalProductAuthorization: identifier subject jurisdiction status
MedicinalProductContraindication: subject
MedicinalProductIndication: subject
MedicinalProductIngredient: identifier
MedicinalProductInteraction: subject type
MedicinalProductManufactured:
MedicinalProductPackaged: identifier subject
MedicinalProductPharmaceutical: identifier
MedicinalProductUndesirableEffect: subject
MessageDefinition: url=tokenise identifier status experimental date jurisdiction category
NamingSystem: status kind date type jurisdiction
ObservationDefinition: category code identifier
OperationDefinition: url=tokenise status kind experimental date jurisdiction type
PlanDefinition: url=tokenise identifier type status experimental subject date jurisdiction approvalDate
    lastReviewDate effectivePeriod topic
Questionnaire: url=tokenise identifier status experimental subjectType date effectivePeriod code item
Questionnaire.item: linkId=linkId code type enableWhen enableBehavior required repeats readOnly maxLength
    answerOption initial item
Questionnaire.item.enableWhen: question=linkId operator answer
Questionnaire.item.answerOption: value initialSelected
Questionnaire.item.initial: value
ResearchDefinition: url=tokenise identifier status experimental subject date jurisdiction approvalDate
    lastReviewDate effectivePeriod topic
ResearchElementDefinition: url=tokenise identifier status experimental subject date jurisdiction approvalDate
    lastReviewDate effectivePeriod topic type
RiskEvidenceSynthesis: url=tokenise identifier status date jurisdiction approvalDate lastReviewDate effectivePeriod
    topic
SearchParameter: url=tokenise status experimental date jurisdiction type
SpecimenDefinition: identifier
StructureDefinition: url=tokenise identifier status experimental date jurisdiction kind
StructureMap: url=tokenise identifier status experimental date jurisdiction
SubstanceNucleicAcid:
SubstancePolymer:
SubstanceProtein:
SubstanceReferenceInformation:
SubstanceSourceMaterial:
SubstanceSpecification: identifier type status
TerminologyCapabilities: url=tokenise status experimental date jurisdiction kind
TestReport: identifier status
TestScript: url=tokenise identifier status experimental date jurisdiction
ValueSet: url=tokenise identifier status experimental date jurisdiction
`;
