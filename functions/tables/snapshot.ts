import { LakeError } from '../../adapters/ports/errors';
import type { DeltaSchema } from './column-types';
import type { Action, AddFile, MetaData, Protocol, RemoveFile } from './delta-actions';

/** A whole version of a table. */
export interface Snapshot {
  /** -1 when the table does not exist. */
  readonly version: number;
  readonly protocol: Protocol | undefined;
  readonly metaData: MetaData | undefined;
  /** What the version consists of, by path. */
  readonly files: ReadonlyMap<string, AddFile>;
  /** What earlier versions consisted of and vacuum has to take away, by path. */
  readonly tombstones: ReadonlyMap<string, RemoveFile>;
  /** The last version of each application that writes by numbered batches. */
  readonly transactions: ReadonlyMap<string, number>;
}

export const emptySnapshot: Snapshot = {
  version: -1,
  protocol: undefined,
  metaData: undefined,
  files: new Map(),
  tombstones: new Map(),
  transactions: new Map(),
};

/** The snapshot after some commits (or after the actions of a checkpoint), the last of them at `version`. */
export function replay(before: Snapshot, version: number, actions: Iterable<Action>): Snapshot {
  const files = new Map(before.files);
  const tombstones = new Map(before.tombstones);
  const transactions = new Map(before.transactions);
  let { metaData, protocol } = before;
  for (const action of actions) {
    if ('add' in action) {
      files.set(action.add.path, action.add);
      tombstones.delete(action.add.path);
    } else if ('remove' in action) {
      files.delete(action.remove.path);
      tombstones.set(action.remove.path, action.remove);
    } else if ('metaData' in action) metaData = action.metaData;
    else if ('txn' in action) transactions.set(action.txn.appId, action.txn.version);
    else if ('protocol' in action) protocol = action.protocol;
  }
  checkReadable(protocol);
  return { version, protocol, metaData, files, tombstones, transactions };
}

/** The columns of a snapshot; a table that does not exist has none. */
export function schemaOf({ metaData }: Snapshot): DeltaSchema | undefined {
  return metaData === undefined ? undefined : (JSON.parse(metaData.schemaString) as DeltaSchema);
}

function checkReadable(protocol: Protocol | undefined): void {
  if ((protocol?.minReaderVersion ?? 1) > 1) {
    throw new LakeError(
      'Unsupported',
      'The table asks for a newer Delta protocol than reader 1 (column mapping, deletion vectors or other features). Write it with the features of (1,2) only.',
    );
  }
}

/** Refuses what a writer of version 2 must not do to a table (PROTOCOL.md, Requirements for Writers). */
export function checkWritable({ protocol, metaData }: Snapshot, removesRows: boolean): void {
  if ((protocol?.minWriterVersion ?? 2) > 2) {
    throw new LakeError(
      'Unsupported',
      'The table asks writers for more than Delta protocol writer 2 (constraints, change data, generated columns or other features). The lake only reads it.',
    );
  }
  if (/"delta\.invariants"|"nullable":\s*false/.test(metaData?.schemaString ?? '')) {
    throw new LakeError(
      'Unsupported',
      'The table declares NOT NULL columns or invariants, which the lake does not check. Take them off, or write it with the engine that set them.',
    );
  }
  if (removesRows && metaData?.configuration['delta.appendOnly'] === 'true') {
    throw new LakeError(
      'PreconditionFailed',
      'The table takes appended rows only (delta.appendOnly). Set that property to false before rows are deleted or replaced.',
    );
  }
}
