export type Outcome = 'accepted' | 'quarantined' | 'refused' | 'failed';

interface Expectation {
  /** Of the path below the data folder. */
  readonly files: RegExp;
  readonly outcome: Outcome;
  /** The rule of R4 and the kind of error HAPI 8.8.1 finds in the same files, or the API's own rule. */
  readonly why: string;
}

const required = 'the element is 1..1 in R4; HAPI: Validation_VAL_Profile_Minimum';
const literal =
  'references.html#literal: a relative reference is [R4 type]/[id]; HAPI does not look at references it cannot resolve';
const target =
  "references.html: the reference names a type that the element's definition does not allow; HAPI does not look at references it cannot resolve";

/** What becomes of each published file, the first that fits; every other is valid R4 (HAPI finds no error of R4) and taken. */
const expectations: readonly Expectation[] = [
  {
    files: /^stu3-message-111-report\//,
    outcome: 'refused',
    why: 'STU3: MessageHeader.timestamp and receiver are no R4 elements; the base is FHIR R4 alone',
  },
  {
    files: /^document-summary-care-record\/observationsBundle\.json$/,
    outcome: 'refused',
    why: 'bdl-7 and bdl-11: fullUrl repeats, the first entry of a document is no Composition; HAPI: both invariants',
  },
  {
    files: /^document-summary-care-record\/1-missingComposition\.request\.json$/,
    outcome: 'refused',
    why: 'bdl-11: the first entry of a document is a Composition; HAPI: Bundle#bdl-11',
  },
  { files: /^document-summary-care-record\/empty-html-tags\.json$/, outcome: 'accepted', why: 'valid; HAPI: no error' },
  { files: /^document-summary-care-record\//, outcome: 'refused', why: `Composition.title is missing: ${required}` },
  {
    files: /^message-prescription-secondary-care\/1-Process-Request-Cancel-200_OK\.json$/,
    outcome: 'refused',
    why: 'json.html: MessageHeader.focus is 0..* and so an array; HAPI: This property must be an Array',
  },
  {
    files: /^bundle-validator-cases\/(?:au-js|bundle-documentation-miss-last-updated)\.json$/,
    outcome: 'refused',
    why: 'bdl-10: a document has a timestamp; HAPI: Bundle#bdl-10',
  },
  {
    files: /^bundle-validator-cases\/bundle-conditional-reference-(?:bad|good)\.json$/,
    outcome: 'refused',
    why: 'http.html#trules leaves open which searches a server answers in conditional references; this one answers exactly identifier=system|value',
  },
  {
    files: /^bundle-validator-cases\/bundle-document-versioned-references-(?:bad|good)\.json$/,
    outcome: 'refused',
    why: 'two versions of one resource in one document: the API takes a resource once in an atomic request, as http.html#trules has it',
  },
  {
    files:
      /^bundle-validator-cases\/(?:bundle-duplicate-ids-not|(?:bundle-)?mni-patientOverview-bundle-example1b?)\.json$/,
    outcome: 'refused',
    why: 'bundle-definitions.html#Bundle.entry.fullUrl: an absolute URL; HAPI: BUNDLE_ENTRY_URL_ABSOLUTE',
  },
  {
    files: /^bundle-validator-cases\/bundle-ea-testcase\.json$/,
    outcome: 'refused',
    why: `List.status and List.mode are missing: ${required}`,
  },
  {
    files: /^bundle-validator-cases\/bundle-transaction\.json$/,
    outcome: 'refused',
    why: 'http.html#ccreate leaves open which searches a server answers; this one answers exactly identifier=system|value',
  },
  {
    files: /^bundle-validator-cases\/bundle\.document\.json$/,
    outcome: 'refused',
    why: 'json.html: Composition.attester.mode is 1..1 and no array; HAPI: This property must be a simple value',
  },
  {
    files: /^bundle-validator-cases\/ips-htmlrefs-forwards\.json$/,
    outcome: 'refused',
    why: 'narrative.html#xhtml, txt-1: an attribute that is not allowed; HAPI: Narrative#txt-1',
  },
  {
    files: /^bundle-validator-cases\/r4-caredove-bundle\.json$/,
    outcome: 'refused',
    why: 'http.html#transaction: a POST names the type of its resource; the request of a DocumentReference names Practitioner',
  },
  {
    files: /^r4-spec-examples\/basic-example\.json$/,
    outcome: 'quarantined',
    why: 'extensibility.html#modifierExtension: what is not understood is not processed; held for a person instead of lost',
  },
  {
    files: /^r4-spec-examples\/bundle-questionnaire\.json$/,
    outcome: 'refused',
    why: `Questionnaire.item.linkId is missing: ${required}`,
  },
  {
    files: /^r4-spec-examples\/codesystem-example\.json$/,
    outcome: 'refused',
    why: 'csd-1: codes are unique in a code system; HAPI: CodeSystem#csd-1',
  },
  {
    files: /^r4-spec-examples\/(?:devicemetric-example|deviceusestatement-example|medicationrequest0301)\.json$/,
    outcome: 'refused',
    why: target,
  },
  {
    files: /^transaction-prescription-status\/example_response\.json$/,
    outcome: 'refused',
    why: 'bdl-7: fullUrl is unique in a Bundle; HAPI: Bundle#bdl-7',
  },
  {
    files: /^transaction-prescription-status\/request-no-items\.json$/,
    outcome: 'refused',
    why: 'json.html: an array is not empty; HAPI: Array cannot be empty',
  },
  {
    files: /^transaction-prescription-status\/response-(?:multiple-items|single-item)\.json$/,
    outcome: 'refused',
    why: 'OperationOutcome.issue.code is bound to issue-type (required); HAPI: Terminology_TX_NoValid_16',
  },
  {
    files: /^UKCore-Bundle-Batch-Example\.json$/,
    outcome: 'refused',
    why: 'every entry is a GET, and the API takes creates and updates only',
  },
  {
    files:
      /^UKCore-(?:MedicationDispense-(?:Amoxicillin|CiprofloxacinIV|CiprofloxacinOral)|Provenance-RARecordConsent)-Example\.json$/,
    outcome: 'refused',
    why: literal,
  },
  {
    files: /^UKCore-Bundle-NEWS2Observations-Example\.json$/,
    outcome: 'refused',
    why: 'bundle-definitions.html#Bundle.entry.fullUrl: an absolute URL; HAPI: BUNDLE_ENTRY_URL_ABSOLUTE',
  },
  {
    files: /^synthea-bulk-10-patients\/log\.ndjson$/,
    outcome: 'refused',
    why: 'the log of the export is no FHIR resource',
  },
];

export const expectationOf = (file: string): Expectation | undefined =>
  expectations.find(({ files }) => files.test(file));
