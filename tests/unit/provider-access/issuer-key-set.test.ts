import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';
import { LakeError } from '../../../adapters/ports/errors';
import type { PublicKey } from '../../../adapters/ports/key-management';
import { cognitoIssuer, cognitoTokenEndpoint, cognitoTokens } from '../../../components/provider-access/cognito-tokens';
import { authorise, Unauthorised } from '../../../functions/hosts/aws-lambda/authorise';
import { tokenKeysOnLambda } from '../../../functions/hosts/aws-lambda/lambda-tokens';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import { issuerKeySet } from '../../../functions/provider-access/issuer-key-set';
import { keyThumbprint } from '../../../functions/provider-access/key-thumbprint';
import { smartConfiguration } from '../../../functions/provider-access/smart-configuration';
import { ownIssuer, readTokenSource } from '../../../functions/provider-access/token-source';
import { TokenVerifier } from '../../../functions/provider-access/token-verifier';
import { inSeconds, signed } from './issuer-under-test';

const issuer = 'https://i.example';
const audience = 'https://a.example/FHIR/R4';

/** A key service with the versions of one signing key, which counts what is asked of it. */
class Versions {
  asked = 0;
  away = false;
  readonly #keys: JWK[] = [];

  async add(): Promise<JWK> {
    const { privateJwk, publicJwk } = await generateProviderKey();
    this.#keys.push(publicJwk);
    const kid = keyThumbprint(createPublicKey({ key: publicJwk as never, format: 'jwk' }));
    return { ...privateJwk, kid };
  }

  readonly publicKey = async (version = this.#keys.length): Promise<PublicKey> => {
    this.asked += 1;
    if (this.away) throw new LakeError('Unavailable', 'The key service is away.');
    const pem = createPublicKey({ key: this.#keys[version - 1] as never, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    return { pem: String(pem), keyName: 'issuer', version };
  };
}

const token = (key: JWK, changes: object = {}): Promise<string> =>
  signed(
    key,
    {
      ...{ iss: issuer, aud: audience, client_id: 'c', ods: 'RXX01', scope: 'system/*.c', exp: inSeconds(60) },
      ...changes,
    },
    { typ: 'at+jwt', kid: key.kid ?? '' },
  );

describe('The own issuer’s keys, read where they are kept', () => {
  const verifierOf = (versions: Versions): TokenVerifier => {
    return new TokenVerifier(ownIssuer(issuer, audience).verification, issuerKeySet(versions.publicKey));
  };

  it('take tokens of the newest key and of the one before it, and ask once for many', async () => {
    const versions = new Versions();
    const [first, second, third] = [await versions.add(), await versions.add(), await versions.add()];
    const verifier = verifierOf(versions);
    const found = await Promise.all(
      [third, second, third].map(async (key, jti) => verifier.verify(await token(key, { jti }))),
    );
    assert.deepEqual(
      found.map((one) => one?.clientId),
      ['c', 'c', 'c'],
    );
    assert.equal(versions.asked, 2);
    assert.equal(await verifier.verify(await token(first)), undefined);
  });

  it('are read again for a key that was rotated a moment ago', async () => {
    const versions = new Versions();
    const verifier = verifierOf(versions);
    for (let n = 0; n < 3; n += 1) assert.ok(await verifier.verify(await token(await versions.add())), `rotation ${n}`);
  });

  it('are read five times at once and then once a second, whatever key a token names', async () => {
    const versions = new Versions();
    await versions.add();
    const verifier = verifierOf(versions);
    const { privateJwk } = await generateProviderKey();
    const begun = performance.now();
    for (let n = 0; n < 20; n += 1)
      assert.equal(await verifier.verify(await token({ ...privateJwk, kid: `made-up-${n}` })), undefined);
    const seconds = Math.ceil((performance.now() - begun) / 1000);
    assert.ok(versions.asked <= 5 + seconds, `${versions.asked}`);
  });

  it('that cannot be read condemn no token', async () => {
    const versions = new Versions();
    const key = await versions.add();
    versions.away = true;
    await assert.rejects(verifierOf(versions).verify(await token(key)), { code: 'Unavailable' });
  });
});

describe('The authoriser', () => {
  const methodArn = 'arn:aws:execute-api:eu-west-2:123456789012:api/prod/POST/FHIR/R4/Patient';
  let key: JWK;
  let verifier: TokenVerifier;
  before(async () => {
    const versions = new Versions();
    key = await versions.add();
    verifier = new TokenVerifier(ownIssuer(issuer, audience).verification, issuerKeySet(versions.publicKey));
  });

  it('allows a good token the API of this stage, and no other', async () => {
    for (const header of ['Authorization', 'authorization']) {
      const answer = await authorise({ methodArn, headers: { [header]: `Bearer ${await token(key)}` } }, verifier);
      assert.equal(answer.principalId, 'c');
      assert.match(answer.usageIdentifierKey, /^[0-9a-f]{64}$/);
      assert.deepEqual(answer.policyDocument, {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            Resource: 'arn:aws:execute-api:eu-west-2:123456789012:api/prod/*',
          },
        ],
      });
    }
  });

  it('refuses every other, as the gateway turns it into 401', async () => {
    const late = await token(key, { exp: inSeconds(-60) });
    const elsewhere = await token(key, { aud: 'https://other.example' });
    const { privateJwk } = await generateProviderKey();
    const forged = await token({ ...privateJwk, kid: key.kid ?? '' });
    for (const authorization of [
      undefined,
      '',
      'Bearer',
      'Basic YTpi',
      `Bearer ${late}`,
      `Bearer ${elsewhere}`,
      `Bearer ${forged}`,
    ]) {
      const headers = authorization === undefined ? null : { Authorization: authorization };
      await assert.rejects(authorise({ methodArn, headers }, verifier), (error: Error) => {
        assert.ok(error instanceof Unauthorised);
        assert.equal(error.message, 'Unauthorized');
        return true;
      });
    }
  });
});

