import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import * as nodeFiles from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { objectStoreCapabilities } from '../capabilities';
import { isLakeError } from '../ports/errors';
import type {
  GetOptions,
  ListOptions,
  ObjectBody,
  ObjectHead,
  ObjectInfo,
  ObjectStore,
  ObjectStoreCapability,
  PutOptions,
} from '../ports/object-store';
import { UnversionedStore } from '../shared/object-capabilities';
import { checkListPrefix, checkObjectKey, keyClash, reservedSegment } from '../shared/object-keys';
import { checkedChunks, checkGetOptions, checkPutOptions, resolveRange, throwIfCancelled } from '../shared/put-body';
import { errnoOf, type FileSystem, toLakeError } from './file-errors';
import { listFiles } from './file-listing';
import { FileMetadata } from './file-metadata';
import { pathOfKey } from './file-paths';
import { FolderSync } from './folder-sync';

const readChunkBytes = 256 * 1024;
/** A temporary file that nobody has written to for an hour belongs to a process that died. */
const staleAfterMilliseconds = 3_600_000;

/**
 * One zone as a folder of plain files, durable when a put returns: temporary file, fsync, `link` (absent) or `rename`
 * (replace), fsync of the folder. `link` is the atomic put-if-absent of POSIX, `rename` would overwrite.
 * Several processes may share the folder. Files are readable by their owner only.
 */
export class FileObjectStore extends UnversionedStore implements ObjectStore {
  readonly capabilities: ReadonlySet<ObjectStoreCapability> = new Set(objectStoreCapabilities({ kind: 'file' }));
  readonly #root: string;
  readonly #files: FileSystem;
  readonly #temporary: string;
  readonly #folders: FolderSync;
  readonly #metadata: FileMetadata;
  #swept: Promise<void> | undefined;

  constructor(root: string, files: FileSystem = nodeFiles) {
    super();
    this.#root = resolve(root);
    this.#files = files;
    this.#temporary = join(this.#root, reservedSegment, 'temporary');
    this.#folders = new FolderSync(files, this.#root);
    this.#metadata = new FileMetadata(files, this.#root, this.#folders);
  }

  putIfAbsent(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#store(key, body, options, 'link');
  }

  put(key: string, body: ObjectBody, options: PutOptions = {}): Promise<ObjectInfo> {
    return this.#store(key, body, options, 'rename');
  }

  async read(key: string, options: GetOptions = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#chunks(key, options, Number.POSITIVE_INFINITY)) chunks.push(chunk);
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  }

  stream(key: string, options: GetOptions = {}): AsyncIterable<Uint8Array> {
    return this.#chunks(key, options, readChunkBytes);
  }

