import { AliasCallers } from '../../../adapters/aws/alias-callers';
import { LambdaRequests } from '../../../adapters/aws/lambda-requests';
import { openKms } from '../../../adapters/aws/open-kms';
import { rdsTokens } from '../../../adapters/aws/rds-token';
import type { EventsBinding, QueryBinding, StateBinding } from '../../../adapters/bindings';
import type { Catalogue } from '../../../adapters/ports/catalogue';
import type { Events } from '../../../adapters/ports/events';
import type { QueryEngine } from '../../../adapters/ports/query-engine';
import type { StateDatabase } from '../../../adapters/ports/state-database';
import { openPostgres, openPostgresByToken } from '../../../adapters/postgres/open-postgres';
import { s3Stores } from '../../../adapters/s3-compatible/open-s3-store';
import { FunctionParts, unsupported } from '../function-parts';
import type { HostEnvironment } from '../host-environment';
import type { MetastoreBinding } from '../injection';
import { SettlingStateDatabase } from './settling-state-database';

/** An instance serves one request at a time, and there may be a thousand instances. */
const connections = 2;

/** Adapters that only some functions need: the bundle of ingest carries neither an engine nor a client of a topic. */
export interface OptionalAdapters {
  readonly events?: (binding: EventsBinding) => Events;
  readonly catalogue?: (binding: MetastoreBinding) => Catalogue;
  readonly query?: (binding: QueryBinding) => QueryEngine;
}

export interface LambdaParts {
  readonly parts: FunctionParts;
  /** Resolves when no transaction is open any more: an instance is frozen as soon as it has answered. */
  readonly settled: () => Promise<void>;
}

/** The adapters a function on Lambda may be bound to. */
export function lambdaParts(environment: HostEnvironment, optional: OptionalAdapters = {}): LambdaParts {
  const openZone = s3Stores();
  const databases: SettlingStateDatabase[] = [];
  const settling = (database: StateDatabase): SettlingStateDatabase => {
    const made = new SettlingStateDatabase(database);
    databases.push(made);
    return made;
  };
  const parts = new FunctionParts(environment, (closing) => ({
    objectStore: (binding) => (binding.kind === 's3' ? openZone(binding) : unsupported('Lambda', binding.kind)),
    key: (binding) => (binding.kind === 'aws-kms' ? openKms(binding) : unsupported('Lambda', binding.kind)),
    state: (binding) => closing(settling(stateDatabase(binding))),
    events: (binding) => optional.events?.(binding) ?? unsupported('Lambda', binding.kind),
    catalogue: (binding) => optional.catalogue?.(binding) ?? unsupported('Lambda', binding.kind),
    query: (binding) => optional.query?.(binding) ?? unsupported('Lambda', binding.kind),
    requests: (binding) =>
      binding.kind === 'lambda' ? new LambdaRequests(binding) : unsupported('Lambda', binding.kind),
    callers: (binding) => (binding.kind === 'lambda-alias' ? new AliasCallers() : unsupported('Lambda', binding.kind)),
  }));
  return {
    parts,
    settled: async () => {
      await Promise.all(databases.map((database) => database.settled()));
    },
  };
}

function stateDatabase(binding: StateBinding): StateDatabase {
  if (binding.kind === 'postgres') return openPostgres(binding, connections);
  if (binding.kind === 'aurora-iam') return openPostgresByToken(binding, rdsTokens(binding), connections);
  return unsupported('Lambda', binding.kind);
}
