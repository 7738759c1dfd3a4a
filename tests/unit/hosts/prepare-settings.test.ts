import assert from 'node:assert/strict';
import { handler, type LambdaPrepareEvent } from '../../../functions/hosts/aws-lambda/functions/prepare';
import { type PrepareSettings, prepare, readPrepareSettings } from '../../../functions/hosts/knative/prepare';

const settings: PrepareSettings = {
  postgres: { host: 'db', port: 5432, user: 'u', passwordFile: '/nowhere/MARKER' },
  databases: { lake: 'lake', identity: 'identity' },
  roles: { ingest: { user: 'ingest', passwordFile: '/nowhere/MARKER' } },
  openbao: { address: 'https://bao', mount: 'transit', login: { role: 'prepare', jwtFile: '/token' } },
  callers: { identity: [{ namespace: 'lake', name: 'marts' }] },
};
const event: LambdaPrepareEvent = {
  servers: { lake: { host: 'db', port: 5432, secretId: 's' } },
  databases: { lake: 'lake' },
  roles: { ingest: 'ingest' },
  keys: { kind: 'aws-kms', region: 'eu-west-2', aliasPrefix: 'lake' },
};

/** Names of settings that a refusal may not come without, and its values that it may not repeat. */
const refusal =
  (...said: readonly RegExp[]) =>
  (error: Error & { readonly code?: string }): boolean => {
    assert.equal(error.code, 'InvalidArgument');
    assert.doesNotMatch(error.message, /MARKER/);
    for (const one of said) assert.match(error.message, one);
    return true;
  };

describe('settings of a preparation', () => {
  it('are read as the stack writes them', () => {
    assert.deepEqual(readPrepareSettings(JSON.stringify(settings)), settings);
  });

  it('that are no JSON object are refused by the name of the variable', () => {
    for (const text of [undefined, '', '{"postgres": MARKER', '[]', 'null', '"MARKER"'])
      assert.throws(() => readPrepareSettings(text), refusal(/LAKE_PREPARE/, /JSON/));
  });

  it('are refused field by field, all at once, with what each must be', () => {
    const { databases: _, ...wrong } = { ...settings, roles: ['MARKER'], openbao: { address: 'MARKER' } };
    assert.throws(
      () => readPrepareSettings(JSON.stringify(wrong)),
      refusal(/LAKE_PREPARE is not right/, /databases: .*lake, identity/, /roles: .*passwordFile/, /openbao: .*login/),
    );
    const fields: Readonly<Record<string, unknown>> = {
      postgres: { ...settings.postgres, port: 'MARKER' },
      buckets: { endpoint: 'MARKER' },
      providers: { ods: 'MARKER' },
      callers: { identity: 'MARKER' },
      serviceAccounts: { ingest: { name: 'MARKER' } },
    };
    for (const [name, value] of Object.entries(fields))
      assert.throws(
        () => readPrepareSettings(JSON.stringify({ ...settings, [name]: value })),
        refusal(new RegExp(`^LAKE_PREPARE is not right:\n - ${name}: [^\n]+$`)),
      );
  });

  it('that name a file which is not there say which of them does', async () => {
    await assert.rejects(prepare(settings), refusal(/LAKE_PREPARE: postgres.passwordFile: .*cannot be read/));
  });

  it('of the function on AWS are refused likewise, before anything is asked of a server', async () => {
    const { write } = process.stderr;
    process.stderr.write = (() => true) as typeof write;
    try {
      for (const none of [null, 'MARKER', []])
        await assert.rejects(handler(none as never), refusal(/The event: a JSON object of servers, databases/));
      const fields: Readonly<Record<string, unknown>> = {
        servers: { lake: { host: 'MARKER' } },
        databases: 'MARKER',
        roles: { ingest: { user: 'MARKER' } },
        keys: { kind: 'MARKER' },
        providers: 'MARKER',
        clientIds: ['MARKER'],
      };
      for (const [name, value] of Object.entries(fields))
        await assert.rejects(
          handler({ ...event, [name]: value }),
          refusal(new RegExp(`^The event is not right:\n - ${name}: [^\n]+$`)),
        );
    } finally {
      process.stderr.write = write;
    }
  });
});
