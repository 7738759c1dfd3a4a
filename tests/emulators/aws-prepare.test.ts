import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KMSClient } from '@aws-sdk/client-kms';
import { Client } from 'pg';
import { AwsKmsKeyManagement } from '../../adapters/aws/aws-kms-key-management';
import { handler, type LambdaPrepareEvent } from '../../functions/hosts/aws-lambda/functions/prepare';
import { describeOver } from '../support/given-servers';
import { KmsBesideMoto } from './kms-beside-moto';

/** The secrets extension as a function meets it: some secrets, and a refusal for all others. */
async function extensionWith(secretIds: readonly string[], secret: object) {
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://localhost').searchParams.get('secretId');
    const allowed = request.headers['x-aws-parameters-secrets-token'] === 'session';
    if (!allowed) return response.writeHead(403).end('MARKER');
    if (!secretIds.includes(asked ?? '')) return response.writeHead(400).end('MARKER');
    return response.end(JSON.stringify({ SecretString: JSON.stringify(secret) }));
  });
  server.listen(0);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

describeOver('preparing a lake on AWS', ['aws', 'postgres'], function ({ aws: awsUrl, postgres: postgresUrl }) {
  this.timeout(120_000);
  const kept = { ...process.env };
  const run = randomBytes(4).toString('hex');
  const databases = { lake: `lake_${run}_lake`, identity: `lake_${run}_identity` };
  const roles = { ingest: `lake_${run}_ingest`, curate: `lake_${run}_curate` };
  const server = { host: postgresUrl.hostname, port: Number(postgresUrl.port) };
  const login = {
    user: decodeURIComponent(postgresUrl.username),
    password: decodeURIComponent(postgresUrl.password),
  };
  const front = new KmsBesideMoto(awsUrl.origin);
  let extension: Awaited<ReturnType<typeof extensionWith>>;
  let event: LambdaPrepareEvent;
  const rows = async (database: string, sql: string, values: readonly string[] = []) => {
    const client = new Client({ ...server, ...login, database });
    await client.connect();
    try {
      return (await client.query(sql, [...values])).rows as readonly Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };

  const refused = (change: Partial<LambdaPrepareEvent>, code: string) =>
    assert.rejects(handler({ ...event, ...change }), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.ok(!error.message.includes('MARKER') && error.cause === undefined);
      return true;
    });

  before(async () => {
    const credentials = { accessKeyId: awsUrl.username, secretAccessKey: awsUrl.password };
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: 'session',
    });
    const place = { region: 'eu-west-2', endpoint: await front.listen() };
    const keys = { kind: 'aws-kms', ...place, aliasPrefix: `lake-${run}` } as const;
    extension = await extensionWith(['master', 'identity-master'], {
      username: login.user,
      password: login.password,
    });
    process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = String(extension.port);
    event = {
      servers: { lake: { ...server, secretId: 'master' }, identity: { ...server, secretId: 'identity-master' } },
      databases,
      roles,
      keys,
    };
    const made = new AwsKmsKeyManagement(new KMSClient({ ...place, credentials }), keys.aliasPrefix);
    await made.createKey('pseudonym', 'dataKeys');
    // Aurora has this role; a plain server is given it for the test.
    await rows('postgres', 'DO $$ BEGIN CREATE ROLE rds_iam; EXCEPTION WHEN duplicate_object THEN NULL; END $$');
  });
  after(async () => {
    for (const name of Object.values(databases)) await rows('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    for (const name of Object.values(roles)) await rows('postgres', `DROP ROLE IF EXISTS ${name}`);
    extension.close();
    await front.close();
    process.env = kept;
  });

  it('says that a key is missing, and goes on from there when it is made', async () => {
    await refused({ keys: { ...event.keys, aliasPrefix: 'absent' } }, 'NotFound');
  });

  it('makes databases, roles that log in by IAM with the grants of their manifests, and one pseudonym key, however often', async () => {
    for (let n = 0; n < 2; n += 1)
      assert.deepEqual(await handler(event), { prepared: ['databases and roles', 'contents'] });
    const members = await rows(
      'postgres',
      "SELECT m.rolname, m.rolcanlogin, a.rolpassword FROM pg_auth_members JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member JOIN pg_authid a ON a.oid = member WHERE g.rolname = 'rds_iam' AND m.rolname LIKE $1 ORDER BY 1",
      [`lake_${run}_%`],
    );
    assert.deepEqual(
      members.map(({ rolname, rolcanlogin, rolpassword }) => [rolname, rolcanlogin, rolpassword]),
      [
        [roles.curate, true, null],
        [roles.ingest, true, null],
      ],
    );
    const may = async (role: string, table: string, privilege: string) =>
      (await rows(databases.lake, 'SELECT has_table_privilege($1, $2, $3) AS may', [role, table, privilege]))[0]?.may;
    assert.deepEqual(
      [await may(roles.ingest, 'wrapped_key', 'SELECT'), await may(roles.curate, 'wrapped_key', 'SELECT')],
      [true, false],
    );
    const made = await rows(databases.lake, 'SELECT count(*)::int AS n FROM wrapped_key');
    assert.deepEqual(made, [{ n: 1 }]);
  });

  it('says what is missing without repeating what it was told', async () => {
    await refused({ servers: { ...event.servers, identity: { ...server, secretId: 'other' } } }, 'PermissionDenied');
    process.env.AWS_SESSION_TOKEN = 'wrong';
    await refused({}, 'PermissionDenied');
    process.env.AWS_SESSION_TOKEN = 'session';
    process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = '9';
    await refused({}, 'Unavailable');
    process.env.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT = String(extension.port);
  });
});
