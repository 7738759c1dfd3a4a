/**
 * NHS numbers: format, check digit, who issues which block, how far a number was verified, and what a provider's policy
 * makes of all that. Pure: nothing here logs or repeats a number.
 *
 * Sources: NHS Data Dictionary "NHS NUMBER" (modulus 11), UK Core NHSNumberVerificationStatus (codes 01-08), the issued
 * blocks as listed by the community package nhs-number that the PDS API specification points to.
 */
export const nhsNumberSystem = 'https://fhir.nhs.uk/Id/nhs-number';

/** Used by senders that predate the move of the NHS identifiers to fhir.nhs.uk. */
export const retiredNhsNumberSystem = 'http://fhir.nhs.net/Id/nhs-number';

export const isNhsNumberSystem = (system: unknown): boolean =>
  system === nhsNumberSystem || system === retiredNhsNumberSystem;

/** `synthetic` is 999, kept free for made-up people; `not-issued` holds the other test blocks (most PDS samples are 9xx). */
export type NhsNumberRange = 'issued' | 'synthetic' | 'not-issued';

type NhsNumberFault = 'not-a-string' | 'characters' | 'length' | 'check-digit';

export type NhsNumberReading =
  | {
      readonly kind: 'valid';
      /** Ten digits. */
      readonly value: string;
      readonly range: NhsNumberRange;
      /** The sender wrote separators; the ten digits are what counts. */
      readonly reformatted: boolean;
    }
  | { readonly kind: 'invalid'; readonly fault: NhsNumberFault };

// Forms show 3-3-4 with spaces or dashes (NHS service manual); word processors turn them into the wide or unbroken kinds.
const separators = /[\s\u00a0\u2007\u202f.\-\u2010-\u2015]/g;

/** Modulus 11: weights 10 to 2 on nine digits; 11 stands for 0, 10 makes the number invalid. `digits` is ten digits. */
export function hasNhsCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += (digits.charCodeAt(index) - 48) * (10 - index);
  const check = 11 - (sum % 11);
  return check !== 10 && (check === 11 ? 0 : check) === digits.charCodeAt(9) - 48;
}

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A Scottish CHI number begins with the day and month of birth: 010... to 311.... */
function isChiPrefix(digits: string): boolean {
  const day = Number(digits.slice(0, 2));
  const month = Number(digits.slice(2, 4));
  return day >= 1 && day <= (daysInMonth[month - 1] ?? 0);
}

export function rangeOfNhsNumber(digits: string): NhsNumberRange {
  const prefix = Number(digits.slice(0, 3));
  if (prefix === 999) return 'synthetic';
  // England, Wales, Isle of Man: 400-499 and 600-799; Northern Ireland: 320-399.
  if ((prefix >= 320 && prefix <= 499) || (prefix >= 600 && prefix <= 799)) return 'issued';
  return isChiPrefix(digits) ? 'issued' : 'not-issued';
}

export function readNhsNumber(text: unknown): NhsNumberReading {
  if (typeof text !== 'string') return { kind: 'invalid', fault: 'not-a-string' };
  const digits = text.replace(separators, '');
  if (!/^[0-9]*$/.test(digits)) return { kind: 'invalid', fault: 'characters' };
  if (digits.length !== 10) return { kind: 'invalid', fault: 'length' };
  if (!hasNhsCheckDigit(digits)) return { kind: 'invalid', fault: 'check-digit' };
  return { kind: 'valid', value: digits, range: rangeOfNhsNumber(digits), reformatted: digits !== text };
}

/**
 * Could this text, in whatever field it stands, be somebody's NHS number? Blocks no code system reaches count even without
 * a bearer (9xx and 5xx appear in NHS samples); a ten-digit SNOMED CT concept begins with 1 and is no date, so it passes.
 */
export function looksLikeNhsNumber(text: string): boolean {
  const reading = readNhsNumber(text);
  return reading.kind === 'valid' && (reading.range !== 'not-issued' || reading.value >= '5');
}

/** UK Core NHSNumberVerificationStatusEngland. */
const verificationStatuses = {
  '01': 'number present and verified',
  '02': 'number present but not traced',
  '03': 'trace required',
  '04': 'trace attempted, no match or several',
  '05': 'trace needs to be resolved',
  '06': 'trace in progress',
  '07': 'number not present and trace not required',
  '08': 'trace postponed (baby under six weeks)',
} as const;

export type VerificationStatus = keyof typeof verificationStatuses;

export const isVerificationStatus = (code: unknown): code is VerificationStatus =>
  typeof code === 'string' && Object.hasOwn(verificationStatuses, code);

/** Only a valid number that its holder verified may join a person that is already known; all others stay provisional. */
export function mayLinkPerson(reading: NhsNumberReading, status: VerificationStatus | undefined): boolean {
  return reading.kind === 'valid' && status === '01';
}

export interface NhsNumberPolicy {
  /** What becomes of a message whose number is not well formed. */
  readonly onInvalid: 'reject' | 'quarantine' | 'flag';
  /**
   * `test` refuses numbers of issued blocks, so that no live patient enters a lake that is not live; `live` flags numbers
   * outside the issued blocks. Left out, the block is not looked at.
   */
  readonly population?: 'live' | 'test';
}

type NhsNumberFinding =
  | NhsNumberFault
  | 'absent'
  | 'reformatted'
  | 'retired-system'
  | 'live-number-in-test-lake'
  | 'test-number-in-live-lake';

export interface NhsNumberDecision {
  readonly action: 'accept' | 'flag' | 'quarantine' | 'reject';
  readonly findings: readonly NhsNumberFinding[];
}

export interface NhsNumberClaim {
  /** Identifier.system as sent. */
  readonly system?: unknown;
  /** Identifier.value as sent; undefined when the patient has no NHS number. */
  readonly value?: unknown;
  /** The patient carries Extension-UKCore-NHSNumberUnavailableReason. */
  readonly unavailableReason?: boolean;
}

/** One decision for one claimed number. An absent number is never refused: a person without one still needs care. */
export function decideNhsNumber(claim: NhsNumberClaim, policy: NhsNumberPolicy): NhsNumberDecision {
  if (claim.value === undefined) {
    return claim.unavailableReason === true
      ? { action: 'accept', findings: [] }
      : { action: 'flag', findings: ['absent'] };
  }
  const reading = readNhsNumber(claim.value);
  if (reading.kind === 'invalid') return { action: policy.onInvalid, findings: [reading.fault] };
  const findings: NhsNumberFinding[] = [];
  if (reading.reformatted) findings.push('reformatted');
  if (claim.system === retiredNhsNumberSystem) findings.push('retired-system');
  if (policy.population === 'live' && reading.range !== 'issued') findings.push('test-number-in-live-lake');
  if (policy.population === 'test' && reading.range === 'issued') {
    // Refused whatever the provider's policy says: quarantine or a flag would still store a live patient.
    return { action: 'reject', findings: [...findings, 'live-number-in-test-lake'] };
  }
  return { action: findings.length > 0 ? 'flag' : 'accept', findings };
}
