import type { HiveBinding, KeyBinding, ObjectStoreBinding, StateBinding } from '../../../adapters/bindings';
import { HttpEvents } from '../../../adapters/cloudevents/http-events';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { HttpRequests } from '../../../adapters/http/http-requests';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { OpenBaoCallers } from '../../../adapters/openbao/openbao-callers';
import { OpenBaoClient } from '../../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../../adapters/openbao/openbao-key-management';
import type { Catalogue } from '../../../adapters/ports/catalogue';
import type { KeyManagement } from '../../../adapters/ports/key-management';
import type { ObjectStore } from '../../../adapters/ports/object-store';
import type { PostgresStateDatabase } from '../../../adapters/postgres/postgres-state-database';
import { FunctionParts, unsupported } from '../function-parts';
import type { HostEnvironment } from '../host-environment';

/** The adapters a pod may be bound to. Files and SQLite serve a lake on one volume; a site's own services the others. */
export const knativeParts = (environment: HostEnvironment): FunctionParts =>
  new FunctionParts(environment, (closing) => ({
    objectStore: (binding) => {
      if (binding.kind === 'file') return new FileObjectStore(binding.root);
      return binding.kind === 's3' ? s3Store(binding) : unsupported('Knative', binding.kind);
    },
    key: (binding) => {
      if (binding.kind === 'key-file') return new FileKeyManagement(binding.folder);
      return binding.kind === 'openbao' ? openBaoKeys(binding) : unsupported('Knative', binding.kind);
    },
    state: (binding) => closing(stateDatabase(binding)),
    events: (binding) =>
      binding.kind === 'cloudevents' ? new HttpEvents(binding.sink) : unsupported('Knative', binding.kind),
    catalogue: (binding) => (binding.kind === 'hive' ? hiveCatalogue(binding) : unsupported('Knative', binding.kind)),
    query: (binding) => closing(new DuckDbQueryEngine(binding)),
    requests: (binding) => (binding.kind === 'http' ? new HttpRequests(binding) : unsupported('Knative', binding.kind)),
    callers: (binding) =>
      binding.kind === 'openbao' ? new OpenBaoCallers(binding) : unsupported('Knative', binding.kind),
  }));

/** Loaded when a zone lies in S3: a lake on one volume needs no SDK. */
function s3Store(binding: Extract<ObjectStoreBinding, { kind: 's3' }>): ObjectStore {
  const { openS3Store } =
    require('../../../adapters/s3-compatible/open-s3-store') as typeof import('../../../adapters/s3-compatible/open-s3-store');
  return openS3Store(binding);
}

/** Loaded where a metastore is. */
function hiveCatalogue(binding: HiveBinding): Catalogue {
  const { HiveCatalogue } =
    require('../../../adapters/hive/hive-catalogue') as typeof import('../../../adapters/hive/hive-catalogue');
  return new HiveCatalogue(binding);
}

function stateDatabase(binding: StateBinding): SqliteStateDatabase | PostgresStateDatabase {
  if (binding.kind === 'sqlite') return new SqliteStateDatabase(binding.file);
  if (binding.kind !== 'postgres') return unsupported('Knative', binding.kind);
  const { openPostgres } =
    require('../../../adapters/postgres/open-postgres') as typeof import('../../../adapters/postgres/open-postgres');
  return openPostgres(binding);
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
