/** Clinical.Summary and Clinical.Diagnostics. Notation: element-rules.ts. */
export const clinicalRules = `
AdverseEvent: identifier actuality category event subject encounter date detected recordedDate resultingCondition
    location@location seriousness severity outcome recorder contributor suspectEntity subjectMedicalHistory
    referenceDocument study
AdverseEvent.suspectEntity: instance causality
AdverseEvent.suspectEntity.causality: assessment author method
AllergyIntolerance: identifier clinicalStatus verificationStatus type category criticality code patient encounter
    onset recordedDate recorder asserter lastOccurrence reaction
AllergyIntolerance.reaction: substance manifestation onset severity exposureRoute
BodyStructure: identifier active morphology location locationQualifier patient
ClinicalImpression: identifier status statusReason code subject encounter effective date assessor previous problem
    investigation finding prognosisCodeableConcept prognosisReference supportingInfo
ClinicalImpression.investigation: code item
ClinicalImpression.finding: itemCodeableConcept itemReference
Condition: identifier clinicalStatus verificationStatus category severity code bodySite subject encounter onset
    abatement recordedDate recorder asserter stage evidence
Condition.stage: summary assessment type
Condition.evidence: code detail
DetectedIssue: identifier status code severity patient identified author implicated evidence mitigation
DetectedIssue.evidence: code detail
DetectedIssue.mitigation: action date author
DiagnosticReport: identifier basedOn status category code subject encounter effective issued performer
    resultsInterpreter specimen result imagingStudy media conclusionCode
DiagnosticReport.media: link
FamilyMemberHistory: identifier status dataAbsentReason patient date relationship sex born=birthDate age
    estimatedAge deceased=deceased reasonCode reasonReference condition
FamilyMemberHistory.condition: code outcome contributedToDeath onset
ImagingStudy: identifier status modality subject encounter started basedOn referrer interpreter endpoint
    numberOfSeries numberOfInstances procedureReference procedureCode location@location reasonCode reasonReference
    series
ImagingStudy.series: number modality numberOfInstances endpoint bodySite laterality specimen started performer
    instance
ImagingStudy.series.performer: function actor
ImagingStudy.series.instance: sopClass number
Media: identifier basedOn partOf status type modality view subject encounter created issued operator reasonCode bodySite
    device height width frames duration
MolecularSequence: identifier type coordinateSystem patient specimen device performer quantity variant
MolecularSequence.variant: start end variantPointer
Observation: identifier basedOn partOf status category code subject focus encounter effective issued performer
    value=resultWord dataAbsentReason interpretation bodySite method specimen device referenceRange hasMember
    derivedFrom component
Observation.referenceRange: low high type appliesTo age
Observation.component: code value=resultWord dataAbsentReason interpretation referenceRange
Procedure: identifier basedOn partOf status statusReason category code subject encounter performed recorder asserter
    performer location@location reasonCode reasonReference bodySite outcome report complication complicationDetail
    followUp focalDevice usedReference usedCode
Procedure.performer: function actor onBehalfOf
Procedure.focalDevice: action manipulated
QuestionnaireResponse: identifier basedOn partOf questionnaire=tokenise status subject encounter authored author
    source item
QuestionnaireResponse.item: linkId=linkId answer item
QuestionnaireResponse.item.answer: value item
Specimen: identifier accessionIdentifier status type subject receivedTime parent request collection processing
    container condition
Specimen.collection: collector collected duration quantity method bodySite fastingStatus
Specimen.processing: procedure additive time
Specimen.container: identifier type capacity specimenQuantity additive
`;
