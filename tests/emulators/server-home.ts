import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { Client } from 'pg';
import type { FunctionBinding, PortBindings } from '../../adapters/bindings';
import { OpenBaoClient } from '../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../adapters/openbao/openbao-key-management';
import type { KeyManagement } from '../../adapters/ports/key-management';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { S3ObjectStore } from '../../adapters/s3-compatible/s3-object-store';
import { knativeManifests } from '../../functions/hosts/knative/manifests';
import { openBaoRole, type PrepareSettings, prepare } from '../../functions/hosts/knative/prepare';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import type { Manifest, Use, Zone } from '../../functions/manifest';
import { zones } from '../../functions/manifest';
import { operatorAccount, people } from '../../functions/operator/manifest';
import type { GivenServers } from '../support/given-servers';
import type { KnativeHome } from '../support/knative-lake';
import { operatorOf } from './lake-operator';
import { workloadTokens } from './workload-tokens';

/** The servers it takes. */
export const homeServers = ['s3', 'postgres', 'openbao'] as const;

/** Of the bucket of the audit. */
export const auditLockDays = 1;

export interface ServerHome extends KnativeHome {
  readonly lake: StateDatabase;
  readonly identity: StateDatabase;
  readonly keys: Pick<KeyManagement, 'publicKey' | 'unwrap'>;
  storeOf(zone: Zone): ObjectStore;
  /** A token that proves an account to the function of this name. */
  callToken(account: string, name: string, lifetime?: string): Promise<string>;
}

/**
 * A lake whose zones are buckets, whose databases are PostgreSQL and whose keys are in OpenBao; each function has a role and a
 * token with what its manifest declares alone.
 *
 * @param setUp the first deployment; the second prepares it again
 */
