import { mkdirSync } from 'node:fs';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { KeyUse } from '../../../adapters/ports/key-management';
import type { StateDatabase } from '../../../adapters/ports/state-database';
import { type Failpoint, noFailpoint } from '../../failpoint';
import { ingestManifest } from '../../ingest/manifest';
import { wrappedKeyStore } from '../../ingest/wrapped-key-store';
import type { Manifest, PortsOf } from '../../manifest';
import type { Tokeniser } from '../../privacy/tokens';
import type { DatabaseName } from '../../state-store';
import type { HostParts } from '../host-parts';
import { type AdapterFactories, inject, sharedFactories } from '../injection';
import { migrationsOf } from '../state-stores';
import { preparePseudonymKey, readTokeniser } from '../wrapped-pseudonym-key';
import { type LakeFolder, localBinding } from './lake-folder';

async function ensureKey(keys: FileKeyManagement, name: string, use: KeyUse): Promise<void> {
  try {
    await keys.createKey(name, use);
  } catch (error) {
    if (!isLakeError(error, 'AlreadyExists')) throw error;
  }
}

/** What a function that is asked does, given who asks. */
type Answer = (caller: string, request: unknown) => Promise<unknown>;

/** The adapters of one machine, opened over a folder, and the functions' ports injected from their manifests. */
export class LakeParts implements HostParts {
  readonly folder: LakeFolder;
  /** Named places where the faults suite stops the process; nothing in the product. */
  readonly failpoint: Failpoint;
  readonly #factories: AdapterFactories;
  readonly #databases = new Map<string, SqliteStateDatabase>();
  readonly #engines: DuckDbQueryEngine[] = [];
  readonly #answers = new Map<string, Answer>();

  constructor(folder: LakeFolder, failpoint: Failpoint = noFailpoint) {
    this.folder = folder;
    this.failpoint = failpoint;
    const unsupported = (kind: string): never => {
      throw new LakeError('Unsupported', `One machine has no adapter for a ${kind} binding. Use a stack for it.`);
    };
    this.#factories = sharedFactories({
      objectStore: (binding) =>
        binding.kind === 'file' ? new FileObjectStore(binding.root) : unsupported(binding.kind),
      key: (binding) =>
        binding.kind === 'key-file' ? new FileKeyManagement(binding.folder) : unsupported(binding.kind),
      state: (binding) => (binding.kind === 'sqlite' ? this.#database(binding.file) : unsupported(binding.kind)),
      events: () => ({ publish: async () => undefined }),
      catalogue: (binding) => unsupported(binding.kind),
      query: (binding) => {
        const engine = new DuckDbQueryEngine(binding);
        this.#engines.push(engine);
        return engine;
      },
      requests: (_, to, from) => ({ ask: (request) => this.#answerOf(to)(from, request) }),
      // Nobody asks from outside: who asks in this process is known without a proof.
      callers: () => ({ callerOf: async () => undefined }),
    });
  }

  /** Makes what a new lake lacks (keys, tables of state); harmless on one that exists. */
  async prepare(): Promise<void> {
    const { root, keys, database } = this.folder;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const lakeKeys = new FileKeyManagement(keys.lake);
    const pseudonym = new FileKeyManagement(keys.pseudonym);
    await ensureKey(lakeKeys, 'landing', 'dataKeys');
    await ensureKey(lakeKeys, 'audit', 'sign');
    await ensureKey(lakeKeys, 'issuer', 'sign');
    await ensureKey(new FileKeyManagement(keys.identity), 'identity', 'publicKeyWrap');
    await ensureKey(pseudonym, 'pseudonym', 'dataKeys');
    await this.#database(database.lake).migrate(migrationsOf('lake'));
    await this.#database(database.identity).migrate(migrationsOf('identity'));
    await preparePseudonymKey(wrappedKeyStore.open(this.#database(database.lake)), (context) =>
      pseudonym.generateDataKey('pseudonym', context),
    );
  }

  ports<OneManifest extends Manifest>(manifest: OneManifest): PortsOf<OneManifest> {
    return inject(manifest, localBinding(this.folder, manifest), this.#factories);
  }

  /** Names who answers in this process when a function asks another. */
  answer(name: string, answer: Answer): void {
    this.#answers.set(name, answer);
  }

  #answerOf(name: string): Answer {
    const answer = this.#answers.get(name);
    if (answer === undefined) throw new LakeError('Unavailable', `Nobody answers for ${name} in this process.`);
    return answer;
  }

  /** The key of pseudonyms, in memory only: the database holds it wrapped, the wrapping key is a file. */
  tokeniser(): Promise<Tokeniser> {
    return readTokeniser(this.ports(ingestManifest));
  }

  #database(file: string): SqliteStateDatabase {
    let database = this.#databases.get(file);
    if (database === undefined) {
      database = new SqliteStateDatabase(file);
      this.#databases.set(file, database);
    }
    return database;
  }

  /** A database itself, for whoever moves a whole lake; functions get stores over it. */
  stateDatabase(name: DatabaseName): StateDatabase {
    return this.#database(this.folder.database[name]);
  }

  /** Leaves no copy of deleted rows in the files of the databases. */
  async forgetDeletedRows(): Promise<void> {
    for (const database of this.#databases.values()) await database.forgetDeleted();
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) await engine.close();
    for (const database of this.#databases.values()) await database.close();
  }
}
