import { setTimeout } from 'node:timers/promises';
import { SqliteConnection } from './sqlite-connection';
import { toLakeError } from './sqlite-errors';

const connections = 4;

/** A read transaction and how many look through it. */
interface Snapshot {
  readonly reader: Promise<SqliteConnection>;
  users: number;
}

/**
 * The reading connections of one SQLite file. Those who ask within one turn of the event loop look through one snapshot: nothing
 * that was answered before a question can be missing from it, as no commit is answered in the turn in which it was made.
 */
export class SqliteReaders {
  readonly #file: string;
  readonly #free: SqliteConnection[] = [];
  readonly #waiting: ((reader: SqliteConnection) => void)[] = [];
  #open = 0;
  #joinable: Snapshot | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  async look<Result>(through: (reader: SqliteConnection) => Promise<Result>): Promise<Result> {
    const snapshot = this.#joinable ?? this.#begin();
    snapshot.users += 1;
    try {
      return await through(await snapshot.reader);
    } finally {
      snapshot.users -= 1;
      if (snapshot.users === 0) await this.#end(snapshot);
    }
  }

  async close(): Promise<void> {
    while (this.#open > this.#free.length) await setTimeout(5);
    for (const reader of this.#free) reader.close();
  }

  #begin(): Snapshot {
    const snapshot: Snapshot = { reader: this.#beginTransaction(), users: 0 };
    this.#joinable = snapshot;
    setImmediate(() => this.#shut(snapshot));
    return snapshot;
  }

  #shut(snapshot: Snapshot): void {
    if (this.#joinable === snapshot) this.#joinable = undefined;
  }

  async #end(snapshot: Snapshot): Promise<void> {
    this.#shut(snapshot);
    const reader = await snapshot.reader.catch(() => undefined);
    if (reader === undefined) return;
    if (reader.inTransaction) reader.control('COMMIT');
    this.#giveBack(reader);
  }

  async #beginTransaction(): Promise<SqliteConnection> {
    const reader = await this.#take();
    try {
      // A deferred transaction takes its snapshot at the first read, so read at once.
      reader.control('BEGIN');
      reader.control('SELECT 1 FROM sqlite_schema LIMIT 1');
      return reader;
    } catch (error) {
      if (reader.inTransaction) reader.control('COMMIT');
      this.#giveBack(reader);
      throw toLakeError(error);
    }
  }

  async #take(): Promise<SqliteConnection> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#open >= connections) {
      return await new Promise((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#open += 1;
    try {
      return new SqliteConnection(this.#file, true);
    } catch (error) {
      this.#open -= 1;
      throw toLakeError(error);
    }
  }

  #giveBack(reader: SqliteConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(reader);
    else next(reader);
  }
}
