import { createHmac, type KeyObject } from 'node:crypto';

/**
 * How one message was split, sealed beside its original: what only the moment of landing knew. With it `lake identity resplit`
 * splits the original again under other rules, without asking a ledger that has moved on, and sees what would change without
 * opening a clinical copy.
 */
export interface SplitNote {
  /** Version of the pseudonym key that ids and digests were made under. */
  readonly tokenVersion: number;
  readonly entries: readonly SplitEntry[];
  /** What the business identifiers it refers by meant: re-keyed id by `<type> <token>`. */
  readonly meanings: Readonly<Record<string, string>>;
}

export interface SplitEntry {
  /** Place among the entries of the interaction. */
  readonly index: number;
  readonly type: string;
  /** Re-keyed. */
  readonly id: string;
  /** Of the clinical line; undefined when none was written (`ifNoneExist` found the resource). */
  readonly digest?: string;
}

/** Keyed: a copy with few possible contents must not be found by trying them. 128 bits, base64url. */
export const clinicalDigest = (digestKey: KeyObject, clinicalLine: string): string =>
  createHmac('sha256', digestKey)
    .update('clinical line\n')
    .update(clinicalLine)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
