import { join } from 'node:path';
import type { ListOptions } from '../ports/object-store';
import { compareObjectKeys, reservedSegment } from '../shared/object-keys';
import { errnoOf, type FileSystem } from './file-errors';
import { headOfSegment, pathOfKey } from './file-paths';

interface Entry {
  /** The key of a file; of a folder the beginning of its keys, ending in `/`. */
  readonly key: string;
  readonly path: string;
  readonly folder: boolean;
}

/** Keys and paths under a prefix in UTF-8 byte order, one folder in memory at a time per level. */
export async function* listFiles(
  files: FileSystem,
  root: string,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<Entry> {
  const above = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const folder = above === '' ? root : pathOfKey(root, above.slice(0, -1));
  yield* walk(files, { key: above, path: folder, folder: true }, prefix, options.startAfter);
}

async function* walk(
  files: FileSystem,
  folder: Entry,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<Entry> {
  const isSought = (entry: Entry): boolean =>
    entry.key.startsWith(prefix)
      ? startAfter === undefined || !isBehind(entry, startAfter)
      : entry.folder && prefix.startsWith(entry.key);
  // Sorted last: of a long folder often only the end is sought.
  const entries = (await entriesOf(files, folder.path, folder.key)).filter(isSought);
  entries.sort((left, right) => compareObjectKeys(left.key, right.key));
  for (const entry of entries) {
    if (entry.folder) yield* walk(files, entry, prefix, startAfter);
    else yield entry;
  }
}

/** Whether nothing of the entry comes after the given key. */
function isBehind(entry: Entry, startAfter: string): boolean {
  if (entry.folder && startAfter.startsWith(entry.key)) return false;
  return compareObjectKeys(entry.key, startAfter) <= 0;
}

/** The entries of a folder; those of the parts of long segments come with it, because the order is that of whole keys. */
async function entriesOf(files: FileSystem, path: string, keyPrefix: string): Promise<Entry[]> {
  let found: { name: string; isDirectory(): boolean }[];
  try {
    found = await files.readdir(path, { withFileTypes: true });
  } catch (error) {
    // Deleted since its parent was read, or never made: no keys.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
  const entries: Entry[] = [];
  for (const entry of found) {
    if (keyPrefix === '' && entry.name === reservedSegment) continue;
    const inside = join(path, entry.name);
    const head = headOfSegment(entry.name);
    if (head !== undefined) {
      for (const longer of await entriesOf(files, inside, keyPrefix + head)) entries.push(longer);
    } else if (entry.isDirectory()) {
      entries.push({ key: `${keyPrefix}${entry.name}/`, path: inside, folder: true });
    } else {
      entries.push({ key: keyPrefix + entry.name, path: inside, folder: false });
    }
  }
  return entries;
}
