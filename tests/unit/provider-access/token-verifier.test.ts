import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import fc from 'fast-check';
import { createLocalJWKSet, createRemoteJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';
import { isLakeError } from '../../../adapters/ports/errors';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import {
  type ProviderLookup,
  TokenVerifier,
  type TokenVerifierSettings,
} from '../../../functions/provider-access/token-verifier';
import { inSeconds, signed } from './issuer-under-test';

const settings: TokenVerifierSettings = {
  issuer: 'https://lake.example',
  audience: 'https://lake.example/FHIR/R4',
  algorithms: ['ES384'],
  claims: { clientId: 'client_id', ods: 'ods', scope: 'scope' },
};
const good = (other: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: settings.issuer,
  aud: settings.audience,
  client_id: 'client-RXX01',
  ods: 'RXX01',
  scope: 'system/Patient.c system/*.u',
  exp: inSeconds(300),
  ...other,
});
const rfc9068 = { typ: 'at+jwt' };
const verified = { clientId: 'client-RXX01', ods: 'RXX01', scopes: ['system/Patient.c', 'system/*.u'] };

describe('token verifier', () => {
  let key: JWK;
  let rsa: JWK;
  let keySet: JWTVerifyGetKey;
  let asked: number;

  before(async () => {
    const [ec, other] = [await generateProviderKey(), await generateProviderKey('RS384')];
    [key, rsa] = [ec.privateJwk, other.privateJwk];
    const local = createLocalJWKSet({ keys: [ec.publicJwk, other.publicJwk] });
    keySet = (header, token) => {
      asked += 1;
      return local(header, token);
    };
  });

  beforeEach(() => {
    asked = 0;
  });

  afterEach(() => mock.timers.reset());

  it('gives client, organisation and scopes, and verifies a signature once', async () => {
    const verifier = new TokenVerifier(settings, keySet);
    const token = await signed(key, good(), rfc9068);
    assert.deepEqual(await verifier.verify(token), verified);
    assert.deepEqual(await verifier.verify(token), verified);
    assert.equal(asked, 1);
    assert.deepEqual(
      await verifier.verify(await signed(key, good({ aud: ['x', settings.audience] }), rfc9068)),
      verified,
    );
  });

  const bad: Record<string, () => Promise<string>> = {
    'another issuer': () => signed(key, good({ iss: 'https://elsewhere.example' }), rfc9068),
    'no issuer': () => signed(key, good({ iss: undefined }), rfc9068),
    'another audience': () => signed(key, good({ aud: 'https://lake.example/other' }), rfc9068),
    'no audience': () => signed(key, good({ aud: undefined }), rfc9068),
    expired: () => signed(key, good({ exp: inSeconds(-11) }), rfc9068),
    'no expiry': () => signed(key, good({ exp: undefined }), rfc9068),
    'not active yet': () => signed(key, good({ nbf: inSeconds(30) }), rfc9068),
    'another type of token': () => signed(key, good(), { typ: 'JWT' }),
    'no type': () => signed(key, good(), { typ: undefined }),
    'a good signature of another algorithm': () => signed(rsa, good(), rfc9068),
    'alg none': async () => {
      const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${text({ alg: 'none', ...rfc9068 })}.${text(good())}.`;
    },
    'an unknown kid': () => signed(key, good(), { ...rfc9068, kid: 'another' }),
    'a foreign key': async () => signed((await generateProviderKey()).privateJwk, good(), { ...rfc9068, kid: key.kid }),
    'claims of another token': async () => {
      const [first, second] = [await signed(key, good(), rfc9068), await signed(key, good({ ods: 'RXX02' }), rfc9068)];
      return [first.split('.')[0], second.split('.')[1], first.split('.')[2]].join('.');
    },
    'no client': () => signed(key, good({ client_id: undefined }), rfc9068),
    'no organisation': () => signed(key, good({ ods: undefined }), rfc9068),
    'an empty organisation': () => signed(key, good({ ods: '' }), rfc9068),
    'too long': () => signed(key, good({ padding: 'x'.repeat(20_000) }), rfc9068),
    'no token': async () => '',
  };
  for (const [name, make] of Object.entries(bad)) {
    it(`refuses a token: ${name}`, async () => {
      const verifier = new TokenVerifier(settings, keySet);
      const token = await make();
      assert.equal(await verifier.verify(token), undefined);
      assert.equal(await verifier.verify(token), undefined, 'nor the second time');
    });
  }

  it('refuses any text and any one changed character, and never throws', async () => {
    const verifier = new TokenVerifier(settings, keySet);
    const token = await signed(key, good(), rfc9068);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    const changed = fc.tuple(fc.nat(token.length - 1), fc.nat(alphabet.length - 1)).map(([at, letter]) => {
      return token.slice(0, at) + alphabet[letter] + token.slice(at + 1);
    });
    // The last characters of a base64url text carry unused bits only when its length says so: 96 bytes leave none.
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), changed), async (text) => {
        assert.deepEqual(await verifier.verify(text), text === token ? verified : undefined);
      }),
      { numRuns: 150 },
    );
  });

  it('does not serve a token from its memory after it expired', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const verifier = new TokenVerifier(settings, keySet);
    const token = await signed(key, good({ exp: inSeconds(300) }), rfc9068);
    assert.deepEqual(await verifier.verify(token), verified);
    mock.timers.tick(299_000);
    assert.deepEqual(await verifier.verify(token), verified);
    assert.equal(asked, 1);
    mock.timers.tick(12_000);
    assert.equal(await verifier.verify(token), undefined);
  });

  it('asks the register each time: disabled, gone, or of another organisation is out at once', async () => {
    let provider: Awaited<ReturnType<ProviderLookup>> = { ods: 'RXX01', disabled: false };
    const verifier = new TokenVerifier(settings, keySet, async () => provider);
    const token = await signed(key, good(), rfc9068);
    assert.deepEqual(await verifier.verify(token), { ...verified, provider });
    for (const now of [{ ods: 'RXX01', disabled: true }, undefined, { ods: 'RXX02', disabled: false }]) {
      provider = now;
      assert.equal(await verifier.verify(token), undefined);
    }
    provider = { ods: 'RXX01', disabled: false };
    assert.deepEqual(await verifier.verify(token), { ...verified, provider });
  });

  it('reads the tokens of other issuers by configuration alone', async () => {
    const register: ProviderLookup = async () => ({ ods: 'RXX01', disabled: false });
    const { audience, ...base } = settings;
    const shapes: [string, TokenVerifierSettings, Record<string, unknown>, ProviderLookup?][] = [
      [
        'client in azp, text scopes, typ JWT',
        { ...base, audience: audience!, types: ['JWT'], claims: { clientId: 'azp', ods: 'ods', scope: 'scope' } },
        good({ client_id: undefined, azp: 'client-RXX01' }),
      ],
      [
        'no audience, prefixed scopes with dots, organisation from the register',
        {
          ...base,
          types: ['JWT'],
          claims: { clientId: 'client_id', scope: 'scope' },
          scopePrefix: 'lake/',
          scopeSeparator: '.',
        },
        good({ aud: undefined, ods: undefined, scope: 'other/system.Patient.u lake/system.Patient.c lake/system.*.u' }),
        register,
      ],
      [
        'roles as a list',
        {
          ...base,
          audience: audience!,
          types: ['JWT'],
          claims: { clientId: 'azp', scope: 'roles' },
          scopeSeparator: '.',
        },
        good({
          client_id: undefined,
          azp: 'client-RXX01',
          ods: undefined,
          scope: undefined,
          roles: ['system.Patient.c', 'system.*.u'],
        }),
        register,
      ],
    ];
    for (const [name, configured, claims, lookup] of shapes) {
      const verifier = new TokenVerifier(configured, keySet, lookup);
      const expected = lookup === undefined ? verified : { ...verified, provider: await lookup('') };
      assert.deepEqual(await verifier.verify(await signed(key, claims)), expected, name);
    }
  });

  it('is not built where it would accept too much', () => {
    const { audience: _left, ...open } = settings;
    for (const wrong of [
      open,
      { ...settings, algorithms: [] },
      { ...settings, algorithms: ['HS256'] },
      { ...settings, algorithms: ['none'] },
      { ...settings, claims: { clientId: 'client_id', scope: 'scope' } },
    ]) {
      assert.throws(
        () => new TokenVerifier(wrong, keySet),
        (error) => isLakeError(error, 'InvalidArgument'),
      );
    }
  });

  it('tells keys that cannot be fetched from a token that is not good', async () => {
    const server = createServer((_request, response) => response.writeHead(500).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    const token = await signed(key, good(), rfc9068);
    await assert.rejects(new TokenVerifier(settings, createRemoteJWKSet(url)).verify(token), (error) =>
      isLakeError(error, 'Unavailable'),
    );
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(new TokenVerifier(settings, createRemoteJWKSet(url)).verify(token), (error) =>
      isLakeError(error, 'Unavailable'),
    );
    assert.equal(await new TokenVerifier(settings, createRemoteJWKSet(url)).verify('no token'), undefined);
  });
});
