import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import { remoteKeySet } from '../../../functions/provider-access/remote-key-set';
import { TokenVerifier } from '../../../functions/provider-access/token-verifier';
import { inSeconds, signed } from './issuer-under-test';

describe('the keys of an issuer', () => {
  let server: Server;
  let fetches: number;
  let published: JWK[];
  let verifier: TokenVerifier;

  before(async () => {
    server = createServer((_, response) => {
      fetches += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  beforeEach(() => {
    fetches = 0;
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    const claims = { clientId: 'client_id', ods: 'ods', scope: 'scope' };
    const settings = { issuer: 'https://i.example', audience: 'https://a.example', algorithms: ['ES384'], claims };
    verifier = new TokenVerifier(settings, remoteKeySet(url));
  });

  const token = (key: JWK, jti: number): Promise<string> => {
    const common = { iss: 'https://i.example', aud: 'https://a.example', client_id: 'c', ods: 'RXX01' };
    return signed(key, { ...common, scope: 'system/*.c', exp: inSeconds(60), jti }, { typ: 'at+jwt' });
  };

  it('gives an issuer that sleeps the time to wake, and asks it once for all who wait', async () => {
    const key = await generateProviderKey();
    published = [key.publicJwk];
    const limits: number[] = [];
    const { timeout } = AbortSignal;
    AbortSignal.timeout = (milliseconds) => {
      limits.push(milliseconds);
      return timeout.call(AbortSignal, milliseconds);
    };
    try {
      const tokens = await Promise.all([1, 2, 3, 4].map((jti) => token(key.privateJwk, jti)));
      const verified = await Promise.all(tokens.map((one) => verifier.verify(one)));
      assert.ok(verified.every((one) => one !== undefined));
    } finally {
      AbortSignal.timeout = timeout;
    }
    assert.equal(fetches, 1);
    assert.deepEqual(limits, [25_000]);
  });

  it('takes a token of a key that was published a moment after the set was fetched', async () => {
    const [old, next] = [await generateProviderKey(), await generateProviderKey()];
    published = [old.publicJwk];
    assert.ok(await verifier.verify(await token(old.privateJwk, 1)));
    published = [next.publicJwk, old.publicJwk];
    const verified = await Promise.all(
      [2, 3, 4].map(async (jti) => verifier.verify(await token(next.privateJwk, jti))),
    );
    assert.ok(verified.every((one) => one !== undefined));
    assert.ok(await verifier.verify(await token(old.privateJwk, 5)), 'and those of the key before');
    assert.equal(fetches, 2);
  });

  it('fetches at most once a second for keys that do not exist, and refuses their tokens', async () => {
    const [known, foreign] = [await generateProviderKey(), await generateProviderKey()];
    published = [known.publicJwk];
    assert.ok(await verifier.verify(await token(known.privateJwk, 1)));
    const forged = await Promise.all(
      Array.from({ length: 40 }, async (_, jti) =>
        verifier.verify(await token({ ...foreign.privateJwk, kid: `made-up-${jti}` }, jti)),
      ),
    );
    assert.ok(forged.every((one) => one === undefined));
    assert.ok(fetches <= 3, `${fetches} fetches`);
  });
});
