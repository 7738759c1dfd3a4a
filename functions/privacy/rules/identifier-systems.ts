import { nhsNumberSystem, retiredNhsNumberSystem } from '../nhs-number';

/**
 * Identifier systems of organisations: public registers, no people. Their values stay as they are when they have the form
 * of the register (ODS: trusts and boards of 3 signs, sites of 5, practices of a letter and 5 digits, others of 5 or 6 with
 * digits), which has no room for a name.
 */
const odsCode =
  /^(?:[A-Z0-9]{3}|(?=.*[0-9])(?=.*[A-Z])(?:[A-Z0-9]{5}|[A-Z][0-9]{5}|[A-Z]{2}[0-9]{3,4}|[A-Z]{3}[0-9]{2,3}))$/;

export const publicIdentifierSystems: ReadonlyMap<string, RegExp> = new Map([
  ['https://fhir.nhs.uk/Id/ods-organization-code', odsCode],
  ['https://fhir.nhs.uk/Id/ods-site-code', odsCode],
]);

/**
 * Identifier systems of people, patients and staff alike. They never stand in the clinical copy, not even as tokens: the
 * token of a person's number would join the lake past the link table, where it cannot be corrected or undone.
 */
export const personIdentifierSystems: ReadonlySet<string> = new Set([
  nhsNumberSystem,
  retiredNhsNumberSystem,
  'https://fhir.hl7.org.uk/Id/chi-number',
  'https://fhir.hl7.org.uk/Id/health-and-social-care-number',
  'http://hl7.org/fhir/sid/us-ssn',
  'http://hl7.org/fhir/sid/us-npi',
  'http://hl7.org/fhir/sid/us-medicare',
  ...[
    'gmc-number',
    'gmp-number',
    'nmc-number',
    'gphc-number',
    'gdc-number',
    'hcpc-number',
    'din-number',
    'professional-code',
    'nhsbsa-spurious-code',
    'goc-number',
  ].map((name) => `https://fhir.hl7.org.uk/Id/${name}`),
  ...['sds-user-id', 'sds-role-profile-id', 'local-patient-identifier', 'nhs-login-user-id'].flatMap((name) => [
    `https://fhir.nhs.uk/Id/${name}`,
    `http://fhir.nhs.net/Id/${name}`,
  ]),
]);
