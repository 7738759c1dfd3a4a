import assert from 'node:assert/strict';
import { LakeError } from '../../../adapters/ports/errors';
import type { ProxyEvent } from '../../../functions/hosts/aws-lambda/proxy-event';
import { signedAnswers } from '../../../functions/hosts/aws-lambda/signed-answers';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import type { IssuerPorts } from '../../../functions/provider-access/issuer';
import { issuerKeySet } from '../../../functions/provider-access/issuer-key-set';
import { SignedTokens } from '../../../functions/provider-access/signed-token';
import { ownIssuer } from '../../../functions/provider-access/token-source';
import { TokenVerifier } from '../../../functions/provider-access/token-verifier';
import { auditOf, IssuerUnderTest } from './issuer-under-test';

const origin = 'https://lake.example.nhs.uk';
const audience = `${origin}/FHIR/R4`;
const role = 'arn:aws:iam::123456789012:role/senders/surgery';
const session = 'arn:aws:sts::123456789012:assumed-role/surgery/i-1';
const asking = (scope: string): string => String(new URLSearchParams({ grant_type: 'client_credentials', scope }));

describe('Tokens for those who sign as a role of AWS', () => {
  let issuer: IssuerUnderTest;
  before(async () => {
    issuer = new IssuerUnderTest();
    await issuer.start();
    const { publicJwk } = await generateProviderKey();
    await issuer.register.register(
      {
        clientId: 'rxx01',
        ods: 'RXX01',
        name: 'A surgery',
        keys: [publicJwk],
        scopes: ['system/Observation.c'],
        nhsNumberPolicy: 'quarantine',
        disabled: false,
      },
      auditOf('register'),
    );
  });
  after(async () => {
    await issuer.stop();
    issuer.remove();
  });

  const tokensOf = (ports: Partial<IssuerPorts> = {}, requestsPerMinute = 100): SignedTokens =>
    new SignedTokens(
      { origin, audience, requestsPerMinute, signers: { [role]: 'rxx01' } },
      { ...issuer.ports, ...ports },
    );
  const ask = (caller: string | undefined, scope = 'system/Observation.c', tokens = tokensOf()) =>
    tokens.answer({ caller, body: asking(scope) });

  it('are those of the issuer: the verifier takes them, with the provider the role stands for', async () => {
    const { status, body } = await ask(session);
    assert.equal(status, 200);
    const { access_token, expires_in } = body as { readonly access_token: string; readonly expires_in: number };
    assert.equal(expires_in, 300);
    const verifier = new TokenVerifier(
      ownIssuer(origin, audience).verification,
      issuerKeySet(issuer.ports.key.publicKey),
    );
    assert.deepEqual(await verifier.verify(access_token), {
      clientId: 'rxx01',
      ods: 'RXX01',
      scopes: ['system/Observation.c'],
    });
    const record = issuer.records.at(-1);
    assert.deepEqual(
      [record?.agent.id, record?.outcome],
      ['rxx01', { result: 'allowed', code: 'success', status: 200 }],
    );
  });

  it('are refused to every other role, account and principal, and to whom the gateway names nobody', async () => {
    for (const caller of [
      undefined,
      '',
      'arn:aws:sts::210987654321:assumed-role/surgery/i-1',
      'arn:aws:sts::123456789012:assumed-role/surgery-2/i-1',
      'arn:aws:sts::123456789012:assumed-role/other/surgery',
      'arn:aws:iam::123456789012:user/surgery',
      'arn:aws:iam::123456789012:root',
    ]) {
      const { status, body } = await ask(caller);
      assert.deepEqual([status, (body as { readonly error: string }).error], [401, 'invalid_client'], caller);
      assert.equal(issuer.records.at(-1)?.agent.id, 'unregistered');
    }
  });

  it('are refused for scopes that are not registered, another grant, and too often', async () => {
    for (const scope of ['system/Patient.c', 'system/*.c', '', 'MARKER']) {
      const { status, body } = await ask(session, scope);
      assert.deepEqual([status, (body as { readonly error: string }).error], [400, 'invalid_scope']);
      assert.ok(!JSON.stringify(body).includes('MARKER'));
    }
    assert.equal((await tokensOf().answer({ caller: session, body: 'grant_type=password' })).status, 400);
    const few = tokensOf({}, 1);
    await ask(session, undefined, few);
    const { status, headers } = await ask(session, undefined, few);
    assert.equal(status, 429);
    assert.ok(Number(headers['retry-after']) > 0);
  });

  it('are not given without a record, nor under a key that was rotated twice meanwhile', async () => {
    const audit = async () => {
      throw new LakeError('Unavailable', 'MARKER');
    };
    assert.equal((await ask(session, undefined, tokensOf({ audit }))).status, 503);
    assert.match(String(issuer.failures), /MARKER/, 'whoever runs the lake is told why');
    let version = 1;
    const key = {
      publicKey: async () => ({ ...(await issuer.ports.key.publicKey()), version }),
      sign: async (bytes: Uint8Array) => ({ ...(await issuer.ports.key.sign(bytes)), version: ++version }),
    };
    const rotated = await ask(session, undefined, tokensOf({ key }));
    assert.deepEqual([rotated.status, version], [503, 3]);
  });

  it('go by who signed as the gateway says, whatever a request carries', async () => {
    const answer = signedAnswers(tokensOf());
    const event = (userArn: string | null, headers: Record<string, string> = {}): ProxyEvent => ({
      httpMethod: 'POST',
      path: '/oauth2/signed-token',
      headers,
      body: asking('system/Observation.c'),
      requestContext: { identity: { sourceIp: '192.0.2.1', userArn } },
    });
    assert.equal((await answer(event(session))).statusCode, 200);
    const forged = { userArn: session, 'x-amz-caller': session, 'x-amzn-requestcontext': session };
    assert.equal((await answer(event(null, forged))).statusCode, 401);
    assert.equal((await answer({ ...event(session), httpMethod: 'GET' })).statusCode, 405);
  });

  it('are refused as soon as the provider is disabled', async () => {
    await issuer.register.disable('rxx01', auditOf('disable'));
    assert.equal((await ask(session)).status, 401);
  });
});
