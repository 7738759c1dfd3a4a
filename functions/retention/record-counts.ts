import type { JudgedRecord } from './judge-records';

/** How many records stand how. A record is what one provider holds of one person. */
export interface RecordCounts {
  /** Of these, nothing ends the `undecided`. */
  readonly kept: number;
  readonly undecided: number;
  readonly due: number;
  readonly held: number;
}

/** Counts of some records, and when the next of those that are kept ends: RFC 3339, or a part of it. */
export interface CountedRecords {
  readonly records: RecordCounts;
  readonly next: string | undefined;
}

export const noRecords: CountedRecords = {
  records: { kept: 0, undecided: 0, due: 0, held: 0 },
  next: undefined,
};

export function countRecords(judged: readonly JudgedRecord[]): CountedRecords {
  const having = (verdict: JudgedRecord['verdict']): number => judged.filter((one) => one.verdict === verdict).length;
  const ends = judged.filter(({ verdict }) => verdict === 'kept').flatMap(({ end }) => end?.toISOString() ?? []);
  const undecided = judged.filter(({ end }) => end === undefined).length;
  return {
    records: { kept: having('kept'), undecided, due: having('due'), held: having('held') },
    next: ends.sort()[0],
  };
}

export const together = (one: CountedRecords, other: CountedRecords): CountedRecords => {
  const sum = (name: keyof RecordCounts): number => one.records[name] + other.records[name];
  return {
    records: { kept: sum('kept'), undecided: sum('undecided'), due: sum('due'), held: sum('held') },
    next: [one.next, other.next].filter((next) => next !== undefined).sort()[0],
  };
};
