import { createHash, randomUUID } from 'node:crypto';
import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '../../adapters/ports/object-store';

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
  const file = join(spoolFolder, `fetched-${createHash('sha256').update(key).digest('hex').slice(0, 32)}.parquet`);
  const present = await stat(file).catch(() => undefined);
  if (present === undefined) {
    const partial = `${file}.${randomUUID()}`;
    await writeFile(partial, store.stream(key));
    await rename(partial, file);
  }
  return file;
}
