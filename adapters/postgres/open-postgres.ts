import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { StateBinding } from '../bindings';
import { PostgresStateDatabase } from './postgres-state-database';

interface PostgresPlace {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly caFile?: string;
}

/**
 * A database as a binding names it.
 *
 * @public loaded by name when a binding asks for it
 */
export function openPostgres(
  { passwordFile, ...place }: Extract<StateBinding, { kind: 'postgres' }>,
  connections?: number,
): PostgresStateDatabase {
  // Read for every new connection, so that a rotated password needs no restart.
  const password = async (): Promise<string> => (await readFile(passwordFile, 'utf8')).trim();
  return openAt(place, password, place.caFile !== undefined, connections);
}

/**
 * Encrypted whatever the binding says, since the password is good for anybody who reads it.
 *
 * @param password asked for at each new connection.
 */
export function openPostgresByToken(
  place: Omit<Extract<StateBinding, { kind: 'aurora-iam' }>, 'region'>,
  password: () => Promise<string>,
  connections?: number,
): PostgresStateDatabase {
  return openAt(place, password, true, connections);
}

function openAt(
  { host, port, database, user, caFile }: PostgresPlace,
  password: () => Promise<string>,
  encrypted: boolean,
  connections: number | undefined,
): PostgresStateDatabase {
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
  return new PostgresStateDatabase({
    host,
    port,
    database,
    user,
    password,
    ...(encrypted ? { ssl: { ...ca, rejectUnauthorized: true } } : {}),
    ...(connections === undefined ? {} : { connections }),
  });
}
