import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';

/** Actions of the Delta log at protocol (reader 1, writer 2), the subset the lake writes. */
export interface AddFile {
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  readonly stats?: string;
}

export interface RemoveFile {
  readonly path: string;
  readonly deletionTimestamp: number;
  readonly dataChange: boolean;
}

export interface MetaData {
  readonly id: string;
  readonly name: string;
  readonly format: { readonly provider: 'parquet'; readonly options: Readonly<Record<string, string>> };
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime: number;
}

export interface Txn {
  readonly appId: string;
  readonly version: number;
  readonly lastUpdated: number;
}

export type Action =
  | { readonly protocol: { readonly minReaderVersion: 1; readonly minWriterVersion: 2 } }
  | { readonly metaData: MetaData }
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly txn: Txn }
  | { readonly commitInfo: object };

export interface Snapshot {
  /** -1 when the table does not exist. */
  readonly version: number;
  readonly metaData: MetaData | undefined;
  readonly files: ReadonlyMap<string, AddFile>;
  readonly transactions: ReadonlyMap<string, number>;
}

export const emptySnapshot: Snapshot = { version: -1, metaData: undefined, files: new Map(), transactions: new Map() };

type LogStore = Pick<ObjectStore, 'putIfAbsent' | 'read' | 'list'>;

const nameOf = (version: number): string => `${String(version).padStart(20, '0')}.json`;

/** The log of one table: numbered files of actions; whoever puts a number first has committed it. */
export class DeltaLog {
  readonly #store: LogStore;
  readonly #folder: string;
  #known: Snapshot = emptySnapshot;

  constructor(store: LogStore, table: string) {
    this.#store = store;
    this.#folder = `${table}/_delta_log/`;
  }

  /** The newest snapshot: what is known already plus what was committed since. */
  async latest(): Promise<Snapshot> {
    let snapshot = this.#known;
    const startAfter = snapshot.version < 0 ? undefined : `${this.#folder}${nameOf(snapshot.version)}`;
    for await (const { key } of this.#store.list(this.#folder, startAfter === undefined ? {} : { startAfter })) {
      const version = /(\d{20})\.json$/.exec(key)?.[1];
      if (version === undefined) continue;
      if (Number(version) !== snapshot.version + 1)
        throw new LakeError(
          'Unknown',
          `The log of a table has a gap after version ${snapshot.version}. Restore the missing file from a backup.`,
        );
      snapshot = replay(snapshot, await this.#actions(key));
    }
    this.#known = snapshot;
    return snapshot;
  }

  /** The table as it was at a version (time travel). */
  async at(version: number): Promise<Snapshot> {
    let snapshot = emptySnapshot;
    while (snapshot.version < version)
      snapshot = replay(snapshot, await this.#actions(`${this.#folder}${nameOf(snapshot.version + 1)}`));
    return snapshot;
  }

  /** Commits as version `snapshot.version + 1`; false when somebody else did first. */
  async tryCommit(snapshot: Snapshot, actions: readonly Action[]): Promise<boolean> {
    const version = snapshot.version + 1;
    const text = `${actions.map((action) => JSON.stringify(action)).join('\n')}\n`;
    try {
      await this.#store.putIfAbsent(`${this.#folder}${nameOf(version)}`, Buffer.from(text, 'utf8'));
      return true;
    } catch (error) {
      if (isLakeError(error, 'AlreadyExists')) return false;
      throw error;
    }
  }

  async #actions(key: string): Promise<Action[]> {
    const text = Buffer.from(await this.#store.read(key)).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Action);
  }
}

function replay(before: Snapshot, actions: readonly Action[]): Snapshot {
  const files = new Map(before.files);
  const transactions = new Map(before.transactions);
  let { metaData } = before;
  for (const action of actions) {
    if ('metaData' in action) metaData = action.metaData;
    else if ('add' in action) files.set(action.add.path, action.add);
    else if ('remove' in action) files.delete(action.remove.path);
    else if ('txn' in action) transactions.set(action.txn.appId, action.txn.version);
    else if ('protocol' in action && (action.protocol.minReaderVersion > 1 || action.protocol.minWriterVersion > 2)) {
      throw new LakeError(
        'Unsupported',
        'The table asks for a newer Delta protocol than reader 1, writer 2. Write it with the features of (1,2) only.',
      );
    }
  }
  return { version: before.version + 1, metaData, files, transactions };
}
