import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { isLakeError, type LakeErrorCode } from '../../../adapters/ports/errors';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import type { Provider } from '../../../functions/provider-access/provider-register';
import { auditOf, IssuerUnderTest } from './issuer-under-test';

describe('provider register', () => {
  let issuer: IssuerUnderTest;
  let publicJwk: JWK;
  let privateJwk: JWK;

  before(async () => {
    ({ publicJwk, privateJwk } = await generateProviderKey());
  });

  beforeEach(async () => {
    issuer = await new IssuerUnderTest().start();
  });

  afterEach(async () => {
    await issuer.stop();
    issuer.remove();
  });

  const provider = (other: Partial<Provider> = {}): Provider => ({
    clientId: 'client-1',
    ods: 'RXX01',
    name: 'A hospital',
    keys: [publicJwk],
    scopes: ['system/*.cu'],
    nhsNumberPolicy: 'quarantine',
    disabled: false,
    ...other,
  });
  const audits = (): Promise<number> =>
    issuer.database.snapshot(async (tx) =>
      Number((await tx.query<{ n: number }>('SELECT count(*) AS n FROM audit'))[0]!.n),
    );
  const refused = (code: LakeErrorCode) => (error: unknown) => isLakeError(error, code);
  const { register, rotate } = {
    register: auditOf('lake provider register'),
    rotate: auditOf('lake provider rotate-key'),
  };

  it('keeps a provider and its audit record together', async () => {
    await issuer.register.register(provider({ defaultProfile: 'https://example.org/StructureDefinition/p' }), register);
    const found = await issuer.register.find('client-1');
    assert.deepEqual(found, {
      ...provider(),
      defaultProfile: 'https://example.org/StructureDefinition/p',
      shutOut: false,
      created: register.recorded,
    });
    assert.deepEqual(await issuer.register.list(), [found]);
    assert.equal(await issuer.register.find('client-2'), undefined);
    assert.equal(await audits(), 1);
  });

  it('changes nothing when the audit record is refused', async () => {
    await assert.rejects(issuer.register.register(provider(), { ...register, action: '' }), refused('InvalidArgument'));
    assert.deepEqual(await issuer.register.list(), []);
    await issuer.register.register(provider(), register);
    await assert.rejects(issuer.register.disable('client-1', { ...register, action: '' }), refused('InvalidArgument'));
    assert.equal((await issuer.register.find('client-1'))?.disabled, false);
  });

  it('refuses a second registration of a client or an organisation', async () => {
    await issuer.register.register(provider(), register);
    await assert.rejects(issuer.register.register(provider({ ods: 'RXX02' }), register), refused('AlreadyExists'));
    await assert.rejects(
      issuer.register.register(provider({ clientId: 'client-2' }), register),
      refused('AlreadyExists'),
    );
    assert.equal(await audits(), 1);
  });

  it('refuses what it cannot use, and never repeats it', async () => {
    const rsa = (modulusLength: number): JWK => ({
      ...(generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }) as JWK),
      kid: 'r',
    });
    const p256 = {
      ...(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as JWK),
      kid: 'e',
    };
    const { kid: _kid, ...nameless } = publicJwk;
    const wrong: Record<string, Partial<Provider>> = {
      'private key': { keys: [privateJwk] },
      'symmetric key': { keys: [{ kty: 'oct', k: 'AAAA', kid: 'o' }] },
      'short RSA key': { keys: [rsa(1024)] },
      'another curve': { keys: [p256] },
      'no kid': { keys: [nameless] },
      'alg of another kind': { keys: [{ ...publicJwk, alg: 'RS384' }] },
      'alg not offered': { keys: [{ ...rsa(2048), alg: 'RS256' }] },
      'key for encryption': { keys: [{ ...publicJwk, use: 'enc' }] },
      'point not on the curve': { keys: [{ ...publicJwk, x: publicJwk.y! }] },
      'three keys': { keys: [publicJwk, { ...publicJwk, kid: '2' }, { ...publicJwk, kid: '3' }] },
      'one kid twice': { keys: [publicJwk, publicJwk] },
      'client id': { clientId: 'secret marker' },
      'ODS code': { ods: 'secret marker' },
      name: { name: 'secret\u0007marker' },
      'no scope': { scopes: [] },
      'unknown scope': { scopes: ['system/*.cu', 'secretmarker'] },
      'NHS number policy': { nhsNumberPolicy: 'secretmarker' as Provider['nhsNumberPolicy'] },
      'default profile': { defaultProfile: 'secretmarker' },
    };
    for (const [name, other] of Object.entries(wrong)) {
      await assert.rejects(issuer.register.register(provider(other), register), (error: Error) => {
        assert.ok(isLakeError(error, 'InvalidArgument'), `${name}: ${error.message}`);
        assert.doesNotMatch(error.message, /marker/);
        return true;
      });
    }
    assert.deepEqual(await issuer.register.list(), []);
    assert.equal(await audits(), 0);
    await issuer.register.register(provider({ keys: [rsa(2048)] }), register);
  });

  it('keeps two keys while rotating, never three and never none', async () => {
    await issuer.register.register(provider(), register);
    const kids = async (): Promise<unknown[]> => (await issuer.register.find('client-1'))!.keys.map(({ kid }) => kid);
    await issuer.register.rotateKey('client-1', { ...publicJwk, kid: 'two' }, rotate);
    assert.deepEqual(await kids(), ['two', publicJwk.kid]);
    await issuer.register.rotateKey('client-1', { ...publicJwk, kid: 'three' }, rotate);
    assert.deepEqual(await kids(), ['three', 'two']);
    await assert.rejects(
      issuer.register.rotateKey('client-1', { ...publicJwk, kid: 'two' }, rotate),
      refused('AlreadyExists'),
    );
    await assert.rejects(issuer.register.rotateKey('client-1', privateJwk, rotate), refused('InvalidArgument'));
    await issuer.register.retireKey('client-1', 'two', rotate);
    await assert.rejects(issuer.register.retireKey('client-1', 'two', rotate), refused('NotFound'));
    await assert.rejects(issuer.register.retireKey('client-1', 'three', rotate), refused('InvalidArgument'));
    assert.deepEqual(await kids(), ['three']);
    assert.equal(await audits(), 4);
    for (const change of [
      issuer.register.rotateKey('client-9', publicJwk, rotate),
      issuer.register.retireKey('client-9', 'x', rotate),
      issuer.register.disable('client-9', rotate),
    ]) {
      await assert.rejects(change, refused('NotFound'));
    }
  });
});
