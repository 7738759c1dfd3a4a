import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { Client } from 'pg';
import type { FunctionBinding, PortBindings } from '../../adapters/bindings';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { OpenBaoClient } from '../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../adapters/openbao/openbao-key-management';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { S3ObjectStore } from '../../adapters/s3-compatible/s3-object-store';
import { auditStore } from '../../functions/audit/audit-log';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { verifyAudit } from '../../functions/audit/audit-verify';
import { catalogueStore } from '../../functions/catalogue/catalogue-store';
import { erasureStore } from '../../functions/erasure/erasure-store';
import { wrapPseudonymKey } from '../../functions/hosts/wrapped-pseudonym-key';
import { identityRegisterStore } from '../../functions/identity/identity-register';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import { jobStore } from '../../functions/jobs/job-queue';
import type { Manifest, Use, Zone } from '../../functions/manifest';
import { zones } from '../../functions/manifest';
import { grantStatements, openBaoPolicy, stateGrantsOf } from '../../functions/manifest-grants';
import { generateProviderKey } from '../../functions/provider-access/client-assertion';
import { oidcStorageStore } from '../../functions/provider-access/oidc-storage';
import { providerRegisterStore } from '../../functions/provider-access/provider-register';
import type { DatabaseName } from '../../functions/state-store';
import { CuratedTable } from '../../functions/tables/curated-table';
import { DeltaTable } from '../../functions/tables/delta-table';
import { type KnativeHome, knativeManifests } from '../support/knative-lake';

const lakeStores = [
  auditStore,
  ledgerStore,
  erasureStore,
  jobStore,
  providerRegisterStore,
  oidcStorageStore,
  catalogueStore,
];
const stores = { lake: lakeStores, identity: [auditStore, identityRegisterStore] } as const;
const keyUses = {
  landing: 'dataKeys',
  pseudonym: 'dataKeys',
  identity: 'publicKeyWrap',
  audit: 'sign',
  issuer: 'sign',
} as const;
const types = ['Observation', 'Patient', 'Device'];

const record = (action: string): AuditRecord => ({
  recorded: new Date().toISOString(),
  event: 'accessChange',
  action,
  agent: { kind: 'operator', id: 'test' },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HSYSADMIN',
});

/**
 * A lake whose zones are buckets, whose databases are PostgreSQL and whose keys are in OpenBao; each function has a role and a
 * token with what its manifest declares alone.
 */
