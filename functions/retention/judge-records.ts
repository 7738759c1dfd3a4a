import type { PatientLifespan } from '../identity/identity-register';
import { endOfRecord, type Lifespan, type RetentionSchedule } from './retention-schedule';
import type { LegalHold, PatientRecord } from './retention-store';

export interface JudgeServices {
  readonly holds: readonly Pick<LegalHold, 'kind' | 'subject'>[];
  /** What the identity zone knows of these patients; absent where it knows nothing. */
  readonly lifespansOf: (patients: readonly string[]) => Promise<ReadonlyMap<string, PatientLifespan>>;
  /** Every patient, of whatever provider, who is the same person as this one. */
  readonly samePerson: (patient: string) => Promise<readonly string[]>;
}

export interface JudgedRecord extends PatientRecord {
  /** Undefined: kept until somebody decides. */
  readonly end: Date | undefined;
  readonly verdict: 'kept' | 'due' | 'held';
}

/** The first and the last day that a date of FHIR can mean (`1990`, `1990-02`, `1990-02-03`, a dateTime). */
export function daysOf(text: unknown): readonly [Date, Date] | undefined {
  const found = typeof text === 'string' ? /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(text) : null;
  if (found === null) return undefined;
  const [year, month, day] = [Number(found[1]), found[2], found[3]];
  const first = new Date(Date.UTC(year, Number(month ?? 1) - 1, Number(day ?? 1)));
  // Day 0 is the last of the month before.
  const last = day === undefined ? new Date(Date.UTC(year, Number(month ?? 12), 0)) : first;
  return Number.isNaN(last.getTime()) ? undefined : [first, last];
}

/** A death that was only said to have taken place was before the message that said so. */
function lifespanOf({ contact }: PatientRecord, known: PatientLifespan | undefined): Lifespan {
  const last = new Date(contact);
  const death = known?.deceased === true ? last : daysOf(known?.deceased)?.[1];
  return { contact: last, birth: daysOf(known?.birthDate), death };
}

/** Judges some records of people that the ledger holds. Looks only. */
export async function judgeRecords(
  { holds, lifespansOf, samePerson }: JudgeServices,
  records: readonly PatientRecord[],
  schedule: RetentionSchedule,
  now: Date,
): Promise<readonly JudgedRecord[]> {
  const subjects = (kind: LegalHold['kind']) =>
    new Set(holds.filter((hold) => hold.kind === kind).map(({ subject }) => subject));
  const [providers, patients] = [subjects('provider'), subjects('patient')];
  const isHeld = async (patient: string): Promise<boolean> =>
    patients.size > 0 && [patient, ...(await samePerson(patient))].some((one) => patients.has(one));
  const known = await lifespansOf(records.map(({ patient }) => patient));
  const judged: JudgedRecord[] = [];
  for (const record of records) {
    const end = endOfRecord(schedule, record.classes, lifespanOf(record, known.get(record.patient)));
    let verdict: JudgedRecord['verdict'] = end !== undefined && end <= now ? 'due' : 'kept';
    // A hold on a person is on all of them, also on what another provider sent since.
    if (verdict === 'due' && (providers.has(record.provider) || (await isHeld(record.patient)))) verdict = 'held';
    judged.push({ ...record, end, verdict });
  }
  return judged;
}
