import { drop, type ExtensionRule, keep, keepCode, keepLocation, keepParts } from '../extension-rules';

const concept = keep('CodeableConcept');
const reference = keep('Reference');
const text = drop('free-text');

/** UK Core STU2 2.0.0: one rule for each of its 83 extensions. Under https://fhir.hl7.org.uk/StructureDefinition/. */
const ukCore: Readonly<Record<string, ExtensionRule>> = {
  ActualProblem: reference,
  AdditionalContact: reference,
  // UPRN and PAF keys are one house each.
  AddressKey: drop('address'),
  AdmissionMethod: concept,
  AllergyIntoleranceEnd: keepParts({ endDate: keep('dateTime'), reasonEnded: text }),
  AnaestheticIssues: keep('CodeableConcept', 'Reference'),
  AssociatedEncounter: reference,
  BirthSex: concept,
  BodySiteReference: reference,
  BookingOrganization: reference,
  CareSettingType: concept,
  ClinicalSetting: concept,
  CodingSCTDescDisplay: text,
  // The description id says which words were chosen, not which concept was meant.
  CodingSCTDescId: drop('technical'),
  ConditionEpisode: concept,
  ContactPreference: drop('contact'),
  ContactRank: drop('contact'),
  CopyCorrespondenceIndicator: drop('contact'),
  Coverage: concept,
  CuffSize: concept,
  DeathNotificationStatus: keepParts({ deathNotificationStatus: concept, systemEffectiveDate: drop('technical') }),
  DeliveryChannel: concept,
  DeviceReference: reference,
  DischargeMethod: concept,
  EffectivePeriod: keep('Period'),
  EmergencyCareDischargeStatus: concept,
  EncounterTransport: keepParts({ transportType: concept, transportPeriod: keep('Period'), reasonForTransport: text }),
  EthnicCategory: concept,
  Evidence: reference,
  // Detention under the Mental Health Act: kept for planning, labelled so that marts leave it out unless they name it.
  LegalStatus: keepParts(
    { legalStatusContext: concept, legalStatusClassification: concept },
    { sensitive: 'legal-status', retention: 'mental-health' },
  ),
  ListWarningCode: concept,
  MainLocation: reference,
  MedicalApplianceSupplier: keepLocation('Reference'),
  MedicationChangeSummary: keepParts({
    status: keep('Coding'),
    indicationForChange: concept,
    dateChanged: keep('dateTime'),
    detailsOfAmendment: text,
  }),
  MedicationDosageLastChanged: keep('dateTime'),
  MedicationPrescribingAgency: concept,
  MedicationPrescribingOrganization: concept,
  MedicationPrescribingOrganizationType: concept,
  MedicationQuantityText: text,
  MedicationRepeatInformation: keepParts({
    numberOfPrescriptionsIssued: keep('unsignedInt'),
    authorisationExpiryDate: keep('dateTime'),
  }),
  MedicationStatementLastIssueDate: keep('dateTime'),
  MedicationTradeFamily: concept,
  MessageHeaderInstruction: keep('Coding'),
  NHSCommunication: keepParts({
    language: concept,
    preferred: keep('boolean'),
    modeOfCommunication: concept,
    communicationProficiency: concept,
    interpreterRequired: keep('boolean'),
  }),
  NHSNumberUnavailableReason: concept,
  // Stands on the identifier, which the identity record keeps with its status.
  NHSNumberVerificationStatus: drop('identifier'),
  NominatedPharmacy: keepLocation('Reference'),
  OtherContactSystem: drop('contact'),
  OutcomeOfAttendance: concept,
  OverseasVisitorChargingCategory: concept,
  ParentPresent: keep('boolean'),
  PharmacistVerifiedIndicator: keep('boolean'),
  PreferredDispenserOrganization: keepLocation('Reference'),
  PrescriptionType: concept,
  PriorityReason: concept,
  ProblemSignificance: keepCode('major', 'minor'),
  Recorder: reference,
  RecordingSetting: concept,
  RelatedClinicalContent: reference,
  RelatedProblemHeader: keepParts({
    type: keepCode('merge-combine', 'nesting', 'evolve', 'parent', 'child', 'sibling', 'combined', 'replaced'),
    target: reference,
  }),
  ReligiousAffiliation: concept,
  ResidentialStatus: concept,
  SampleCategory: concept,
  ServiceRequestMethod: concept,
  SourceOfServiceRequest: concept,
  TreatmentCategory: concept,
  TypedDateTime: keepParts({ dateTimeType: concept, dateTime: keep('dateTime') }),
  TypedPeriod: keepParts({ dataType: keep('Coding'), period: keep('Period') }),
  VaccinationProcedure: concept,
};

