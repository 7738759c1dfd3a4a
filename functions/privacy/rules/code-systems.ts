import { codesWithName, isLanguage, isLoincCode, isMimeType, isSnomedConcept, type LeafTest } from '../leaf-formats';
import { isUcumUnit } from '../ucum';

/** A code system the lake keeps codes of, with the test that a code is one of its codes and not something typed. */
export interface CodeSystemRule {
  readonly system: string;
  readonly isCode: LeafTest;
}

const pattern =
  (source: RegExp): LeafTest =>
  (text) =>
    source.test(text);

const isRegion = codesWithName('region');
const isCountry: LeafTest = (text) => /^[A-Z]{2}$/.test(text) && isRegion(text);

/** HL7 and UK Core systems are not named here: their codes are checked against their lists (code-lists.ts). */
export const codeSystemRules: readonly CodeSystemRule[] = [
  { system: 'http://snomed.info/sct', isCode: isSnomedConcept },
  // dm+d concepts are SNOMED CT identifiers of the UK drug extension.
  { system: 'https://dmd.nhs.uk', isCode: isSnomedConcept },
  { system: 'https://dmd.nhs.uk/', isCode: isSnomedConcept },
  { system: 'http://loinc.org', isCode: isLoincCode },
  { system: 'http://unitsofmeasure.org', isCode: isUcumUnit },
  // WHO ICD-10 with the UK's dagger and asterisk marks, a fifth character, and ICD-10-CM's longer form.
  { system: 'http://hl7.org/fhir/sid/icd-10', isCode: pattern(/^[A-Z][0-9]{2}(?:\.?[0-9X]{1,2})?[DA*+\u2020]?$/) },
  { system: 'http://hl7.org/fhir/sid/icd-10-uk', isCode: pattern(/^[A-Z][0-9]{2}(?:\.?[0-9X]{1,2})?[DA*+\u2020]?$/) },
  { system: 'http://hl7.org/fhir/sid/icd-10-cm', isCode: pattern(/^[A-Z][0-9][0-9AB](?:\.[0-9A-Z]{0,3}[0-9ADSX])?$/) },
  { system: 'http://hl7.org/fhir/sid/icd-9', isCode: pattern(/^[EV]?[0-9]{2,3}(?:\.[0-9]{1,2})?$/) },
  { system: 'http://hl7.org/fhir/sid/icd-9-cm', isCode: pattern(/^[EV]?[0-9]{2,3}(?:\.[0-9]{1,2})?$/) },
  { system: 'https://fhir.hl7.org.uk/Id/opcs-4', isCode: pattern(/^[A-Z][0-9]{2}(?:\.?[0-9])?$/) },
  { system: 'https://fhir.nhs.uk/Id/opcs-4', isCode: pattern(/^[A-Z][0-9]{2}(?:\.?[0-9])?$/) },
  // Five characters; one without a digit or a dot could be a short surname, so such codes are not kept.
  { system: 'http://read.info/readv2', isCode: pattern(/^(?=.*[0-9.])[0-9A-Za-z][0-9A-Za-z.]{4}(?:00|11|12|13|14)?$/) },
  { system: 'http://read.info/ctv3', isCode: pattern(/^(?=.*[0-9.])[0-9A-Za-z][0-9A-Za-z.]{4}$/) },
  { system: 'http://www.whocc.no/atc', isCode: pattern(/^[A-V][0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?$/) },
  { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', isCode: pattern(/^[0-9]{1,7}$/) },
  { system: 'http://hl7.org/fhir/sid/cvx', isCode: pattern(/^[0-9]{1,3}$/) },
  { system: 'http://nucc.org/provider-taxonomy', isCode: pattern(/^[0-9]{3}[A-Z][0-9A-Z][0-9]{4}X$/) },
  { system: 'urn:iso:std:iso:11073:10101', isCode: pattern(/^[0-9]{1,7}$/) },
  { system: 'urn:iso:std:iso:3166', isCode: isCountry },
  { system: 'urn:ietf:bcp:47', isCode: isLanguage },
  { system: 'urn:ietf:bcp:13', isCode: isMimeType },
  // NHS England systems without a published list here: the form of their codes has no room for text.
  { system: 'https://fhir.nhs.uk/CodeSystem/prescription-type', isCode: pattern(/^[0-9]{4}$/) },
  { system: 'https://fhir.nhs.uk/CodeSystem/dispensing-site-preference', isCode: pattern(/^(?:P1|P2|P3|[0-9]{4})$/) },
  {
    system: 'https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode',
    isCode: pattern(/^(?:[SRG][0-9]{4}:?){1,3}$/),
  },
  { system: 'https://fhir.nhs.uk/CodeSystem/HL7v3-SDSJobRoleName', isCode: pattern(/^[RS][0-9]{4}$/) },
  { system: 'https://fhir.nhs.uk/CodeSystem/organisation-role', isCode: pattern(/^(?:RO)?[0-9]{1,3}$/) },
  { system: 'https://fhir.nhs.uk/CodeSystem/medicationdispense-type', isCode: pattern(/^[0-9]{4}$/) },
  { system: 'https://fhir.nhs.uk/CodeSystem/medicationdispense-status-reason', isCode: pattern(/^[0-9]{4}$/) },
  { system: 'https://fhir.nhs.uk/CodeSystem/medicationrequest-status-reason', isCode: pattern(/^[0-9]{4}$/) },
  { system: 'https://fhir.nhs.uk/CodeSystem/EPS-task-business-status', isCode: pattern(/^[0-9]{4}$/) },
  {
    system: 'https://fhir.nhs.uk/CodeSystem/medicationrequest-course-of-therapy',
    isCode: pattern(/^(?:acute|continuous|continuous-repeat-dispensing)$/),
  },
  {
    system: 'https://fhir.nhs.uk/CodeSystem/medicationrequest-endorsement',
    isCode: pattern(/^(?:SLS|FS|AF|CC|ACBS)$/),
  },
  { system: 'https://fhir.nhs.uk/CodeSystem/medicationrequest-controlled-drug', isCode: pattern(/^CD[1-5]$/) },
  {
    system: 'https://fhir.nhs.uk/CodeSystem/message-reason-prescription',
    isCode: pattern(/^prescription-(?:order|cancel|amend|update|request)(?:-response)?$/),
  },
  {
    system: 'https://fhir.nhs.uk/CodeSystem/message-event',
    isCode: pattern(
      /^(?:(?:prescription-(?:order|dispense)|dispense-notification)(?:-update|-response)?|(?:document|patient)(?:-notification)?|notification|appointment|encounter|referral|unsolicited-(?:action|observations)|vaccinations)$/,
    ),
  },
  // Booking and Referral Standard: what a message asks for and whether it is new; without them a referral is not understood.
  {
    system: 'https://fhir.nhs.uk/CodeSystem/message-events-bars',
    isCode: pattern(/^(?:booking|servicerequest)-(?:request|response)$/),
  },
  { system: 'https://fhir.nhs.uk/CodeSystem/message-reason-bars', isCode: pattern(/^(?:new|update)$/) },
  {
    system: 'https://fhir.nhs.uk/CodeSystem/message-category-servicerequest',
    isCode: pattern(/^(?:referral|validation)$/),
  },
];

/** A code system a provider's configuration adds: its codes must match the whole pattern. */
export interface ExtraCodeSystem {
  readonly system: string;
  /** Regular expression source, for example `[A-Z][0-9]{3}`; anchored at both ends by the lake. */
  readonly pattern: string;
}
