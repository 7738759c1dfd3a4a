import { dirname } from 'node:path';
import { keyClash } from '../shared/object-keys';
import { errnoOf, type FileSystem } from './file-errors';

interface Round {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Folders that survive a crash. A name is durable only when its folder has been synced too (fsync(2), "Calling fsync()
 * does not necessarily ensure that the entry in the directory … has also reached disk"). Callers that wait for the same
 * folder at the same time share one sync, begun after each of them asked.
 */
export class FolderSync {
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #rounds = new Map<string, Round>();
  readonly #made = new Map<string, Promise<void>>();

  constructor(files: FileSystem, root: string) {
    this.#files = files;
    this.#root = root;
  }

  sync(folder: string): Promise<void> {
    const round = this.#rounds.get(folder);
    if (round !== undefined) {
      // The running sync may have begun before the caller's change: join the one after it.
      round.next ??= round.running.then(
        () => this.#begin(folder),
        () => this.#begin(folder),
      );
      return round.next;
    }
    return this.#begin(folder);
  }

  /** The same where another call may have removed the folder meanwhile, as it was empty: what is above it holds that change. */
  async syncNearest(folder: string): Promise<void> {
    for (let at = folder; ; at = dirname(at)) {
      try {
        await this.sync(at);
        return;
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT' || at === this.#root) throw error;
      }
    }
  }

  /** Makes a folder and those above it, durably; remembered until `forget`. `InvalidArgument` when one is a file. */
  ensure(folder: string): Promise<void> {
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = this.#make(folder);
    this.#made.set(folder, made);
    made.catch(() => this.#made.delete(folder));
    if (this.#made.size > 10_000) this.#made.delete(this.#made.keys().next().value ?? '');
    return made;
  }

  forget(folder: string): void {
    this.#made.delete(folder);
  }

  async #make(folder: string): Promise<void> {
    if (folder === this.#root) {
      await this.#files.mkdir(folder, { recursive: true, mode: 0o700 });
      return;
    }
    const parent = dirname(folder);
    for (let attempt = 0; ; attempt++) {
      await this.ensure(parent);
      try {
        if (!(await this.#makeOne(folder))) throw keyClash();
        await this.sync(parent);
        return;
      } catch (error) {
        const code = errnoOf(error);
        if (code === 'ENOTDIR') throw keyClash();
        // A delete has removed what was empty: the folder above it, or this one just after it was made.
        if (code !== 'ENOENT' || attempt >= 100) throw error;
        this.forget(parent);
      }
    }
  }

  /** Whether there is a folder then, made now or before. */
  async #makeOne(folder: string): Promise<boolean> {
    try {
      await this.#files.mkdir(folder, { mode: 0o700 });
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      return (await this.#files.stat(folder)).isDirectory();
    }
  }

  #begin(folder: string): Promise<void> {
    const round: Round = { running: this.#syncOnce(folder), next: undefined };
    this.#rounds.set(folder, round);
    const done = () => {
      if (this.#rounds.get(folder) === round && round.next === undefined) this.#rounds.delete(folder);
    };
    round.running.then(done, done);
    return round.running;
  }

  async #syncOnce(folder: string): Promise<void> {
    const handle = await this.#files.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
