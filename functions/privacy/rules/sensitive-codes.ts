/**
 * Codes that mark a resource as sensitive beyond the rest of a health record: marts leave such resources out unless their
 * definition names the label. Sources: ICD-10 chapters, HL7 v3-ActCode sensitivity policies, UK Core legal status; the
 * statutes behind them: NHS and Primary Care Trusts (Sexually Transmitted Diseases) Directions 2000, Human Fertilisation
 * and Embryology Act 1990, Gender Recognition Act 2004, Mental Health Act 1983. A site's configuration may add codes.
 */
export const sensitivityLabels = [
  'sexual-health',
  'reproductive-health',
  'gender-identity',
  'mental-health',
  'legal-status',
  'substance-use',
  'violence',
  'restricted',
  'very-restricted',
] as const;

export type SensitivityLabel = (typeof sensitivityLabels)[number];

/** System of the labels in `meta.security` of the clinical copy (R4 security-labels.html); a sender's own are none of its code systems. */
export const sensitivitySystem = 'urn:nhs-data-lake:sensitivity';

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const snomed = 'http://snomed.info/sct';
const legalStatus = 'https://fhir.hl7.org.uk/CodeSystem/UKCore-LegalStatusClassification';

/** By system and exact code. */
export const sensitiveCodes: readonly (readonly [label: SensitivityLabel, system: string, codes: string])[] = [
  ['restricted', confidentiality, 'R'],
  ['very-restricted', confidentiality, 'V'],
  ['sexual-health', actCode, 'HIV STD SEX'],
  ['mental-health', actCode, 'PSY PSYTHPN'],
  ['substance-use', actCode, 'ETH ETHUD OPIOIDUD'],
  ['violence', actCode, 'SDV DVD'],
  // HIV infection, chlamydial infection, gonorrhoea, syphilis, genital herpes, sexually transmitted infection.
  ['sexual-health', snomed, '86406008 240589008 15628003 76272004 33839006 8098009'],
  // Community sexual and reproductive health, in the main specialty codes of each nation.
  ['sexual-health', 'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCode', '504'],
  ['sexual-health', 'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCodeEngland', '504'],
  ['sexual-health', 'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCodeWales', '504'],
  // Termination of pregnancy.
  ['reproductive-health', snomed, '57797005 386639001'],
  // UK Core keeps a list for each nation.
  ['legal-status', `${legalStatus}England`, '*'],
  ['legal-status', `${legalStatus}Wales`, '*'],
];

/** ICD-10 three-character categories by range, both ends included. */
export const sensitiveIcd10: readonly (readonly [label: SensitivityLabel, from: string, to: string])[] = [
  ['sexual-health', 'A50', 'A64'],
  ['sexual-health', 'B20', 'B24'],
  ['sexual-health', 'Z21', 'Z21'],
  ['substance-use', 'F10', 'F19'],
  ['gender-identity', 'F64', 'F64'],
  ['reproductive-health', 'N97', 'N97'],
  ['reproductive-health', 'O04', 'O04'],
  ['reproductive-health', 'Z31', 'Z31'],
  ['violence', 'T74', 'T74'],
];

/**
 * Observations whose value is the patient's birth date: LOINC 21112-8, SNOMED CT 184099003. Observation of names, numbers
 * and addresses carry strings, which do not pass anyway.
 */
export const identifyingObservations: ReadonlySet<string> = new Set([
  'http://loinc.org|21112-8',
  'http://snomed.info/sct|184099003',
]);
