/** Every kind of problem a verification can find, with what to do about it. */
const auditProblems = {
  'segment-missing':
    'A segment is gone. Restore it from a copy of the audit zone and verify again; find out who could delete.',
  'segment-unreadable': 'A segment is not UTF-8 lines, or cannot be read. Compare it with a copy of the audit zone.',
  'record-malformed': 'A line has not the form of a sealed record: it was changed or put in. Compare with a copy.',
  'record-edited':
    'The record does not have the hash it was sealed with: it was changed afterwards. Compare with a copy.',
  'record-missing': 'Records before this one are gone, or it was moved. Compare with a copy of the audit zone.',
  'record-repeated': 'A record stands here again or out of its order (replay or reordering). Compare with a copy.',
  'chain-broken': 'This record does not continue the one before it: one of the two was exchanged. Compare with a copy.',
  'root-mismatch': 'The records up to here are not those the checkpoint was signed over. Compare with a copy.',
  'tail-cut': 'A signed checkpoint covers more records than there are: the end was cut off. Restore it from a copy.',
  'records-uncovered':
    'Records stand behind the last signed checkpoint. Verify again after the next beat; if they stay, they were put in.',
  'checkpoint-malformed': 'A checkpoint does not have the form the lake writes. Compare it with the witness.',
  'checkpoint-forged':
    'A checkpoint is not signed by a key given to this verification. Give the public keys of all versions of the audit key; if it stays, the checkpoint was forged.',
  'checkpoint-missing': 'A checkpoint between others is gone. Restore it from the witness.',
  'checkpoint-removed': 'The witness holds a checkpoint that the audit zone has lost. Find out what was cut with it.',
  'checkpoint-chain-broken': 'A checkpoint does not continue the one before it. Compare both with the witness.',
  'two-histories':
    'The audit key signed two different statements about the same point of the log. Treat the key as stolen and the log as rewritten from there.',
  'witness-differs':
    'Audit zone and witness hold different bytes for one checkpoint. One was changed; the signature tells which.',
  'witness-missing':
    'The witness lacks a checkpoint that later ones follow, or lags behind. Check who can write there and reach it.',
  'no-checkpoint':
    'There is no checkpoint, so nothing can be proved. The sealer has never run, or the log was removed.',
  silent:
    'No checkpoint reached the witness for longer than allowed. The sealer stopped or was stopped: start it and find out why.',
  'object-unexpected': 'An object stands in the audit zone that the lake does not write. Find out who put it there.',
} as const;

export type AuditProblemKind = keyof typeof auditProblems;

export interface AuditProblem {
  readonly kind: AuditProblemKind;
  /** Position of the record (from 1) or, for checkpoints, the size of the log they speak of; 0 for the log as a whole. */
  readonly position: number;
  /** Key of the object. */
  readonly object: string | undefined;
  readonly whatToDo: string;
}

/** A list that stays short when everything is broken; `found` counts what was left out. */
export class AuditProblems {
  readonly list: AuditProblem[] = [];
  found = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(kind: AuditProblemKind, position: number, object?: string): void {
    this.found += 1;
    if (this.list.length < this.#limit) this.list.push({ kind, position, object, whatToDo: auditProblems[kind] });
  }
}
