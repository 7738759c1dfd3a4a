import { type FileHandle, open } from 'node:fs/promises';

/**
 * Makes a write-ahead log durable in a thread of its own. SQLite would sync within COMMIT, in the thread of the event loop:
 * on a busy disk every request of the process waits for that. Those that wait at the same time share one sync.
 */
export class LogSync {
  readonly #file: string;
  #handle: Promise<FileHandle> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Resolves when everything that was written to the log before the call is on the disk. */
  sync(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    // The running sync may have begun before the caller's write: join the one after it.
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#running?.catch(() => undefined);
    await (await this.#handle)?.close();
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const running = this.#syncOnce().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #syncOnce(): Promise<void> {
    // Kept open: the writer keeps the log from being deleted or replaced as long as it lives.
    this.#handle ??= open(this.#file, 'r+');
    await (await this.#handle).datasync();
  }
}
