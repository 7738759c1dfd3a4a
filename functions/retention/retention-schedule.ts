import { LakeError } from '../../adapters/ports/errors';
import { type RetentionClass, retentionClasses } from '../privacy/rules/retention-codes';

/** How long a class is kept; what is left out does not end it, and a class without any is kept until the site decides. */
export interface RetentionPeriod {
  /** Whole years after the last contact: the newest message of the provider about the person. */
  readonly contact?: number;
  /** Whole years after death, where the death is known; it counts instead of `contact`. */
  readonly death?: number;
  /** Birthday up to which a child's record is kept, and the one where the last contact was at 17. */
  readonly birthday?: readonly [number, number];
}

export interface RetentionSchedule {
  readonly classes: Readonly<Record<RetentionClass, RetentionPeriod>>;
  /** Days that a message may wait in quarantine; without it, until somebody decides. */
  readonly quarantineDays?: number;
  /** Days that the upload and the outcome of an import that has ended are kept: what it brought has landed with originals of its own. */
  readonly importDays?: number;
}

/**
 * Records Management Code of Practice (in force text of August 2023): adults 8 years; children to the 25th birthday, the 26th if
 * 17 at the end of treatment; mental health 20 years after treatment or 10 after death; maternity 25; GP 10 after death.
 * A child seen again as an adult is kept as an adult as well.
 */
export const codeOfPractice: RetentionSchedule = {
  classes: {
    general: {},
    adult: { contact: 8 },
    child: { contact: 8, birthday: [25, 26] },
    'mental-health': { contact: 20, death: 10 },
    maternity: { contact: 25 },
    gp: { death: 10 },
  },
  importDays: 30,
};

/** What the end of a record depends on. */
export interface Lifespan {
  readonly contact: Date;
  /** The first and the last day it can be: a date may be known in part. */
  readonly birth: readonly [Date, Date] | undefined;
  /** The last day it can be. */
  readonly death: Date | undefined;
}

/** The same day so many years on; the first of March for a 29th of February. */
export function yearsOn(day: Date, years: number): Date {
  const later = new Date(day);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}

const latest = (days: readonly Date[]): Date => new Date(Math.max(...days.map((day) => day.getTime())));

function endOfClass({ contact: years, death, birthday }: RetentionPeriod, lifespan: Lifespan): Date | undefined {
  const { contact, birth } = lifespan;
  if (birthday !== undefined) {
    const [usual, later] = birthday;
    // Nobody is younger than new-born at a contact.
    if (birth === undefined) return yearsOn(contact, Math.max(later, years ?? 0));
    const [first, last] = birth;
    const ends = [yearsOn(last, contact >= yearsOn(first, 17) && contact < yearsOn(last, 18) ? later : usual)];
    if (contact >= yearsOn(first, 18)) ends.push(yearsOn(contact, years ?? 0));
    return latest(ends);
  }
  if (death !== undefined && lifespan.death !== undefined) return yearsOn(lifespan.death, death);
  return years === undefined ? undefined : yearsOn(contact, years);
}

/**
 * When a provider's record of a person ends: with the class of it that ends last. `general` says nothing of its own unless the
 * site gives it a period: beside other classes it ends with them. Undefined: kept until somebody decides.
 */
export function endOfRecord(
  { classes }: RetentionSchedule,
  held: readonly RetentionClass[],
  lifespan: Lifespan,
): Date | undefined {
  const telling = held.filter((name) => name !== 'general' || classes.general.contact !== undefined);
  const ends = telling.map((name) => endOfClass(classes[name], lifespan));
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return latest(ends.filter((end) => end !== undefined));
}

const isYears = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 200;
const isDays = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 73_000;

function isPeriod(value: unknown): value is RetentionPeriod {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, years]) =>
    name === 'birthday'
      ? Array.isArray(years) && years.length === 2 && years.every(isYears)
      : (name === 'contact' || name === 'death') && isYears(years),
  );
}

/**
 * A site's own schedule: what it names stands in place of the Code of Practice.
 *
 * @throws LakeError `InvalidArgument` for anything else: a schedule that is half understood would delete.
 */
export function readSchedule(text: string): RetentionSchedule {
  const refused = new LakeError(
    'InvalidArgument',
    `The retention schedule is not understood, so nothing is expired. It is JSON: {"classes": {CLASS: {"contact": YEARS, "death": YEARS, "birthday": [YEARS, YEARS]}}, "quarantineDays": DAYS, "importDays": DAYS}, each part as needed; classes are ${retentionClasses.join(', ')}.`,
  );
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw refused;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw refused;
  const { classes = {}, quarantineDays, importDays, ...unknown } = given as Record<string, unknown>;
  const days = [quarantineDays, importDays].filter((value) => value !== undefined);
  if (Object.keys(unknown).length > 0 || !days.every(isDays)) throw refused;
  if (typeof classes !== 'object' || classes === null) throw refused;
  for (const [name, period] of Object.entries(classes))
    if (!retentionClasses.some((one) => one === name) || !isPeriod(period)) throw refused;
  return {
    ...codeOfPractice,
    ...(given as object),
    classes: { ...codeOfPractice.classes, ...(classes as Partial<RetentionSchedule['classes']>) },
  };
}
