import type {
  Migration,
  StateDatabase,
  StateDatabaseCapability,
  StateTransaction,
} from '../../../adapters/ports/state-database';

/**
 * Knows which transactions are open. What runs on after an answer would be frozen in the middle with its locks held, for
 * minutes or for ever: the host waits for it.
 */
export class SettlingStateDatabase implements StateDatabase {
  readonly capabilities: ReadonlySet<StateDatabaseCapability>;
  readonly #database: StateDatabase;
  readonly #open = new Set<Promise<unknown>>();

  constructor(database: StateDatabase) {
    this.#database = database;
    this.capabilities = database.capabilities;
  }

  /** Resolves when nothing is open, also nothing that was begun meanwhile. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }

  migrate(migrations: readonly Migration[]): Promise<void> {
    return this.#track(this.#database.migrate(migrations));
  }

  transaction<Result>(work: (transaction: StateTransaction) => Promise<Result>): Promise<Result> {
    return this.#track(this.#database.transaction(work));
  }

  snapshot<Result>(work: (transaction: StateTransaction) => Promise<Result>): Promise<Result> {
    return this.#track(this.#database.snapshot(work));
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #track<Result>(running: Promise<Result>): Promise<Result> {
    this.#open.add(running);
    const over = (): void => void this.#open.delete(running);
    running.then(over, over);
    return running;
  }
}
