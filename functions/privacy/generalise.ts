import { LakeError } from '../../adapters/ports/errors';

/**
 * Coarser values that keep their use. Sources of the levels: Discovery Data Service (first of the month or year of birth,
 * outward part of the postcode), HIC Dundee (birth within three months, postcode district).
 */
export type DatePrecision = 'day' | 'month' | 'quarter' | 'year';

const datePattern = /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?(?:T.*)?$/;

/**
 * Cuts a FHIR date or dateTime to the first day of its month, quarter or year: a whole date, so that SQL can cast it, and
 * two people of one month cannot be told apart. A date already coarser stays as coarse as it came. Undefined for no date.
 */
export function generaliseDate(text: string, precision: DatePrecision): string | undefined {
  const match = datePattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day] = match;
  if (month === undefined || year === undefined) return year;
  if (precision === 'year') return `${year}-01-01`;
  if (precision === 'quarter')
    return `${year}-${String(Math.floor((Number(month) - 1) / 3) * 3 + 1).padStart(2, '0')}-01`;
  if (day === undefined) return `${year}-${month}`;
  return precision === 'month' ? `${year}-${month}-01` : `${year}-${month}-${day}`;
}

/** Royal Mail formats A9, A99, AA9, AA99, A9A, AA9A (PAF programmers' guide); GIR 0AA is a bank, not a home. */
const postcode = /^([A-Z]{1,2}[0-9][0-9A-Z]?)(?:\s*[0-9][A-Z]{2})?$/;

/** The outward part (district, for example `BS1`) of a UK postcode; undefined for anything else. */
export function outwardPostcode(text: string): string | undefined {
  const compact = text.trim().toUpperCase();
  // "BS11AA" without a space: the inward part is always the last three.
  const spaced = /^[A-Z0-9]{5,7}$/.test(compact) ? `${compact.slice(0, -3)} ${compact.slice(-3)}` : compact;
  return postcode.exec(spaced)?.[1];
}

/** Age in whole years on a day (ISO dates); ages of 90 and over become one group, as their holders are few. */
export function ageBand(birthDate: string, on: string, width = 5): string | undefined {
  if (!Number.isInteger(width) || width < 1) {
    throw new LakeError('InvalidArgument', 'The width of an age band must be a whole number of years, at least 1.');
  }
  const born = datePattern.exec(birthDate);
  const day = datePattern.exec(on);
  if (born === null || day === null) return undefined;
  const monthDay = (match: RegExpExecArray) => `${match[2] ?? '01'}-${match[3] ?? '01'}`;
  const age = Number(day[1]) - Number(born[1]) - (monthDay(day) < monthDay(born) ? 1 : 0);
  if (age < 0) return undefined;
  if (age >= 90) return '90+';
  const from = Math.floor(age / width) * width;
  return width === 1 ? String(from) : `${from}-${Math.min(from + width - 1, 89)}`;
}
