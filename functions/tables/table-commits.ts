import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LakeError } from '../../adapters/ports/errors';
import type { QuerySession } from '../../adapters/ports/query-engine';
import type { DataFiles } from './data-files';
import type { Action, AddFile, Operation } from './delta-actions';
import type { DeltaLog } from './delta-log';
import { checkWritable, type Snapshot } from './snapshot';

/** One change of a table, planned anew on every version it meets until it lands. */
export interface Change {
  readonly operation: Operation;
  /** The version from which files were written before the first plan. */
  readonly begun?: Snapshot;
  /** The actions on top of a snapshot; undefined when there is nothing to do. Throws to refuse. */
  plan(snapshot: Snapshot): Promise<readonly Action[] | undefined> | readonly Action[] | undefined;
  /** Files written for the change so far; those that did not become part of the table are deleted again. */
  written?(): readonly AddFile[];
}

/** Counts erasures in the log (as transactions of an application), where checkpoints keep it. */
export const erasures = 'lake/erasure';

const maxAttempts = 200;
const longestPauseMilliseconds = 50;

/**
 * Optimistic concurrency (PROTOCOL.md, Delta Log Entries): whoever puts a version first has it, the others plan again on top of
 * it. Gives the snapshot after the change, or undefined when there was nothing to do.
 */
export async function commitChange(
  log: DeltaLog,
  files: Pick<DataFiles, 'discard'>,
  session: QuerySession,
  change: Change,
): Promise<Snapshot | undefined> {
  const discardBut = (snapshot?: Snapshot): Promise<void> =>
    files.discard((change.written?.() ?? []).filter(({ path }) => snapshot?.files.has(path) !== true));
  let { begun } = change;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const snapshot = await log.latest();
    begun ??= snapshot;
    let actions: readonly Action[] | undefined;
    try {
      if (change.operation !== 'FORGET') checkNothingErased(begun, snapshot);
      actions = await change.plan(snapshot);
      if (actions !== undefined) checkWritable(snapshot, actions.some(takesRows));
    } catch (error) {
      await discardBut();
      throw error;
    }
    if (actions === undefined) {
      await discardBut();
      return undefined;
    }
    // An error from here on may hide a commit that landed, so nothing of it is taken back.
    const committed = await log.tryCommit(snapshot, [...actions, infoOf(change.operation, actions)]);
    if (committed !== undefined) {
      await discardBut(committed);
      await log.checkpointIfDue(session, committed);
      return committed;
    }
    await pause(Math.random() * Math.min(longestPauseMilliseconds, 2 ** attempt));
  }
  await discardBut();
  throw new LakeError('Unavailable', 'The table changes too often to be written. Try again.');
}

/** An erasure deletes every file that no version names, also those that a change has written and not committed yet. */
function checkNothingErased(begun: Snapshot, snapshot: Snapshot): void {
  if (begun.transactions.get(erasures) === snapshot.transactions.get(erasures)) return;
  throw new LakeError(
    'Unavailable',
    'Rows were erased from the table while these were made, and these may still hold them. Make them again.',
  );
}

const takesRows = (action: Action): boolean => 'remove' in action && action.remove.dataChange;

const infoOf = (operation: Operation, actions: readonly Action[]): Action => ({
  commitInfo: {
    timestamp: Date.now(),
    operation,
    // Predicates would carry values, and the log is kept longer than rows are.
    operationParameters: {},
    isBlindAppend: operation === 'WRITE' && !actions.some((action) => 'remove' in action),
    engineInfo: 'nhs-data-lake',
    txnId: randomUUID(),
  },
});

/** Removals of some files, from now. */
export const removals = (paths: Iterable<string>, dataChange: boolean): Action[] =>
  [...paths].map((path) => ({ remove: { path, deletionTimestamp: Date.now(), dataChange } }));
