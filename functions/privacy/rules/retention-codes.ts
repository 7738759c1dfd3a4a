/**
 * Retention classes of the Records Management Code of Practice (in force text of August 2023): adult 8 years, children to
 * the 25th birthday, mental health 20 years after treatment, maternity 25, GP records 10 years after death. `general` is
 * for what does not tell; the site decides how long that is kept. In ascending order of how long they are kept.
 */
export const retentionClasses = ['general', 'adult', 'child', 'mental-health', 'maternity', 'gp'] as const;

export type RetentionClass = (typeof retentionClasses)[number];

const practiceSettings = [
  'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCode',
  'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCodeEngland',
  'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCodeWales',
];

/** NHS Data Dictionary main specialty codes; 500 is obstetrics and gynaecology together and settles nothing. */
const specialties: readonly (readonly [RetentionClass, string])[] = [
  ['child', '171 420 421'],
  ['maternity', '501 510 520 560'],
  ['mental-health', '710 711 712 713 715'],
];

/** `system|code` to class, for codes that settle it by themselves. */
export const retentionCodes: ReadonlyMap<string, RetentionClass> = new Map([
  ...practiceSettings.flatMap((system) =>
    specialties.flatMap(([retention, codes]) =>
      codes.split(' ').map((code): [string, RetentionClass] => [`${system}|${code}`, retention]),
    ),
  ),
  // Encounters for pregnancy care: SNOMED CT 424525001 antenatal care, 133906008 postpartum care.
  ['http://snomed.info/sct|424525001', 'maternity'],
  ['http://snomed.info/sct|133906008', 'maternity'],
]);

/** The class kept longer wins: keeping too long is mended by review, destroying too early by nothing. */
export function longerRetention(a: RetentionClass, b: RetentionClass): RetentionClass {
  return retentionClasses.indexOf(a) >= retentionClasses.indexOf(b) ? a : b;
}