/** Later FHIR elements that UK Core brings back to R4, by their full path under http://hl7.org/fhir/. */
const ukCoreBackported: Readonly<Record<string, ExtensionRule>> = {
  '5.0/StructureDefinition/extension-DiagnosticReport.composition': reference,
  '5.0/StructureDefinition/extension-DiagnosticReport.media.link': reference,
  '5.0/StructureDefinition/extension-DiagnosticReport.note': text,
  '5.0/StructureDefinition/extension-DiagnosticReport.supportingInfo': keepParts({ type: concept, reference }),
  '5.0/StructureDefinition/extension-FamilyMemberHistory.participant': keepParts({
    function: concept,
    actor: reference,
  }),
  '5.0/StructureDefinition/extension-Observation.bodyStructure': reference,
  '5.0/StructureDefinition/extension-Observation.triggeredBy': keepParts({
    observation: reference,
    type: keepCode('reflex', 'repeat', 're-run'),
    reason: text,
  }),
  '5.0/StructureDefinition/extension-Specimen.collection.collector': reference,
  '5.0/StructureDefinition/extension-Specimen.container.device': reference,
  '5.0/StructureDefinition/extension-Specimen.container.location': keepLocation('Reference'),
  '5.0/StructureDefinition/extension-Subscription.content': keepCode('empty', 'id-only', 'full-resource'),
  '5.0/StructureDefinition/extension-Subscription.parameter': drop('technical'),
  '6.0/StructureDefinition/extension-Condition.bodyStructure': reference,
  '6.0/StructureDefinition/extension-Patient.fetalStatus': keepCode(
    'stillborn',
    'live-birth',
    'alive',
    'deceased',
    'unknown',
  ),
};

/** Extensions of the R4 specification that UK senders use. Under http://hl7.org/fhir/StructureDefinition/. */
const r4: Readonly<Record<string, ExtensionRule>> = {
  'data-absent-reason': {
    action: 'keep',
    types: ['code'],
    codes:
      'unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error not-a-number negative-infinity positive-infinity not-performed not-permitted'.split(
        ' ',
      ),
  },
  'patient-birthPlace': drop('birth-detail'),
  'patient-birthTime': drop('birth-detail'),
  'patient-mothersMaidenName': drop('name'),
  'patient-cadavericDonor': keep('boolean'),
  'patient-interpreterRequired': keep('boolean'),
  'coding-sctdescid': drop('technical'),
  geolocation: drop('address'),
  'specimen-specialHandling': concept,
};

/** NHS England's prescription extensions, as national sample messages carry them. Under https://fhir.nhs.uk/StructureDefinition/. */
const nhsEngland: Readonly<Record<string, ExtensionRule>> = {
  'Extension-DM-PrescriptionType': keep('Coding'),
  'Extension-DM-PrescriptionId': drop('identifier'),
  'Extension-DM-PerformerSiteType': keep('Coding'),
  'Extension-DM-PrescriptionEndorsement': concept,
  'Extension-DM-ResponsiblePractitioner': reference,
  'Extension-DM-ControlledDrug': keepParts({ schedule: keep('Coding'), quantityWords: text }),
  'Extension-EPS-TaskBusinessStatus': keep('Coding'),
  'Extension-EPS-RepeatInformation': keepParts({
    numberOfRepeatsAllowed: keep('unsignedInt', 'integer'),
    numberOfRepeatsIssued: keep('unsignedInt', 'integer'),
    authorisationExpiryDate: keep('dateTime'),
  }),
};

const under = (base: string, rules: Readonly<Record<string, ExtensionRule>>): (readonly [string, ExtensionRule])[] =>
  Object.entries(rules).map(([name, rule]) => [base + name, rule]);

export const extensionRules: ReadonlyMap<string, ExtensionRule> = new Map([
  ...under('https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-', ukCore),
  ...under('http://hl7.org/fhir/', ukCoreBackported),
  ...under('http://hl7.org/fhir/StructureDefinition/', r4),
  ...under('https://fhir.nhs.uk/StructureDefinition/', nhsEngland),
]);
