import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { importKey, type KeyMaterial } from '../../../adapters/openbao/import-key';
import { OpenBaoClient } from '../../../adapters/openbao/openbao-client';
import { LakeError } from '../../../adapters/ports/errors';
import { PostgresAdmin } from '../../../adapters/postgres/postgres-admin';
import { PostgresStateDatabase } from '../../../adapters/postgres/postgres-state-database';
import { openS3Store } from '../../../adapters/s3-compatible/open-s3-store';
import { auditStreams, streamPrefix } from '../../audit/manifest';
import { zones } from '../../manifest';
import { copyObjects, exportedKeys, openExport, restoreState, type Transferred } from '../export-folder';
import { ensureTransit, type PrepareSettings, prepare, serverOf } from './prepare';

/**
 * A lake of one machine, as `lake export` wrote it, into a site's own servers that hold nothing yet: objects byte for byte, so
 * that every hash stands and the audit's chain goes on; rows of state; keys into the transit engine, where nobody reads them
 * any more. It prepares the servers itself, and everything is verified before anything is written.
 *
 * @throws LakeError `AlreadyExists` where the key engine or a bucket holds something
 */
export async function importIntoServers(
  settings: PrepareSettings,
  from: string,
  passphrase: string | undefined,
): Promise<Transferred> {
  const about = await openExport(from);
  const { buckets, openbao, databases } = settings;
  if (buckets === undefined)
    throw new LakeError('InvalidArgument', 'buckets: missing; the import must know the store.');
  const keys = keysByName(await exportedKeys(from, passphrase));
  const client = new OpenBaoClient(openbao);
  await ensureTransit(client, openbao.mount);
  for (const [name, versions] of keys) await importKey(client, openbao.mount, name, versions);
  await prepare(settings);
  const { endpoint, region, names, auditLockDays } = buckets;
  for (const zone of zones) {
    const place = join(from, 'zones', zone);
    const lock = zone === 'audit' && auditLockDays !== undefined ? { objectLock: true, retainDays: auditLockDays } : {};
    const store = openS3Store({ kind: 's3', bucket: names[zone], region, endpoint, forcePathStyle: true, ...lock });
    // The audit keeps its two streams in folders of their own, each a store by itself.
    const prefixes = zone === 'audit' || zone === 'witness' ? auditStreams.map(streamPrefix) : [''];
    for (const prefix of prefixes) {
      const source = join(place, prefix);
      if (existsSync(source)) await copyObjects(new FileObjectStore(source), store, prefix);
    }
  }
  const server = serverOf(settings);
  for (const name of ['lake', 'identity'] as const) {
    const database = new PostgresStateDatabase({ ...server, database: databases[name], connections: 2 });
    try {
      await restoreState(database, name, join(from, 'state', name));
    } finally {
      await database.close();
    }
  }
  // Rows came with their numbers: the counter goes on after them.
  await new PostgresAdmin(server).execute(databases.lake, [
    "SELECT setval(pg_get_serial_sequence('outbox', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM outbox), false)",
  ]);
  return about;
}

/** `keys/lake/landing.2.json`: version 2 of the key `landing`; versions in their order. */
function keysByName(files: Readonly<Record<string, Buffer>>): ReadonlyMap<string, readonly KeyMaterial[]> {
  const keys = new Map<string, KeyMaterial[]>();
  for (const [path, bytes] of Object.entries(files)) {
    const [, name, version] = /^([a-z][a-z0-9-]*)\.([1-9][0-9]*)\.json$/.exec(basename(path)) ?? [];
    if (name === undefined) continue;
    const versions = keys.get(name) ?? [];
    versions[Number(version) - 1] = JSON.parse(bytes.toString('utf8')) as KeyMaterial;
    keys.set(name, versions);
  }
  if ([...keys.values()].some((versions) => [...versions].includes(undefined as never)))
    throw new LakeError('InvalidArgument', 'The export lacks a version of a key. Export the lake with all its keys.');
  return keys;
}

/**
 * The same as a process of its own: what it is told stands in its environment.
 *
 * @public loaded by name when the process is this job
 */
export async function importByEnvironment(
  settings: PrepareSettings,
  variables: NodeJS.ProcessEnv,
): Promise<Transferred> {
  const { LAKE_EXPORT: from, LAKE_PASSPHRASE_FILE: file } = variables;
  if (from === undefined) throw new LakeError('InvalidArgument', 'LAKE_EXPORT: missing; the folder of an export.');
  return importIntoServers(settings, from, file === undefined ? undefined : readFileSync(file, 'utf8').trim());
}
