import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { reservedSegment } from '../shared/object-keys';
import { errnoOf, type FileSystem } from './file-errors';
import { pathOfKey } from './file-paths';
import type { FolderSync } from './folder-sync';

/**
 * Metadata of objects, in side files under `.store/metadata/<key>/`, named after the object's time of change (ns) and
 * size. So the side file exists before the object is published, a replaced object never shows the metadata of another,
 * and a copy of the folder that keeps times (`cp -a`, `rsync -a`) keeps metadata.
 */
export class FileMetadata {
  readonly #files: FileSystem;
  readonly #folder: string;
  readonly #folders: FolderSync;

  constructor(files: FileSystem, root: string, folders: FolderSync) {
    this.#files = files;
    this.#folder = join(root, reservedSegment, 'metadata');
    this.#folders = folders;
  }

  /** Writes the side file of the still unpublished object behind `handle`; gives the object's final stat and the path. */
  async write(
    key: string,
    handle: FileHandle,
    metadata: Readonly<Record<string, string>>,
  ): Promise<{ stat: BigIntStats; path: string }> {
    for (;;) {
      const stat = await handle.stat({ bigint: true });
      const path = this.#pathOf(key, stat);
      await this.#folders.ensure(dirname(path));
      try {
        const side = await this.#files.open(path, 'wx', 0o600);
        try {
          await side.writeFile(JSON.stringify(metadata));
          await side.sync();
        } finally {
          await side.close();
        }
        await this.#folders.sync(dirname(path));
        return { stat, path };
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') {
          this.#folders.forget(dirname(path));
          continue;
        }
        if (errnoOf(error) !== 'EEXIST') throw error;
        // Another writer of this key has the same size and clock tick: take another time, then the name is free.
        const seconds = Date.now() / 1000 + Math.random() / 1000;
        await handle.utimes(seconds, seconds);
        await handle.sync();
      }
    }
  }

  async read(key: string, stat: BigIntStats): Promise<Record<string, string>> {
    try {
      const side = await this.#files.open(this.#pathOf(key, stat), 'r');
      try {
        return JSON.parse(await side.readFile('utf8'));
      } finally {
        await side.close();
      }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return {};
      throw error;
    }
  }

  /** Removes the side file of an object that is gone; that of any other object of the key, also a coming one, stays. */
  async remove(key: string, gone: BigIntStats): Promise<void> {
    const path = this.#pathOf(key, gone);
    const unlinked = await this.#files.unlink(path).then(
      () => true,
      (error: unknown) => {
        if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
        throw error;
      },
    );
    if (!unlinked) return;
    // An empty folder is dropped; one that another writer is filling is not empty, or is made again by that writer.
    await this.#files.rmdir(dirname(path)).catch(() => undefined);
    this.#folders.forget(dirname(path));
  }

  #pathOf(key: string, stat: BigIntStats): string {
    return join(pathOfKey(this.#folder, key), nameOf(stat));
  }
}

function nameOf(stat: BigIntStats): string {
  return `${stat.mtimeNs}-${stat.size}.metadata.json`;
}
