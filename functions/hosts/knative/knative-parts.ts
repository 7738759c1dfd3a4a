import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { KeyBinding, ObjectStoreBinding, StateBinding } from '../../../adapters/bindings';
import { HttpEvents } from '../../../adapters/cloudevents/http-events';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { OpenBaoClient } from '../../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../../adapters/openbao/openbao-key-management';
import { LakeError } from '../../../adapters/ports/errors';
import type { KeyManagement } from '../../../adapters/ports/key-management';
import type { ObjectStore } from '../../../adapters/ports/object-store';
import type { PostgresStateDatabase } from '../../../adapters/postgres/postgres-state-database';
import { importManifest } from '../../bulk-import/manifest';
import { noFailpoint } from '../../failpoint';
import { ingestManifest } from '../../ingest/manifest';
import type { Manifest, PortsOf } from '../../manifest';
import type { Tokeniser } from '../../privacy/tokens';
import type { HostEnvironment } from '../host-environment';
import type { HostParts } from '../host-parts';
import { type AdapterFactories, inject, sharedFactories } from '../injection';
import { readTokeniser } from '../wrapped-pseudonym-key';

/** The adapters a pod may be bound to. Files and SQLite serve a lake on one volume; a site's own services the others. */
export class KnativeParts implements HostParts {
  readonly failpoint = noFailpoint;
  readonly #environment: HostEnvironment;
  readonly #factories: AdapterFactories;
  readonly #closes: (() => Promise<void>)[] = [];

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
    const unsupported = (kind: string): never => {
      throw new LakeError('Unsupported', `The Knative host has no adapter for a ${kind} binding. Use another kind.`);
    };
    this.#factories = sharedFactories({
      objectStore: (binding) => {
        if (binding.kind === 'file') return new FileObjectStore(binding.root);
        return binding.kind === 's3' ? s3Store(binding) : unsupported(binding.kind);
      },
      key: (binding) => (binding.kind === 'key-file' ? new FileKeyManagement(binding.folder) : openBaoKeys(binding)),
      state: (binding) => this.#closing(stateDatabase(binding)),
      events: (binding) => (binding.kind === 'cloudevents' ? new HttpEvents(binding.sink) : unsupported(binding.kind)),
      query: (binding) => this.#closing(new DuckDbQueryEngine(binding)),
    });
  }

  ports<OneManifest extends Manifest>(manifest: OneManifest): PortsOf<OneManifest> {
    if (manifest.name !== this.#environment.function)
      throw new LakeError('InvalidArgument', `This process serves another function than ${manifest.name}.`);
    return inject(manifest, this.#environment.binding, this.#factories);
  }

  tokeniser(): Promise<Tokeniser> {
    // The two functions that ingest have these ports alike.
    const manifest = this.#environment.function === importManifest.name ? importManifest : ingestManifest;
    return readTokeniser(this.ports(manifest as typeof ingestManifest));
  }

  async close(): Promise<void> {
    for (const close of this.#closes) await close();
  }

  #closing<Adapter extends { close(): Promise<void> }>(adapter: Adapter): Adapter {
    this.#closes.push(() => adapter.close());
    return adapter;
  }
}

/** Loaded when a zone lies in S3: a lake on one volume needs no SDK. */
function s3Store(binding: Extract<ObjectStoreBinding, { kind: 's3' }>): ObjectStore {
  const { openS3Store } =
    require('../../../adapters/s3-compatible/open-s3-store') as typeof import('../../../adapters/s3-compatible/open-s3-store');
  return openS3Store(binding);
}

function stateDatabase(binding: StateBinding): SqliteStateDatabase | PostgresStateDatabase {
  if (binding.kind === 'sqlite') return new SqliteStateDatabase(binding.file);
  const { PostgresStateDatabase: Postgres } =
    require('../../../adapters/postgres/postgres-state-database') as typeof import('../../../adapters/postgres/postgres-state-database');
  const { host, port, database, user, passwordFile, caFile } = binding;
  return new Postgres({
    host,
    port,
    database,
    user,
    // Read for every new connection, so that a rotated password needs no restart.
    password: async () => (await readFile(passwordFile, 'utf8')).trim(),
    ...(caFile === undefined ? {} : { ssl: { ca: readFileSync(caFile, 'utf8'), rejectUnauthorized: true } }),
  });
}

function openBaoKeys({
  address,
  mount,
  role,
  jwtFile,
  tokenFile,
}: Extract<KeyBinding, { kind: 'openbao' }>): KeyManagement {
  const login = role !== undefined ? { role, jwtFile: jwtFile ?? serviceAccountToken } : { tokenFile: tokenFile ?? '' };
  return new OpenBaoKeyManagement(new OpenBaoClient({ address, login }), mount);
}

/** Where Kubernetes mounts the token of a pod's own service account. */
const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';
