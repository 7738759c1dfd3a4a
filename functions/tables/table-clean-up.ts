import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { DataFiles } from './data-files';
import { longestReaderMilliseconds } from './delta-log';
import type { Snapshot } from './snapshot';

/** Deletes data files of a table that its newest version does not name, when they are due. Gives how many. */
export async function deleteUnnamed(
  store: Pick<ObjectStore, 'list'>,
  files: Pick<DataFiles, 'remove'>,
  table: string,
  snapshot: Snapshot,
  isDue: (file: { readonly removed: Date | undefined; readonly lastModified: Date }) => boolean,
): Promise<number> {
  const live = new Set([...snapshot.files.keys()].map(decodeURIComponent));
  const removedAt = new Map(
    [...snapshot.tombstones.values()].map(({ path, deletionTimestamp }) => [
      decodeURIComponent(path),
      new Date(deletionTimestamp ?? 0),
    ]),
  );
  const due: string[] = [];
  for await (const { key, lastModified } of store.list(`${table}/`)) {
    const path = key.slice(table.length + 1);
    if (!path.endsWith('.parquet') || path.startsWith('_delta_log/') || live.has(path)) continue;
    if (isDue({ removed: removedAt.get(path), lastModified })) due.push(key);
  }
  for (const key of due) await files.remove(key);
  return due.length;
}

export function checkSafetyAge(olderThan: Date): void {
  if (olderThan.getTime() > Date.now() - longestReaderMilliseconds) {
    throw new LakeError(
      'InvalidArgument',
      'Files younger than a day may still be read or be about to be committed. Vacuum with a moment at least a day ago; erasure goes by forgetHistory.',
    );
  }
}
