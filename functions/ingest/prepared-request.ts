import type { AuditRecord } from '../audit/audit-record';
import type { RetentionClass } from '../privacy/rules/retention-codes';
import type { SplitReport } from '../privacy/split';
import type { Expectation, RequestOutcome, Resolution } from './ledger';
import type { SplitNote } from './split-note';

/** A resource after validation and split: its clinical line, its identity line, and what the ledger must know. */
export interface PreparedEntry {
  readonly type: string;
  /** Re-keyed. */
  readonly id: string;
  readonly formerId: string | undefined;
  readonly expectation: Expectation;
  readonly assignedId: string | undefined;
  readonly patientRef: string | undefined;
  readonly retention: RetentionClass;
  readonly identifiers: readonly string[];
  /** The clinical copy as one line of JSON; undefined when nothing is written (`exists`). */
  readonly clinicalLine: string | undefined;
  /** What the split took out, for the identity zone; undefined when nothing about a person was removed. */
  readonly identityRecord: object | undefined;
  /** What the split changed and why, without a value; undefined when nothing is written. */
  readonly report: SplitReport | undefined;
}

/** A request ready to land: nothing of it exists for anybody until its group has committed. */
export interface PreparedRequest {
  readonly provider: string;
  readonly requestId: string;
  readonly digests: readonly string[];
  readonly tokenVersion: number;
  readonly atomic: boolean;
  readonly entries: readonly PreparedEntry[];
  readonly resolutions: readonly Resolution[];
  readonly notes: string;
  /** The body as it came, letter for letter. */
  readonly original: string;
  readonly interaction: string;
  readonly splitNote: SplitNote;
  readonly audit: (outcome: RequestOutcome) => AuditRecord;
}