export async function serverHome(
  { s3, postgres, openbao }: GivenServers<(typeof homeServers)[number]>,
  setUp: (settings: PrepareSettings) => Promise<unknown> = prepare,
): Promise<ServerHome> {
  const folder = mkdtempSync(join(tmpdir(), 'lake-servers-'));
  const run = randomBytes(4).toString('hex');
  const credentials = {
    accessKeyId: decodeURIComponent(s3.username),
    secretAccessKey: decodeURIComponent(s3.password),
  };
  const place = { region: 'eu-west-2', endpoint: s3.origin, forcePathStyle: true };
  const client = new S3Client({ ...place, credentials });
  const bucketOf = (zone: Zone): string => `lake-${run}-${zone}`;
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;

  const [host, port] = [postgres.hostname, Number(postgres.port)];
  const admin = {
    host,
    port,
    user: decodeURIComponent(postgres.username),
    password: decodeURIComponent(postgres.password),
  };
  const databases = { lake: `lake_${run}_lake`, identity: `lake_${run}_identity` };
  const mount = `lake-${run}`;
  const roleOf = ({ name }: Manifest): string => `lake_${run}_${name}`;
  const secret = (name: string, value: string): string => {
    const file = join(folder, name);
    writeFileSync(file, value, { mode: 0o600 });
    return file;
  };
  const tokenFile = secret('root.token', decodeURIComponent(openbao.password));
  const passwordFile = secret('role.password', run);
  const bucketNames = Object.fromEntries(zones.map((zone) => [zone, bucketOf(zone)])) as Record<Zone, string>;
  // As the job of a deployment does it; twice, as every later deployment does it again.
  const settings: PrepareSettings = {
    postgres: { host, port, user: admin.user, passwordFile: secret('admin.password', admin.password) },
    databases,
    roles: Object.fromEntries(
      knativeManifests.map((manifest) => [manifest.name, { user: roleOf(manifest), passwordFile }]),
    ),
    openbao: { address: openbao.origin, mount, login: { tokenFile } },
    buckets: { endpoint: s3.origin, region: 'eu-west-2', names: bucketNames, logins: {}, auditLockDays },
  };
  await setUp(settings);
  await prepare(settings);
  const bao = new OpenBaoClient({ address: openbao.origin, login: { tokenFile } });
  const keys = new OpenBaoKeyManagement(bao, mount);
  const tokens = new Map<string, string>();
  for (const { name } of knativeManifests) {
    const policies = [openBaoRole(mount, name)];
    const made = await bao.writeOnce('auth/token/create', { policies, no_default_policy: true, ttl: '1h' });
    tokens.set(name, secret(`${name}.token`, (made.auth as { client_token: string }).client_token));
  }
  const lake = new PostgresStateDatabase({ ...admin, database: databases.lake, connections: 2 });
  const identity = new PostgresStateDatabase({ ...admin, database: databases.identity, connections: 2 });

  // Kubernetes gives pods their tokens; here an issuer of the test does.
  const workloads = await workloadTokens(bao, `workloads-${run}`);
  const audienceOf = (name: string): string => `${mount}-calls-${name}`;
  const callFiles = new Map<string, string>();
  for (const { name, trigger } of knativeManifests)
    if (trigger.kind === 'request' && Object.keys(trigger.from).length > 0)
      await workloads.allow(
        audienceOf(name),
        Object.keys(trigger.from).flatMap((caller) =>
          caller === people ? ['ann', 'ben'].map(operatorAccount) : [caller],
        ),
      );
  for (const { name, uses } of knativeManifests)
    for (const use of Object.values(uses)) {
      if (use.port !== 'requests') continue;
      const token = await workloads.tokenOf(name, audienceOf(use.to));
      callFiles.set(`${name} ${use.to}`, secret(`${name}.calls.${use.to}`, token));
    }

  const bindingFor = (use: Use, manifest: Manifest): PortBindings[keyof PortBindings] => {
    switch (use.port) {
      case 'objectStore':
        return {
          ...{ kind: 's3', bucket: bucketOf(use.zone), ...place },
          ...(use.zone === 'audit' ? { objectLock: true, retainDays: auditLockDays } : {}),
        };
      case 'key':
        return { kind: 'openbao', address: openbao.origin, mount, tokenFile: tokens.get(manifest.name)! };
      case 'catalogue':
      case 'state': {
        const database = databases[use.port === 'state' ? use.store.database : 'lake'];
        return { kind: 'postgres', host, port, database, user: roleOf(manifest), passwordFile };
      }
      case 'events':
        // The very address of the function: the home stands where no broker is.
        return { kind: 'cloudevents', sink: 'http://127.0.0.1:9/' };
      case 'query':
        return { kind: 'duckdb', spoolFolder: join(folder, 'spool', manifest.name) };
      case 'requests':
        // Its address is known once it listens.
        return {
          kind: 'http',
          address: 'http://127.0.0.1:9/',
          tokenFile: callFiles.get(`${manifest.name} ${use.to}`)!,
        };
      case 'callers':
        return { kind: 'openbao', address: openbao.origin, method: workloads.method, role: audienceOf(manifest.name) };
    }
  };
  const storeOf = (zone: Zone) => new S3ObjectStore(client, { bucket: bucketOf(zone), refuseClashes: false });
  return {
    environment: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      // The Code of Practice; its ticks are at night.
      LAKE_RETENTION: '{}',
    },
    serves: () => true,
    ledger: ledgerStore.open(lake),
    lake,
    identity,
    keys,
    storeOf,
    callToken: (account, name, lifetime) => workloads.tokenOf(account, audienceOf(name), lifetime),
    bindingOf: (manifest): FunctionBinding =>
      Object.fromEntries(Object.entries(manifest.uses).map(([name, use]) => [name, bindingFor(use as Use, manifest)])),
    ...operatorOf({ lake, identity, storeOf, keys, spoolFolder: join(folder, 'spool', 'operator') }),
    remove: async () => {
      await lake.close();
      await identity.close();
      const server = new Client({ ...admin, database: 'postgres' });
      await server.connect();
      for (const name of Object.values(databases)) await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
      for (const manifest of knativeManifests) await server.query(`DROP ROLE "${roleOf(manifest)}"`);
      await server.end();
      await fetch(`${openbao.origin}/v1/sys/mounts/${mount}`, {
        method: 'DELETE',
        headers: { 'x-vault-token': decodeURIComponent(openbao.password) },
      });
      await fetch(`${openbao.origin}/v1/sys/auth/${workloads.method}`, {
        method: 'DELETE',
        headers: { 'x-vault-token': decodeURIComponent(openbao.password) },
      });
      client.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
