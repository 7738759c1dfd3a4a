import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, type JWK, jwtVerify } from 'jose';
import {
  fetchToken,
  generateProviderKey,
  type ProviderCredentials,
} from '../../../functions/provider-access/client-assertion';
import { jwksPath } from '../../../functions/provider-access/token-endpoint';
import { auditOf, IssuerUnderTest, inSeconds, signed } from './issuer-under-test';

describe('issuer state', () => {
  let issuer: IssuerUnderTest;
  let sender: ProviderCredentials;

  beforeEach(async () => {
    issuer = await new IssuerUnderTest().start();
    sender = await issuer.provider('RXX01');
  });

  afterEach(async () => {
    await issuer.stop();
    issuer.remove();
  });

  const assertion = (jti = randomUUID(), from = sender): Promise<string> =>
    signed(from.privateJwk, { iss: from.clientId, sub: from.clientId, aud: issuer.tokenUrl, jti, exp: inSeconds(240) });

  it('refuses an assertion used before, and a new one of the same jti', async () => {
    const jti = randomUUID();
    const first = await assertion(jti);
    assert.equal((await issuer.post(issuer.form(first))).status, 200);
    for (const again of [first, await assertion(jti)]) {
      const { status, body } = await issuer.post(issuer.form(again));
      assert.deepEqual([status, body.error], [401, 'invalid_client']);
      assert.match(body.error_description ?? '', /used before/);
    }
    const other = await issuer.provider('RXX02');
    assert.equal(
      (await issuer.post(issuer.form(await assertion(jti, other)))).status,
      200,
      'a jti is unique per client',
    );
  });

  it('lets exactly one of many concurrent uses of one assertion through', async () => {
    for (let round = 0; round < 5; round++) {
      const text = await assertion();
      const answers = await Promise.all(Array.from({ length: 16 }, () => issuer.post(issuer.form(text))));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array<number>(15).fill(401)]);
    }
  });

  it('lets exactly one of two processes over the same state take an assertion', async () => {
    const second = await new IssuerUnderTest(issuer.folder).start(0, {
      origin: issuer.origin,
      audience: issuer.audience,
    });
    try {
      for (let round = 0; round < 5; round++) {
        const text = await assertion();
        const answers = await Promise.all([issuer, second].map((one) => one.post(issuer.form(text))));
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401]);
      }
    } finally {
      await second.stop();
    }
  });

  it('remembers used assertions after a restart', async () => {
    const text = await assertion();
    assert.equal((await issuer.post(issuer.form(text))).status, 200);
    await issuer.stop();
    issuer = await new IssuerUnderTest(issuer.folder).start(Number(new URL(issuer.origin).port));
    assert.match((await issuer.post(issuer.form(text))).body.error_description ?? '', /used before/);
    assert.equal((await issuer.post(issuer.form(await assertion()))).status, 200);
  });

  it('keeps a used jti until its assertion could no longer be used, then forgets it', async () => {
    await issuer.post(issuer.form(await assertion()));
    const rows = await issuer.database.snapshot((tx) => tx.query<{ expires: string }>('SELECT expires FROM oidc'));
    assert.equal(rows.length, 1);
    const left = (Date.parse(rows[0]!.expires) - Date.now()) / 1000;
    assert.ok(left > 245 && left < 252, 'the time the assertion had left, and the skew');
    assert.equal(await issuer.ports.storage.sweep(new Date(Date.now() + 245_000).toISOString()), 0);
    assert.equal(await issuer.ports.storage.sweep(new Date(Date.now() + 252_000).toISOString()), 1);
  });

  it('rotates a provider key without a rejected call, then refuses the retired one', async () => {
    const { publicJwk, privateJwk } = await generateProviderKey();
    let current = sender;
    let stop = false;
    const statuses: number[] = [];
    const load = async (): Promise<void> => {
      while (!stop) statuses.push((await issuer.post(issuer.form(await assertion(randomUUID(), current)))).status);
    };
    let failure: unknown;
    const running = Promise.all([load(), load()]).catch((error: unknown) => {
      failure = error;
    });
    const until = async (count: number): Promise<void> => {
      const goal = statuses.length + count;
      while (statuses.length < goal && failure === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(6);
    await issuer.register.rotateKey(sender.clientId, publicJwk, auditOf('lake provider rotate-key'));
    await until(6);
    current = { ...sender, privateJwk };
    await until(6);
    stop = true;
    await running;
    assert.equal(failure, undefined);
    assert.deepEqual(new Set(statuses), new Set([200]));
    await issuer.register.retireKey(
      sender.clientId,
      String(sender.privateJwk.kid),
      auditOf('lake provider rotate-key'),
    );
    assert.equal((await issuer.post(issuer.form(await assertion()))).status, 401);
    assert.equal((await issuer.post(issuer.form(await assertion(randomUUID(), current)))).status, 200);
  });

  it('refuses a disabled provider from its next request on', async () => {
    assert.equal((await issuer.post(issuer.form(await assertion()))).status, 200);
    await issuer.register.disable(sender.clientId, auditOf('lake provider disable'));
    const { status, body } = await issuer.post(issuer.form(await assertion()));
    assert.deepEqual([status, body.error], [401, 'invalid_client']);
  });

  it('takes up a rotated signing key at once and still publishes the one before', async () => {
    const before = await fetchToken(sender, issuer.tokenUrl);
    await issuer.keys.rotate('issuer');
    const after = await fetchToken(sender, issuer.tokenUrl);
    const keys = createRemoteJWKSet(new URL(`${issuer.origin}${jwksPath}`));
    const kids = new Set<string | undefined>();
    for (const { access_token } of [before, after]) {
      kids.add(
        (await jwtVerify(access_token, keys, { issuer: issuer.origin, audience: issuer.audience })).protectedHeader.kid,
      );
    }
    assert.equal(kids.size, 2);
  });

  it('gives no token when the key is rotated between naming and signing: 503, and the next request works', async () => {
    let rotations = 0;
    await issuer.stop();
    issuer = await new IssuerUnderTest(issuer.folder).start(
      Number(new URL(issuer.origin).port),
      {},
      {
        key: {
          publicKey: (version) => issuer.keys.publicKey('issuer', version),
          sign: async (bytes) => {
            if (rotations++ === 0) await issuer.keys.rotate('issuer');
            return issuer.keys.sign('issuer', bytes);
          },
        },
      },
    );
    const { status, headers, body } = await issuer.post(issuer.form(await assertion()));
    assert.deepEqual([status, headers.get('retry-after'), body.error], [503, '1', 'server_error']);
    const token = await fetchToken(sender, issuer.tokenUrl);
    await jwtVerify(token.access_token, createRemoteJWKSet(new URL(`${issuer.origin}${jwksPath}`)));
  });

  it('limits the token requests of each provider in a rolling minute, and of that provider only', async () => {
    await issuer.stop();
    issuer = await new IssuerUnderTest(issuer.folder).start(Number(new URL(issuer.origin).port), {
      requestsPerMinute: 3,
    });
    const forged = (): Promise<string> =>
      generateProviderKey().then(({ privateJwk }) =>
        assertion(randomUUID(), { ...sender, privateJwk: { ...privateJwk, kid: sender.privateJwk.kid! } as JWK }),
      );
    for (let call = 0; call < 4; call++) assert.equal((await issuer.post(issuer.form(await forged()))).status, 401);
    for (let call = 0; call < 3; call++)
      assert.equal((await issuer.post(issuer.form(await assertion()))).status, 200, 'forged requests do not count');
    const { status, headers, body } = await issuer.post(issuer.form(await assertion()));
    assert.deepEqual([status, body.error], [429, 'temporarily_unavailable']);
    const seconds = Number(headers.get('retry-after'));
    assert.ok(Number.isInteger(seconds) && seconds > 50 && seconds <= 60);
    const other = await issuer.provider('RXX02');
    assert.equal((await issuer.post(issuer.form(await assertion(randomUUID(), other)))).status, 200);
  });

  it('leaves one audit record for each answer, and gives no token when it cannot', async () => {
    await issuer.post(issuer.form(await assertion()));
    await issuer.post(issuer.form('no assertion'));
    await issuer.post(issuer.form(await assertion(), 'system/Patient.r'));
    assert.deepEqual(
      issuer.records.map(({ event, action, agent, outcome }) => [event, action, agent.id, outcome]),
      [
        ['login', 'POST /oauth2/token', sender.clientId, { result: 'allowed', code: 'success', status: 200 }],
        ['login', 'POST /oauth2/token', 'unregistered', { result: 'denied', code: 'invalid_request', status: 400 }],
        ['login', 'POST /oauth2/token', sender.clientId, { result: 'denied', code: 'invalid_scope', status: 400 }],
      ],
    );
    await issuer.stop();
    const down = { audit: () => Promise.reject(new Error('disk full')) };
    issuer = await new IssuerUnderTest(issuer.folder).start(Number(new URL(issuer.origin).port), {}, down);
    const { status, text } = await issuer.post(issuer.form(await assertion()));
    assert.equal(status, 503);
    assert.doesNotMatch(text, /access_token|disk full/);
    assert.match(String(issuer.failures), /disk full/);
  });

  it('answers 503 without a reason that leaks when the state is out of reach, and tells whoever runs it', async () => {
    await issuer.stop();
    issuer = await new IssuerUnderTest(issuer.folder).start(
      Number(new URL(issuer.origin).port),
      {},
      {
        register: { find: () => Promise.reject(new Error('secret detail')) },
      },
    );
    const { status, text, headers } = await issuer.post(issuer.form(await assertion()));
    assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
    assert.doesNotMatch(text, /secret detail/);
    assert.match(String(issuer.failures), /secret detail/);
  });
});
