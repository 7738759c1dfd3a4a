import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, jwtVerify } from 'jose';
import {
  fetchToken,
  generateProviderKey,
  type ProviderCredentials,
  TokenRefused,
} from '../../../functions/provider-access/client-assertion';
import { assertionAlgorithms, jwksPath } from '../../../functions/provider-access/token-endpoint';
import { IssuerUnderTest, inSeconds, signed } from './issuer-under-test';

describe('token endpoint', () => {
  let issuer: IssuerUnderTest;
  let sender: ProviderCredentials;
  let stranger: JWK;

  before(async () => {
    issuer = await new IssuerUnderTest().start();
    sender = await issuer.provider('RXX01', ['system/Patient.c', 'system/Observation.cu']);
    stranger = (await generateProviderKey()).privateJwk;
  });

  after(async () => {
    await issuer.stop();
    issuer.remove();
  });

  const claims = (other: Record<string, unknown> = {}) => ({
    iss: sender.clientId,
    sub: sender.clientId,
    aud: issuer.tokenUrl,
    jti: randomUUID(),
    exp: inSeconds(240),
    ...other,
  });

  for (const alg of assertionAlgorithms) {
    it(`gives an RFC 9068 token for an assertion signed with ${alg}`, async () => {
      const credentials = await issuer.provider(`RYY${assertionAlgorithms.indexOf(alg)}`, ['system/*.cu'], alg);
      const token = await fetchToken(credentials, issuer.tokenUrl, ['system/Observation.c', 'system/Patient.u']);
      assert.equal(token.token_type, 'Bearer');
      assert.equal(token.expires_in, 300);
      assert.equal(token.scope, 'system/Observation.c system/Patient.u');
      const keys = (await (await fetch(`${issuer.origin}${jwksPath}`)).json()) as JSONWebKeySet;
      const { payload, protectedHeader } = await jwtVerify(token.access_token, createLocalJWKSet(keys), {
        issuer: issuer.origin,
        audience: issuer.audience,
        typ: 'at+jwt',
        algorithms: ['ES384'],
      });
      assert.equal(payload.sub, credentials.clientId);
      assert.equal(payload.client_id, credentials.clientId);
      assert.equal(payload.ods, credentials.ods);
      assert.equal(payload.scope, 'system/Observation.c system/Patient.u');
      assert.equal(payload.exp! - payload.iat!, 300);
      assert.ok(payload.jti);
      assert.ok(protectedHeader.kid);
    });
  }

  it('publishes public keys only', async () => {
    const { keys } = (await (await fetch(`${issuer.origin}${jwksPath}`)).json()) as JSONWebKeySet;
    assert.deepEqual(
      keys.map(({ kty, crv, alg, use, d }) => ({ kty, crv, alg, use, d })),
      [{ kty: 'EC', crv: 'P-384', alg: 'ES384', use: 'sig', d: undefined }],
    );
  });

  /** Requirement R2.1: each malformed assertion and the word its sender needs to read. */
  const malformed: Record<string, { make: () => Promise<string>; says: RegExp; status?: number; error?: string }> = {
    'kid missing': { make: () => signed(sender.privateJwk, claims(), { kid: undefined }), says: /\bkid\b/ },
    'kid unknown': { make: () => signed(sender.privateJwk, claims(), { kid: 'another' }), says: /\bkid\b/ },
    'typ missing': { make: () => signed(sender.privateJwk, claims(), { typ: undefined }), says: /\btyp\b/ },
    'typ wrong': { make: () => signed(sender.privateJwk, claims(), { typ: 'at+jwt' }), says: /\btyp\b/ },
    'alg not offered': {
      make: async () => signed((await generateProviderKey('RS384')).privateJwk, claims(), { alg: 'RS256' }),
      says: /RS384, ES384, RS512, PS256/,
    },
    'alg none': {
      make: async () => `${encoded({ alg: 'none', typ: 'JWT', kid: sender.privateJwk.kid })}.${encoded(claims())}.`,
      says: /RS384, ES384, RS512, PS256/,
    },
    'alg HS384 over the public key': {
      make: async () => {
        const { d: _private, ...open } = sender.privateJwk;
        const text = `${encoded({ alg: 'HS384', typ: 'JWT', kid: sender.privateJwk.kid })}.${encoded(claims())}`;
        return `${text}.${createHmac('sha384', JSON.stringify(open)).update(text).digest('base64url')}`;
      },
      says: /RS384, ES384, RS512, PS256/,
    },
    'exp missing': { make: () => signed(sender.privateJwk, claims({ exp: undefined })), says: /\bexp\b/ },
    'exp not a whole number': {
      make: () => signed(sender.privateJwk, claims({ exp: inSeconds(60) + 0.5 })),
      says: /whole number/,
    },
    'exp a text': { make: () => signed(sender.privateJwk, claims({ exp: String(inSeconds(60)) })), says: /\bexp\b/ },
    'exp past by more than the skew': {
      make: () => signed(sender.privateJwk, claims({ exp: inSeconds(-12) })),
      says: /expired/,
    },
    'exp more than five minutes ahead': {
      make: () => signed(sender.privateJwk, claims({ exp: inSeconds(315) })),
      says: /five minutes/,
    },
    'nbf ahead': { make: () => signed(sender.privateJwk, claims({ nbf: inSeconds(30) })), says: /\bnbf\b/ },
    'iss not sub': { make: () => signed(sender.privateJwk, claims({ iss: 'client-other' })), says: /\biss\b/ },
    'iss missing': { make: () => signed(sender.privateJwk, claims({ iss: undefined })), says: /\biss\b/ },
    'sub missing': { make: () => signed(sender.privateJwk, claims({ sub: undefined })), says: /\bsub\b/ },
    'sub not registered': {
      make: () => signed(sender.privateJwk, claims({ iss: 'client-other', sub: 'client-other' })),
      says: /not registered/,
    },
    'jti missing': { make: () => signed(sender.privateJwk, claims({ jti: undefined })), says: /\bjti\b/ },
    'jti not a text': { make: () => signed(sender.privateJwk, claims({ jti: 7 })), says: /\bjti\b/ },
    'jti too long': { make: () => signed(sender.privateJwk, claims({ jti: 'j'.repeat(257) })), says: /\bjti\b/ },
    'aud missing': { make: () => signed(sender.privateJwk, claims({ aud: undefined })), says: /\baud\b/ },
    'aud another server': {
      make: () => signed(sender.privateJwk, claims({ aud: 'https://elsewhere.example/token' })),
      says: /\baud\b/,
    },
    'aud several servers': {
      make: () => signed(sender.privateJwk, claims({ aud: [issuer.tokenUrl, 'https://elsewhere.example/token'] })),
      says: /\baud\b/,
    },
    'no matching public key': { make: () => signed(stranger, claims()), says: /\bkid\b/ },
    'bad signature': { make: () => signed(stranger, claims(), { kid: sender.privateJwk.kid }), says: /signature/ },
    'not a JWT': { make: async () => 'one.two.three', says: /not a JWT/, status: 400, error: 'invalid_request' },
  };

  for (const [name, { make, says, status = 401, error = 'invalid_client' }] of Object.entries(malformed)) {
    it(`refuses an assertion: ${name}`, async () => {
      const { status: given, body, text, headers } = await issuer.post(issuer.form(await make()));
      assert.deepEqual({ status: given, error: body.error }, { status, error });
      assert.match(body.error_description ?? '', says);
      assert.equal(body.access_token, undefined);
      assert.match(headers.get('content-type') ?? '', /^application\/json/);
      assert.match(headers.get('cache-control') ?? '', /no-store/);
      assert.doesNotMatch(text, /client-other|elsewhere|another/, 'a submitted value was repeated');
    });
  }

  it('accepts a clock that differs by less than ten seconds, and the issuer as audience (RFC 7523 section 3)', async () => {
    for (const other of [
      { exp: inSeconds(-5) },
      { exp: inSeconds(305) },
      { nbf: inSeconds(5) },
      { aud: issuer.origin },
    ]) {
      const { status, text } = await issuer.post(issuer.form(await signed(sender.privateJwk, claims(other))));
      assert.equal(status, 200, text);
    }
  });

  it('refuses requests of another shape with the errors of RFC 6749 section 5.2', async () => {
    const assertion = (): Promise<string> => signed(sender.privateJwk, claims());
    const cases: [string, Record<string, string | undefined>, number, string][] = [
      ['assertion missing', issuer.form(undefined), 400, 'invalid_request'],
      [
        'assertion type missing',
        { ...issuer.form(await assertion()), client_assertion_type: undefined },
        400,
        'invalid_request',
      ],
      [
        'assertion type wrong',
        { ...issuer.form(await assertion()), client_assertion_type: 'urn:example' },
        400,
        'invalid_request',
      ],
      ['grant type missing', { ...issuer.form(await assertion()), grant_type: undefined }, 400, 'invalid_request'],
      [
        'grant type unknown',
        { ...issuer.form(await assertion()), grant_type: 'password' },
        400,
        'unsupported_grant_type',
      ],
      [
        'client id of another',
        { ...issuer.form(await assertion()), client_id: 'client-other' },
        400,
        'invalid_request',
      ],
      [
        'resource of another',
        { ...issuer.form(await assertion()), resource: 'https://elsewhere.example/' },
        400,
        'invalid_target',
      ],
    ];
    for (const [name, form, status, error] of cases) {
      const answer = await issuer.post(form);
      assert.deepEqual([name, answer.status, answer.body.error], [name, status, error]);
      assert.doesNotMatch(answer.text, /client-other|elsewhere|urn:example/);
    }
    const json = await fetch(issuer.tokenUrl, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    assert.deepEqual([json.status, ((await json.json()) as { error: string }).error], [400, 'invalid_request']);
    const get = await fetch(issuer.tokenUrl);
    assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
  });

  it('does not take a client secret', async () => {
    const { status, body } = await issuer.post({
      grant_type: 'client_credentials',
      client_id: sender.clientId,
      client_secret: 'guess',
      scope: 'system/Patient.c',
    });
    assert.deepEqual([status, body.error], [401, 'invalid_client']);
    const basic = { authorization: `Basic ${Buffer.from(`${sender.clientId}:guess`).toString('base64')}` };
    const answer = await issuer.post({ grant_type: 'client_credentials', scope: 'system/Patient.c' }, basic);
    assert.deepEqual([answer.status, answer.body.error], [401, 'invalid_client']);
  });

  it('answers JSON also to a browser', async () => {
    const { status, body } = await issuer.post(issuer.form(undefined), { accept: 'text/html' });
    assert.deepEqual([status, body.error], [400, 'invalid_request']);
  });

  it('does not let the sender choose the audience by its headers', async () => {
    for (const name of ['host', 'x-forwarded-host']) {
      const assertion = await signed(sender.privateJwk, claims({ aud: 'http://elsewhere.example/oauth2/token' }));
      assert.equal(await statusWith({ [name]: 'elsewhere.example' }, assertion), 401, name);
      assert.equal(
        await statusWith({ [name]: 'elsewhere.example' }, await signed(sender.privateJwk, claims())),
        200,
        name,
      );
    }
  });

  /** Through node:http, because fetch does not let a Host header be set. */
  function statusWith(headers: Record<string, string>, assertion: string): Promise<number | undefined> {
    const form = Object.entries(issuer.form(assertion)).map(([name, value]): [string, string] => [name, value ?? '']);
    return new Promise((resolve, reject) => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const sent = request(issuer.tokenUrl, { method: 'POST', headers: { ...type, ...headers } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject).end(new URLSearchParams(form).toString());
    });
  }

  const scopes: [string | undefined, number][] = [
    ['system/Patient.c', 200],
    ['system/Observation.c', 200],
    ['system/Observation.u', 200],
    ['system/Observation.cu', 200],
    ['system/Patient.c system/Observation.u', 200],
    [undefined, 400],
    ['system/Patient.u', 400],
    ['system/Patient.cu', 400],
    ['system/Encounter.c', 400],
    ['system/*.c', 400],
    ['system/Patient.c system/Encounter.c', 400],
    ['system/Patient.r', 400],
    ['system/Patient.cruds', 400],
    ['system/Unheardof.c', 400],
    ['user/Patient.c', 400],
    ['openid', 400],
    ['offline_access system/Patient.c', 400],
    ['anything', 400],
  ];
  for (const [scope, status] of scopes) {
    it(`${status === 200 ? 'grants' : 'refuses'} the scope ${scope ?? 'left out'}`, async () => {
      const form = { ...issuer.form(await signed(sender.privateJwk, claims())), scope };
      const answer = await issuer.post(form);
      assert.equal(answer.status, status, answer.text);
      if (status === 200) assert.equal(answer.body.scope, scope);
      else {
        assert.equal(answer.body.error, 'invalid_scope');
        assert.equal(answer.body.scope, undefined);
        assert.equal(answer.text.includes('scope is missing'), scope === undefined);
        for (const one of scope?.split(' ') ?? [])
          assert.ok(!answer.text.includes(one), 'a submitted value was repeated');
      }
    });
  }

  it('lets the client know why it was refused', async () => {
    await assert.rejects(fetchToken(sender, issuer.tokenUrl, ['system/*.cu']), (error: unknown) => {
      assert.ok(error instanceof TokenRefused);
      assert.deepEqual([error.status, (error.response as { error: string }).error], [400, 'invalid_scope']);
      return true;
    });
  });

  it('describes itself as RFC 8414 asks, without endpoints it does not have', async () => {
    const metadata = (await (await fetch(`${issuer.origin}/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >;
    assert.equal(metadata.issuer, issuer.origin);
    assert.equal(metadata.token_endpoint, issuer.tokenUrl);
    assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ['private_key_jwt']);
    assert.equal(metadata.authorization_endpoint, undefined);
  });
});

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
