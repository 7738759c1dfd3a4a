import { LakeError } from '../../adapters/ports/errors';
import { readNhsNumber } from './nhs-number';

/**
 * Opt-outs are a property of the purpose, never of the store: one predicate, called with the purpose. The two lists have
 * opposite polarities (OpenSAFELY states them the same way): the national data opt-out service answers with the numbers
 * that may be used, a practice lists the Type 1 dissents that may not.
 */
export const purposes = ['individual-care', 'planning', 'research'] as const;

export type Purpose = (typeof purposes)[number];

/** Neither opt-out limits a person's own care (national data opt-out policy chapter 2): a flu invitation must reach them. */
export const isLimited = (purpose: Purpose): boolean => purpose !== 'individual-care';

export interface OptOutLists {
  /** Answer of the national data opt-out service: people who have NOT opted out. */
  readonly notOptedOut: OptOutList | undefined;
  /** Type 1 dissents recorded by practices: people who HAVE opted out. */
  readonly typeOneDissents: OptOutList | undefined;
}

interface OptOutList {
  /** When the list was answered or extracted. */
  readonly asOf: Date;
  /** Person keys, in whatever form both sides share (tokens or random person ids, never NHS numbers outside identity). */
  readonly people: ReadonlySet<string>;
}

export interface OptOutSettings {
  /** Longest a list may be relied on, in days. No default: the national policy text names none, so the site must decide. */
  readonly longestAgeDays: number;
}

export type OptOutDecision =
  | { readonly kind: 'include' }
  | { readonly kind: 'exclude'; readonly because: 'national-data-opt-out' | 'type-1-opt-out' };

/** Builds the predicate for one purpose at one moment. Throws `PreconditionFailed` when a list it needs is missing or too old. */
export function optOutFilter(
  purpose: Purpose,
  lists: OptOutLists,
  settings: OptOutSettings,
  now: Date,
): (person: string) => OptOutDecision {
  if (!(purposes as readonly unknown[]).includes(purpose)) {
    throw new LakeError(
      'InvalidArgument',
      `The purpose is not one the opt-out rules know. Allowed: ${purposes.join(', ')}.`,
    );
  }
  if (!(settings.longestAgeDays > 0)) {
    throw new LakeError(
      'InvalidArgument',
      'The longest age of an opt-out list is not set. Set a number of days above 0; there is no default.',
    );
  }
  const include: OptOutDecision = { kind: 'include' };
  if (!isLimited(purpose)) return () => include;
  const allowed = freshList(lists.notOptedOut, 'national data opt-out', settings, now).people;
  const dissents = freshList(lists.typeOneDissents, 'Type 1 opt-out', settings, now).people;
  return (person) => {
    if (dissents.has(person)) return { kind: 'exclude', because: 'type-1-opt-out' };
    return allowed.has(person) ? include : { kind: 'exclude', because: 'national-data-opt-out' };
  };
}

function freshList(list: OptOutList | undefined, name: string, settings: OptOutSettings, now: Date): OptOutList {
  if (list === undefined) {
    throw new LakeError(
      'PreconditionFailed',
      `The ${name} list is missing, so nothing is released. Give it with \`lake identity opt-out load\`, then ask again.`,
    );
  }
  const age = now.getTime() - list.asOf.getTime();
  // A list from the future means a wrong clock on one side; its age cannot be judged.
  if (!(age >= 0 && age <= settings.longestAgeDays * 86_400_000)) {
    throw new LakeError(
      'PreconditionFailed',
      `The ${name} list is older than allowed, or dated in the future. Give a new one with \`lake identity opt-out load\`, then ask again.`,
    );
  }
  return list;
}

/**
 * The file for the check service over MESH: one NHS number a line, a comma after it, LF line ends. One malformed number
 * fails the whole file there, so each is checked here first (`InvalidArgument`).
 */
export function writeMeshList(nhsNumbers: Iterable<string>): string {
  let text = '';
  for (const number of nhsNumbers) {
    const reading = readNhsNumber(number);
    if (reading.kind !== 'valid') {
      throw new LakeError(
        'InvalidArgument',
        'An NHS number of the list is not valid, and one is enough to fail the whole file. Send only numbers that pass the check digit.',
      );
    }
    text += `${reading.value},\n`;
  }
  return text;
}

/**
 * The service's answer, in the form of the question with opted-out numbers missing. Any line that is not ten digits, a
 * comma and LF, a number that was not asked about, or a missing last LF makes the whole answer unusable (`InvalidArgument`).
 */
export function readMeshList(text: string, asked: ReadonlySet<string>): ReadonlySet<string> {
  const refuse = (line: number, why: string): never => {
    throw new LakeError(
      'InvalidArgument',
      `Line ${line} of the opt-out answer ${why}. The answer is not used; ask the service again.`,
    );
  };
  const lines = text.split('\n');
  if (lines.pop() !== '') refuse(lines.length + 1, 'has no line end (LF): the file may be cut');
  const people = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (line.endsWith('\r')) refuse(index + 1, 'ends with CRLF where LF is expected');
    if (!/^[0-9]{10},$/.test(line)) refuse(index + 1, 'is not ten digits and a comma');
    const number = line.slice(0, 10);
    if (readNhsNumber(number).kind !== 'valid') refuse(index + 1, 'fails the check digit');
    if (!asked.has(number)) refuse(index + 1, 'holds a number that was not asked about');
    if (people.has(number)) refuse(index + 1, 'repeats a number');
    people.add(number);
  }
  return people;
}

/** An extract of Type 1 dissents: one NHS number a line, a comma allowed after it. One wrong line and nothing of it is used. */
export function readTypeOneList(text: string): ReadonlySet<string> {
  const people = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const number = line.trim().replace(/,$/, '');
    if (number === '') continue;
    const reading = readNhsNumber(number);
    if (reading.kind !== 'valid')
      throw new LakeError(
        'InvalidArgument',
        `Line ${index + 1} of the Type 1 list is no NHS number. The list is not used; extract it again.`,
      );
    people.add(reading.value);
  }
  return people;
}

/** File name the service expects: `mailbox-ddmmyy-nnnn.dat`. */
export function meshFileName(mailbox: string, day: Date, sequence: number): string {
  if (!/^[A-Za-z0-9]{4,20}$/.test(mailbox) || !Number.isInteger(sequence) || sequence < 1 || sequence > 9999) {
    throw new LakeError(
      'InvalidArgument',
      'A MESH file name needs a mailbox of letters and digits and a sequence from 1 to 9999.',
    );
  }
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${two(day.getUTCDate())}${two(day.getUTCMonth() + 1)}${two(day.getUTCFullYear() % 100)}`;
  return `${mailbox}-${date}-${String(sequence).padStart(4, '0')}.dat`;
}
