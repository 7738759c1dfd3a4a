import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '../../adapters/ports/object-store';

const copyOf = (spoolFolder: string, key: string): string =>
  join(spoolFolder, `fetched-${createHash('sha256').update(key).digest('hex').slice(0, 32)}.parquet`);

/**
 * Where an object that never changes lies on this machine: in place when the store can say so, else fetched into the spool
 * folder, once. A fetch that is cut short leaves nothing under the name.
 */
export async function placeFile(
  store: Pick<ObjectStore, 'capabilities' | 'localPath' | 'stream'>,
  spoolFolder: string,
  key: string,
): Promise<string> {
  if (store.capabilities.has('localPath')) return store.localPath(key);
  const file = copyOf(spoolFolder, key);
  const present = await stat(file).catch(() => undefined);
  if (present === undefined) {
    await mkdir(spoolFolder, { recursive: true });
    const partial = `${file}.${randomUUID()}`;
    try {
      await writeFile(partial, store.stream(key));
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
  }
  return file;
}

/** Folders that a query session must be allowed to read, so that the files of a store are read in place. */
export const readableFoldersOf = (store: Pick<ObjectStore, 'capabilities' | 'localPath'>): string[] =>
  store.capabilities.has('localPath') ? [dirname(store.localPath('any'))] : [];

/** Deletes the copy that `placeFile` may have made: an object that is gone must not stay readable here. */
export const removePlaced = (spoolFolder: string, key: string): Promise<void> =>
  rm(copyOf(spoolFolder, key), { force: true });
