import { Worker } from 'node:worker_threads';

/**
 * What the thread runs: plain JavaScript, as a bundle is one file. NORMAL makes SQLite sync the log before it folds it in
 * (https://www.sqlite.org/pragma.html#pragma_synchronous). Readers of this process end within milliseconds, so RESTART waits
 * for them; whatever fails is tried again by the next folding.
 */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require('node:sqlite');
const database = new DatabaseSync(workerData);
for (const pragma of ['synchronous = NORMAL', 'checkpoint_fullfsync = ON', 'busy_timeout = 50'])
  database.exec('PRAGMA ' + pragma);
parentPort.on('message', (mode) => {
  let frames = 0;
  try {
    frames = Number(database.prepare('PRAGMA wal_checkpoint(' + mode + ')').get().log);
  } catch {}
  parentPort.postMessage(frames);
});
`;

/**
 * Folds the write-ahead log of SQLite into its file in a thread of its own. SQLite would do it within COMMIT, in the thread of
 * the event loop: a thousand pages and two syncs of the disk, while every request of the process waits. The thread begins with
 * the first folding, so that a small database never has one.
 */
export class LogFold {
  readonly #file: string;
  readonly #commitsBetween: number;
  readonly #longLog: number;
  #worker: Worker | undefined;
  #commits = 0;
  #folding: Promise<void> | undefined;
  #isLong = false;

  /**
   * @param commitsBetween commits between two foldings.
   * @param longLog frames (pages of 4 KB) from which on the log is begun anew: 16 MB.
   */
  constructor(file: string, commitsBetween = 64, longLog = 4096) {
    this.#file = file;
    this.#commitsBetween = commitsBetween;
    this.#longLog = longLog;
  }

  /** Counts a commit, and folds in what the log holds when it is time. */
  committed(): void {
    this.#commits += 1;
    if (this.#commits < this.#commitsBetween || this.#folding !== undefined) return;
    this.#commits = 0;
    this.#folding = this.#fold().finally(() => {
      this.#folding = undefined;
    });
  }

  /**
   * Called between two commits: a log that has grown long is begun anew, which needs a moment without a writer. Almost all of it
   * has been folded in before.
   */
  async renew(): Promise<void> {
    if (!this.#isLong) return;
    this.#isLong = false;
    await this.#ask('RESTART');
  }

  async close(): Promise<void> {
    await this.#folding;
    await this.#worker?.terminate();
  }

  async #fold(): Promise<void> {
    if ((await this.#ask('PASSIVE')) < this.#longLog) return;
    // What came while it was folded: then little is left for the moment in which commits wait.
    await this.#ask('PASSIVE');
    this.#isLong = true;
  }

  /** Frames in the log; none when the thread has ended, and the next question begins another. */
  #ask(mode: 'PASSIVE' | 'RESTART'): Promise<number> {
    const worker = this.#worker ?? this.#begin();
    return new Promise((resolve) => {
      const ended = (): void => resolve(0);
      worker.once('exit', ended);
      worker.once('message', (frames: number) => {
        worker.off('exit', ended);
        resolve(frames);
      });
      worker.postMessage(mode);
    });
  }

  #begin(): Worker {
    const worker = new Worker(program, { eval: true, workerData: this.#file });
    worker.unref();
    // Without a handler it would end the process; `exit` follows.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }
}