describe('Tokens of Cognito', () => {
  const pool = cognitoIssuer('eu-west-2', 'eu-west-2_pool');
  const toldWith = (keys: readonly JWK[]) =>
    cognitoTokens({
      issuer: pool,
      tokenEndpoint: cognitoTokenEndpoint('eu-west-2', 'lake'),
      resourceServer: 'lake',
      keys,
    });
  const verifierOf = (keys: readonly JWK[]): TokenVerifier => {
    const tokens = readTokenSource(JSON.stringify(toldWith(keys)), audience);
    const keySet = tokenKeysOnLambda({ issuer, tokens }, () => assert.fail('the own issuer is not asked'));
    return new TokenVerifier(tokens.verification, keySet, async () => ({ ods: 'RXX01', disabled: false }));
  };
  let key: JWK;
  let published: JWK;
  let verifier: TokenVerifier;
  const cognito = (changes: object = {}): Promise<string> =>
    signed(
      key,
      {
        iss: pool,
        client_id: 'c',
        token_use: 'access',
        scope: 'lake/system.*.c other/all',
        exp: inSeconds(60),
        ...changes,
      },
      { alg: 'RS256' },
    );
  before(async () => {
    const pair = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
      true,
      ['sign', 'verify'],
    );
    key = { ...((await crypto.subtle.exportKey('jwk', pair.privateKey)) as JWK), kid: 'of the pool' };
    const { kty, kid, n, e } = key;
    published = { kty, kid, n, e } as JWK;
    verifier = verifierOf([published]);
  });

  it('have scopes of the lake’s resource server, and the organisation that the register knows', async () => {
    const { provider: _, ...verified } = (await verifier.verify(await cognito())) ?? {};
    assert.deepEqual(verified, { clientId: 'c', ods: 'RXX01', scopes: ['system/*.c'] });
  });

  it('are access tokens of this pool alone', async () => {
    for (const changes of [{ token_use: 'id' }, { token_use: undefined }, { iss: `${pool}2` }, { exp: inSeconds(-60) }])
      assert.equal(await verifier.verify(await cognito(changes)), undefined, JSON.stringify(changes));
  });

  it('are good by the keys of the settings alone, and none is where there are none', async () => {
    assert.equal(await verifierOf([]).verify(await cognito()), undefined);
    assert.equal(await verifierOf([{ ...published, kid: 'another' }]).verify(await cognito()), undefined);
    assert.throws(() => verifierOf([key]), /keys: a list of its public keys/);
  });

  it('are asked for with secrets of clients, and the lake says so', () => {
    const { token_endpoint, token_endpoint_auth_methods_supported: methods } = smartConfiguration(
      readTokenSource(JSON.stringify(toldWith([])), audience),
    ) as Readonly<Record<string, unknown>>;
    assert.equal(token_endpoint, 'https://lake.auth.eu-west-2.amazoncognito.com/oauth2/token');
    assert.deepEqual(methods, ['client_secret_basic']);
  });
});
