import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { decodeJwt, importJWK, SignJWT } from 'jose';
import {
  type AssertionAlgorithm,
  fetchToken,
  generateProviderKey,
  type ProviderCredentials,
} from '../../functions/provider-access/client-assertion';
import { remoteKeySet } from '../../functions/provider-access/remote-key-set';
import { assertionAlgorithms } from '../../functions/provider-access/token-endpoint';
import type { TokenSource } from '../../functions/provider-access/token-source';
import { TokenVerifier, type TokenVerifierSettings } from '../../functions/provider-access/token-verifier';
import { type Fault, FaultProxy } from '../support/fault-proxy';
import { refusedAs } from './object-store-harness';

export interface TokensHarness {
  readonly source: TokenSource;
  /** One for each algorithm of assertions, with these scopes. */
  readonly senders: Readonly<Record<AssertionAlgorithm, ProviderCredentials>>;
  readonly stop: () => Promise<void>;
}

/** What the senders of a harness are registered with. */
export const registeredScopes = ['system/*.cu', 'system/Observation.c'];

/** @param longAssertions what the issuer does with an assertion that is good for two hours; the lake's API does not see it */
export function tokensContract(
  name: string,
  start: () => Promise<TokensHarness>,
  longAssertions: 'refused' | 'taken' = 'refused',
): void {
  describe(`Tokens: ${name}`, () => {
    let harness: TokensHarness;
    let sender: ProviderCredentials;
    before(async () => {
      harness = await start();
      sender = harness.senders.ES384;
    });
    after(() => harness.stop());

    const verifierOf = (changes: Partial<TokenVerifierSettings> = {}): TokenVerifier =>
      new TokenVerifier({ ...harness.source.verification, ...changes }, remoteKeySet(new URL(harness.source.jwksUrl)));
    const tokenOf = async (credentials = sender, scopes?: readonly string[]): Promise<string> =>
      (await fetchToken(credentials, harness.source.tokenEndpoint, scopes)).access_token;
    /** Status of the answer to an assertion with these claims, signed by the sender or by another. */
    const ask = async (claims: Record<string, unknown> = {}, key = sender.privateJwk): Promise<number> => {
      const now = Math.floor(Date.now() / 1000);
      const { clientId } = sender;
      const audience = harness.source.tokenEndpoint;
      const whole = {
        iss: clientId,
        sub: clientId,
        aud: audience,
        jti: randomUUID(),
        iat: now,
        exp: now + 60,
        ...claims,
      };
      const assertion = await new SignJWT(whole)
        .setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: String(sender.privateJwk.kid) })
        .sign(await importJWK(key, 'ES384'));
      const answer = await fetch(audience, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: 'system/*.cu',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      });
      await answer.arrayBuffer();
      return answer.status;
    };

    describe('access tokens', () => {
      for (const alg of assertionAlgorithms) {
        it(`say who sends, for whom and what is allowed, to a sender that signs with ${alg}`, async () => {
          const { clientId, ods } = harness.senders[alg];
          const token = await verifierOf().verify(await tokenOf(harness.senders[alg], ['system/*.cu']));
          assert.deepEqual(token, { clientId, ods, scopes: ['system/*.cu'] });
        });
      }

      it('live five minutes at most', async () => {
        const { iat, exp } = decodeJwt(await tokenOf());
        assert.ok(exp! - iat! <= 300);
      });

      it('never carry a scope that the sender is not registered with', async () => {
        const scopes = ['system/Observation.c', 'system/Patient.u', 'openid', 'system/*.cruds'];
        const text = await tokenOf(sender, scopes).catch(() => undefined);
        const token = text === undefined ? undefined : await verifierOf().verify(text);
        for (const scope of token?.scopes ?? []) assert.ok(registeredScopes.includes(scope), scope);
      });
    });

    describe('assertions', () => {
      it('are good once', async () => {
        const jti = randomUUID();
        assert.deepEqual([await ask({ jti }), (await ask({ jti })) >= 400], [200, true]);
      });

      it('are refused for another audience, another client, after their end and by another key', async () => {
        const past = Math.floor(Date.now() / 1000) - 600;
        const { privateJwk } = await generateProviderKey('ES384');
        for (const answer of [
          ask({ aud: 'https://elsewhere.example/token' }),
          ask({ iss: 'another', sub: 'another' }),
          ask({ iat: past, exp: past + 60 }),
          ask({}, privateJwk),
        ])
          assert.ok([400, 401].includes(await answer));
      });

      it(`that are good for two hours are ${longAssertions}`, async () => {
        const status = await ask({ exp: Math.floor(Date.now() / 1000) + 7200 });
        assert.equal(status === 200 ? 'taken' : 'refused', longAssertions);
      });
    });

    describe('refusals of the verifier', () => {
      it('a token for another lake, of another issuer, of another kind, or changed', async () => {
        const text = await tokenOf();
        assert.notEqual(await verifierOf().verify(text), undefined);
        for (const changes of [
          { audience: 'https://other.example/FHIR/R4' },
          { issuer: 'https://other.example' },
          { types: ['logout+jwt'] },
          { algorithms: ['RS512'] },
        ])
          assert.equal(await verifierOf(changes).verify(text), undefined, JSON.stringify(changes));
        const [header = '', payload = '', signature = ''] = text.split('.');
        const other = Buffer.from(JSON.stringify({ ...decodeJwt(text), ods: 'L99999' })).toString('base64url');
        const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
        for (const forged of [`${header}.${other}.${signature}`, `${unsigned}.${payload}.`, `${header}.${payload}.`])
          assert.equal(await verifierOf().verify(forged), undefined);
      });
    });

    describe('behind a bad network', () => {
      let proxy: FaultProxy;
      let verifier: () => TokenVerifier;
      before(async () => {
        const keys = new URL(harness.source.jwksUrl);
        proxy = new FaultProxy(new URL(keys.origin));
        const proxied = new URL(keys.pathname + keys.search, await proxy.listen());
        verifier = () => new TokenVerifier(harness.source.verification, remoteKeySet(proxied, 300));
      });
      after(() => proxy.close());

      for (const [what, fault] of [
        ['a reset', { kind: 'reset' }],
        ['a lost answer', { kind: 'answerLost' }],
        ['a truncated answer', { kind: 'truncated' }],
        ['an answer that stalls', { kind: 'stalled' }],
        ['no answer in time', { kind: 'silent' }],
        ['a 503 with Retry-After', { kind: 'answer', status: 503, headers: { 'retry-after': '1' } }],
        ['a 429 with Retry-After', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }],
        ['a page that is no key set', { kind: 'answer', status: 200, body: '<html>sign in</html>' }],
      ] as const satisfies readonly (readonly [string, Fault])[]) {
        it(`a good token is never told as bad for ${what} in place of the keys, and is good the next time`, async () => {
          const text = await tokenOf();
          const one = verifier();
          proxy.plan = (index) => (index === 0 ? fault : { kind: 'pass' });
          await assert.rejects(one.verify(text), refusedAs('Unavailable'));
          assert.equal((await one.verify(text))?.ods, sender.ods);
          // Known keys are not asked for again: an issuer that is away shuts nobody out.
          proxy.plan = () => ({ kind: 'reset' });
          assert.equal((await one.verify(text))?.ods, sender.ods);
        });
      }
    });
  });
}
