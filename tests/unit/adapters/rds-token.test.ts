import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { rdsTokens } from '../../../adapters/aws/rds-token';

const login = {
  host: 'lake.cluster-abc.eu-west-2.rds.amazonaws.com',
  port: 5432,
  user: 'lake ingest',
  region: 'eu-west-2',
};
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** Signature Version 4 of a query string, written from its description (IAM User Guide, "Create a signed AWS API request"). */
function signatureOf(address: URL): string {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...address.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', '/', query, `host:${address.host}`, '', 'host', hash('')].join('\n');
  const time = address.searchParams.get('X-Amz-Date') ?? '';
  const scope = `${time.slice(0, 8)}/eu-west-2/rds-db/aws4_request`;
  const key = ['eu-west-2', 'rds-db', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, time.slice(0, 8)));
  return hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n')).toString('hex');
}

describe('login to Aurora by IAM', () => {
  const kept = { ...process.env };
  afterEach(() => {
    process.env = { ...kept };
  });

  it('signs a request to connect that nobody sends, for fifteen minutes and this role alone', async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_SESSION_TOKEN: 'session/+=',
    });
    const token = await rdsTokens(login)();
    assert.ok(token.startsWith(`${login.host}:5432/?`));
    const address = new URL(`https://${token}`);
    const asked = Object.fromEntries(address.searchParams);
    assert.equal(asked.Action, 'connect');
    assert.equal(asked.DBUser, login.user);
    assert.equal(asked['X-Amz-Expires'], '900');
    assert.equal(asked['X-Amz-Security-Token'], 'session/+=');
    assert.ok(asked['X-Amz-Credential']?.startsWith('AKIDEXAMPLE/'));
    assert.equal(asked['X-Amz-Signature'], signatureOf(address));
  });

  it('signs anew at each login: a token of an hour ago is none', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: secret });
    const tokens = rdsTokens(login);
    const first = await tokens();
    const RealDate = Date;
    const later = Date.now() + 3_600_000;
    globalThis.Date = class extends RealDate {
      constructor(...given: readonly []) {
        super(...((given.length === 0 ? [later] : given) as readonly []));
      }
    } as DateConstructor;
    try {
      assert.notEqual(await tokens(), first);
    } finally {
      globalThis.Date = RealDate;
    }
  });

  it('follows credentials that change, and is refused without any', async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'FIRST',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    assert.match(await rdsTokens(login)(), /FIRST/);
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    });
    await assert.rejects(rdsTokens(login)(), { code: 'PermissionDenied' });
  });
});