export async function serverHome(s3: URL, postgres: URL, openbao: URL): Promise<KnativeHome> {
  const folder = mkdtempSync(join(tmpdir(), 'lake-servers-'));
  const run = randomBytes(4).toString('hex');
  const credentials = {
    accessKeyId: decodeURIComponent(s3.username),
    secretAccessKey: decodeURIComponent(s3.password),
  };
  const place = { region: 'eu-west-2', endpoint: s3.origin, forcePathStyle: true };
  const client = new S3Client({ ...place, credentials });
  const bucketOf = (zone: Zone): string => `lake-${run}-${zone}`;
  for (const zone of zones) await client.send(new CreateBucketCommand({ Bucket: bucketOf(zone) }));

  const administer = async (database: string | undefined, statements: readonly string[]): Promise<void> => {
    const url = new URL(postgres);
    if (database !== undefined) url.pathname = `/${database}`;
    const admin = new Client({ connectionString: url.href });
    await admin.connect();
    try {
      for (const statement of statements) await admin.query(statement);
    } finally {
      await admin.end();
    }
  };
  const databaseOf = (name: DatabaseName): string => `lake_${run}_${name}`;
  const roleOf = ({ name }: Manifest): string => `lake_${run}_${name}`;
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, run, { mode: 0o600 });
  await administer(
    undefined,
    (['lake', 'identity'] as const).map((name) => `CREATE DATABASE ${databaseOf(name)}`),
  );
  const opened = new Map<DatabaseName, PostgresStateDatabase>();
  for (const name of ['lake', 'identity'] as const) {
    const url = new URL(postgres);
    url.pathname = `/${databaseOf(name)}`;
    const database = new PostgresStateDatabase({ connectionString: url.href, connections: 2 });
    await database.migrate(stores[name].flatMap((store) => store.migrations));
    opened.set(name, database);
  }
  for (const manifest of knativeManifests) {
    await administer(undefined, [`CREATE ROLE "${roleOf(manifest)}" LOGIN PASSWORD '${run}'`]);
    for (const name of ['lake', 'identity'] as const) {
      const grants = stateGrantsOf(manifest, name);
      if (grants.length > 0) await administer(databaseOf(name), grantStatements(roleOf(manifest), grants));
    }
  }

  const mount = `lake-${run}`;
  const tokenOf = ({ name }: Manifest): string => join(folder, `${name}.token`);
  const rootToken = join(folder, 'root.token');
  writeFileSync(rootToken, decodeURIComponent(openbao.password), { mode: 0o600 });
  const bao = new OpenBaoClient({ address: openbao.origin, login: { tokenFile: rootToken } });
  await bao.writeOnce(`sys/mounts/${mount}`, { type: 'transit' });
  const keys = new OpenBaoKeyManagement(bao, mount);
  for (const [name, use] of Object.entries(keyUses)) await keys.createKey(name, use);
  for (const manifest of knativeManifests) {
    const policyName = roleOf(manifest);
    const policy = openBaoPolicy(manifest, mount);
    await bao.writeOnce(`sys/policies/acl/${policyName}`, { policy: policy === '' ? '# no key' : policy });
    const made = await bao.writeOnce('auth/token/create', {
      policies: [policyName],
      no_default_policy: true,
      ttl: '10m',
    });
    writeFileSync(tokenOf(manifest), (made.auth as { client_token: string }).client_token, { mode: 0o600 });
  }
  const pseudonymKeyFile = join(folder, 'pseudonym.wrapped.json');
  writeFileSync(pseudonymKeyFile, await wrapPseudonymKey((context) => keys.generateDataKey('pseudonym', context)));

  const bindingFor = (use: Use, manifest: Manifest): PortBindings[keyof PortBindings] => {
    switch (use.port) {
      case 'objectStore':
        return { kind: 's3', bucket: bucketOf(use.zone), ...place };
      case 'key':
        return { kind: 'openbao', address: openbao.origin, mount, tokenFile: tokenOf(manifest) };
      case 'state': {
        const [host, port] = [postgres.hostname, Number(postgres.port)];
        const database = databaseOf(use.store.database);
        return { kind: 'postgres', host, port, database, user: roleOf(manifest), passwordFile };
      }
      case 'events':
        return { kind: 'in-process' };
      case 'query':
        return { kind: 'duckdb', spoolFolder: join(folder, 'spool', manifest.name) };
    }
  };
  const lake = opened.get('lake')!;
  const register = providerRegisterStore.open(lake);
  const storeOf = (zone: Zone) => new S3ObjectStore(client, { bucket: bucketOf(zone), refuseClashes: false });
  return {
    environment: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      LAKE_PSEUDONYM_KEY_FILE: pseudonymKeyFile,
    },
    ledger: ledgerStore.open(lake),
    bindingOf: (manifest): FunctionBinding =>
      Object.fromEntries(Object.entries(manifest.uses).map(([name, use]) => [name, bindingFor(use as Use, manifest)])),
    register: async (ods, scopes) => {
      const { publicJwk, privateJwk } = await generateProviderKey();
      const clientId = `${ods.toLowerCase()}-${randomUUID().slice(0, 8)}`;
      const provider = { clientId, ods, name: `Provider ${ods}`, keys: [publicJwk], scopes, disabled: false };
      await register.register({ ...provider, nhsNumberPolicy: 'quarantine' }, record('lake provider register'));
      return { clientId, ods, scopes, privateJwk };
    },
    disable: async (ods) => {
      const provider = (await register.list()).find((one) => one.ods === ods);
      await register.disable(provider!.clientId, record('lake provider disable'));
    },
    auditVerifies: async () => {
      const log = auditStore.open(lake);
      for (let wait = 0; wait < 50; wait += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const rows = await lake.snapshot((tx) => tx.query('SELECT id FROM audit WHERE segment IS NULL LIMIT 1'));
        if (rows.length === 0) break;
      }
      await log.waiting();
      const publicKeys = [(await keys.publicKey('audit')).pem];
      return (await verifyAudit({ audit: storeOf('audit'), witness: storeOf('witness'), publicKeys })).ok;
    },
    rows: async (sql) => {
      const engine = new DuckDbQueryEngine({ spoolFolder: join(folder, 'spool', 'operator') });
      const session = await engine.session();
      try {
        await session.run('CREATE SCHEMA curated');
        const curated = storeOf('curated');
        for (const type of types) {
          const rows = await new CuratedTable(curated, type, engine).currentState();
          await session.run(`CREATE VIEW curated.${type} AS SELECT * FROM ${rows}`);
        }
        const links = await new DeltaTable(curated, 'person_link', engine).relation();
        await session.run(`CREATE VIEW curated.person_link AS SELECT * FROM ${links}`);
        return (await session.query(sql)).rows;
      } finally {
        await session.close();
        await engine.close();
      }
    },
    remove: async () => {
      for (const database of opened.values()) await database.close();
      const drops = (['lake', 'identity'] as const).map((name) => `DROP DATABASE ${databaseOf(name)} WITH (FORCE)`);
      await administer(undefined, [...drops, ...knativeManifests.map((one) => `DROP ROLE "${roleOf(one)}"`)]);
      await fetch(`${openbao.origin}/v1/sys/mounts/${mount}`, {
        method: 'DELETE',
        headers: { 'x-vault-token': decodeURIComponent(openbao.password) },
      });
      client.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
