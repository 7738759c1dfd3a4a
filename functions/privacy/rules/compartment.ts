/**
 * Where each resource type says whom it is about (the patient compartment of R4, compartmentdefinition-patient.html, its
 * subjects only: an author or performer who is the patient makes no resource about them) and when it happened. Both are
 * read from the clinical copy, so what the rules dropped is not found either. The first path that holds a Patient, or a
 * date, counts. Notation: `Type: patient path, ... | date path, ...`; `[]` steps into each entry of an array.
 */
const rows = `
Account: subject[] | servicePeriod.start
AdverseEvent: subject | date, detected, recordedDate
AllergyIntolerance: patient | onsetDateTime, onsetPeriod.start, recordedDate, lastOccurrence
Appointment: participant[].actor | start, requestedPeriod[].start, created
AppointmentResponse: actor | start
AuditEvent: agent[].who, entity[].what | recorded, period.start
Basic: subject | created
BodyStructure: patient |
CarePlan: subject | period.start, created
CareTeam: subject | period.start
ChargeItem: subject | occurrenceDateTime, occurrencePeriod.start, enteredDate
Claim: patient | billablePeriod.start, created
ClaimResponse: patient | created
ClinicalImpression: subject | effectiveDateTime, effectivePeriod.start, date
Communication: subject | sent, received
CommunicationRequest: subject | occurrenceDateTime, occurrencePeriod.start, authoredOn
Composition: subject | date
Condition: subject | onsetDateTime, onsetPeriod.start, recordedDate
Consent: patient | dateTime, provision.period.start
Contract: subject[] | issued, applies.start
Coverage: beneficiary | period.start
CoverageEligibilityRequest: patient | servicedDate, servicedPeriod.start, created
CoverageEligibilityResponse: patient | servicedDate, servicedPeriod.start, created
DetectedIssue: patient | identifiedDateTime, identifiedPeriod.start
Device: patient |
DeviceRequest: subject | occurrenceDateTime, occurrencePeriod.start, authoredOn
DeviceUseStatement: subject | timingDateTime, timingPeriod.start, recordedOn
DiagnosticReport: subject | effectiveDateTime, effectivePeriod.start, issued
DocumentManifest: subject | created
DocumentReference: subject | context.period.start, date
Encounter: subject | period.start
EnrollmentRequest: candidate | created
EpisodeOfCare: patient | period.start
ExplanationOfBenefit: patient | billablePeriod.start, created
FamilyMemberHistory: patient | date
Flag: subject | period.start
Goal: subject | startDate, statusDate
GuidanceResponse: subject | occurrenceDateTime
ImagingStudy: subject | started
Immunization: patient | occurrenceDateTime, recorded
ImmunizationEvaluation: patient | date
ImmunizationRecommendation: patient | date
Invoice: subject | date
List: subject | date
MeasureReport: subject | period.start, date
Media: subject | createdDateTime, createdPeriod.start, issued
MedicationAdministration: subject | effectiveDateTime, effectivePeriod.start
MedicationDispense: subject | whenHandedOver, whenPrepared
MedicationRequest: subject | authoredOn
MedicationStatement: subject | effectiveDateTime, effectivePeriod.start, dateAsserted
MolecularSequence: patient |
NutritionOrder: patient | dateTime
Observation: subject | effectiveDateTime, effectivePeriod.start, effectiveInstant, effectiveTiming.event[], issued
Person: link[].target |
Procedure: subject | performedDateTime, performedPeriod.start
Provenance: target[] | occurredDateTime, occurredPeriod.start, recorded
QuestionnaireResponse: subject | authored
RelatedPerson: patient | period.start
RequestGroup: subject | authoredOn
ResearchSubject: individual | period.start
RiskAssessment: subject | occurrenceDateTime, occurrencePeriod.start
Schedule: actor[] | planningHorizon.start
ServiceRequest: subject | occurrenceDateTime, occurrencePeriod.start, authoredOn
Slot: | start
Specimen: subject | collection.collectedDateTime, collection.collectedPeriod.start, receivedTime
SupplyDelivery: patient | occurrenceDateTime, occurrencePeriod.start
SupplyRequest: deliverTo | occurrenceDateTime, occurrencePeriod.start, authoredOn
Task: for | executionPeriod.start, authoredOn
VisionPrescription: patient | dateWritten, created
`;

export interface CompartmentRule {
  /** Paths to references, each step a JSON name. */
  readonly patient: readonly (readonly string[])[];
  readonly date: readonly (readonly string[])[];
}

const paths = (text: string) =>
  text
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => path.split('.'));

export const compartmentRules: ReadonlyMap<string, CompartmentRule> = new Map(
  rows
    .trim()
    .split('\n')
    .map((row) => {
      const [type = '', rest = ''] = row.split(/:(.*)/s);
      const [patient = '', date = ''] = rest.split('|');
      return [type, { patient: paths(patient), date: paths(date) }];
    }),
);