  async head(key: string): Promise<ObjectHead> {
    checkObjectKey(key);
    try {
      const stat = await this.#statOfFile(pathOfKey(this.#root, key));
      return { ...infoOf(key, stat), metadata: await this.#metadata.read(key, stat) };
    } catch (error) {
      throw toLakeError(error);
    }
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo> {
    checkListPrefix(prefix);
    try {
      for await (const { key, path } of listFiles(this.#files, this.#root, prefix, options)) {
        const stat = await this.#files.stat(path, { bigint: true }).catch((error: unknown) => {
          if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
          throw error;
        });
        if (stat?.isFile()) yield infoOf(key, stat);
      }
    } catch (error) {
      throw toLakeError(error);
    }
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key);
    const path = pathOfKey(this.#root, key);
    try {
      const stat = await this.#statOfFile(path);
      await this.#files.unlink(path);
      await this.#folders.syncNearest(dirname(path));
      await this.#metadata.remove(key, stat);
      await this.#removeEmptyFolders(dirname(path));
    } catch (error) {
      const refusal = toLakeError(error);
      if (!isLakeError(refusal, 'NotFound')) throw refusal;
    }
  }

  localPath(key: string): string {
    checkObjectKey(key);
    return pathOfKey(this.#root, key);
  }

  async #store(key: string, body: ObjectBody, options: PutOptions, how: 'link' | 'rename'): Promise<ObjectInfo> {
    checkObjectKey(key);
    checkPutOptions(options, this.capabilities);
    const temporary = join(this.#temporary, randomUUID());
    let sideFile: string | undefined;
    try {
      await this.#folders.ensure(this.#temporary);
      this.#swept ??= this.#sweep();
      const handle = await this.#files.open(temporary, 'wx', 0o600);
      let stat: BigIntStats;
      try {
        for await (const chunk of checkedChunks(body, options)) await handle.writeFile(chunk);
        await handle.sync();
        if (options.metadata !== undefined && Object.keys(options.metadata).length > 0) {
          ({ stat, path: sideFile } = await this.#metadata.write(key, handle, options.metadata));
        } else {
          stat = await handle.stat({ bigint: true });
        }
      } finally {
        await handle.close();
      }
      throwIfCancelled(options.signal);
      const target = pathOfKey(this.#root, key);
      const replaced = how === 'rename' ? await this.#statOfFile(target).catch(() => undefined) : undefined;
      await this.#publish(temporary, target, how);
      sideFile = undefined;
      await this.#folders.syncNearest(dirname(target));
      // What is left over harms nobody: the object is there and durable.
      if (replaced !== undefined) await this.#metadata.remove(key, replaced).catch(() => undefined);
      if (how === 'link') await this.#files.unlink(temporary).catch(() => undefined);
      return infoOf(key, stat);
    } catch (error) {
      await this.#files.unlink(temporary).catch(() => undefined);
      if (sideFile !== undefined) await this.#files.unlink(sideFile).catch(() => undefined);
      // What the body itself threw is the caller's own error, not one of the file system.
      throw error instanceof Error && !isLakeError(error) && errnoOf(error) === undefined ? error : toLakeError(error);
    }
  }

  async #publish(temporary: string, target: string, how: 'link' | 'rename'): Promise<void> {
    const folder = dirname(target);
    for (let attempt = 0; ; attempt++) {
      await this.#folders.ensure(folder);
      try {
        await this.#files[how](temporary, target);
        return;
      } catch (error) {
        const code = errnoOf(error);
        if (code === 'ENOTDIR') throw keyClash();
        if (code === 'ENOENT' && attempt < 100) {
          // A delete has just removed the emptied folder.
          this.#folders.forget(folder);
          continue;
        }
        if (code !== 'EEXIST' && code !== 'EISDIR') throw error;
        if (!(await this.#isFolder(target))) {
          if (code === 'EISDIR' && attempt < 100) continue;
          // The answer "exists already" must survive a crash as well.
          await this.#folders.sync(folder);
          throw error;
        }
        if (attempt >= 100 || !(await this.#removeEmptyFolder(target))) throw keyClash();
      }
    }
  }

  async *#chunks(key: string, options: GetOptions, chunkBytes: number): AsyncGenerator<Uint8Array> {
    checkObjectKey(key);
    checkGetOptions(options, this.capabilities);
    try {
      const handle = await this.#files.open(pathOfKey(this.#root, key), 'r');
      try {
        const stat = await handle.stat();
        if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
        const { start, length } = resolveRange(options.range, stat.size);
        for (let done = 0; done < length; ) {
          throwIfCancelled(options.signal);
          const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, length - done));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, start + done);
          if (bytesRead === 0) throw Object.assign(new Error('file was cut'), { code: 'EIO' });
          done += bytesRead;
          yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw toLakeError(error);
    }
  }

  async #statOfFile(path: string): Promise<BigIntStats> {
    const stat = await this.#files.stat(path, { bigint: true });
    if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
    return stat;
  }

  async #isFolder(path: string): Promise<boolean> {
    return await this.#files.stat(path).then(
      (stat) => stat.isDirectory(),
      () => false,
    );
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at !== this.#root; at = dirname(at)) {
      if (!(await this.#removeEmptyFolder(at))) return;
    }
  }

  async #removeEmptyFolder(folder: string): Promise<boolean> {
    try {
      await this.#files.rmdir(folder);
    } catch (error) {
      if (errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST') return false;
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    this.#folders.forget(folder);
    return true;
  }

  async #sweep(): Promise<void> {
    const before = Date.now() - staleAfterMilliseconds;
    for (const name of await this.#files.readdir(this.#temporary).catch(() => [])) {
      const path = join(this.#temporary, name);
      const stat = await this.#files.stat(path).catch(() => undefined);
      if (stat !== undefined && stat.mtimeMs < before) await this.#files.unlink(path).catch(() => undefined);
    }
  }
}

function infoOf(key: string, stat: BigIntStats): ObjectInfo {
  return {
    key,
    size: Number(stat.size),
    lastModified: stat.mtime,
    // A replaced object is another file, so the inode tells two versions of one clock tick and size apart.
    etag: `${stat.ino.toString(36)}-${stat.mtimeNs.toString(36)}-${stat.size.toString(36)}`,
  };
}
