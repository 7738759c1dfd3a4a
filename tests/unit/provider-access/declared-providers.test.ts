import assert from 'node:assert/strict';
import type { JWK } from 'jose';
import { isLakeError } from '../../../adapters/ports/errors';
import { generateProviderKey } from '../../../functions/provider-access/client-assertion';
import {
  applyDeclaredProviders,
  checkDeclaredProviders,
  type DeclaredProvider,
  withoutKeys,
} from '../../../functions/provider-access/declared-providers';
import { auditOf, IssuerUnderTest } from './issuer-under-test';

describe('declared providers', () => {
  let issuer: IssuerUnderTest;
  let key: JWK;
  let privateKey: JWK;

  before(async () => {
    ({ publicJwk: key, privateJwk: privateKey } = await generateProviderKey());
  });
  beforeEach(async () => {
    issuer = await new IssuerUnderTest().start();
  });
  afterEach(async () => {
    await issuer.stop();
    issuer.remove();
  });

  const declared = (ods: string, other: Partial<DeclaredProvider> = {}): DeclaredProvider => ({
    ods,
    name: `Provider ${ods}`,
    jwks: { keys: [key] },
    ...other,
  });
  const apply = (list: readonly DeclaredProvider[]): Promise<number> =>
    applyDeclaredProviders(issuer.register, checkDeclaredProviders(list), auditOf);
  const audits = async (): Promise<number> =>
    issuer.database.snapshot(async (tx) =>
      Number((await tx.query<{ n: number }>('SELECT count(*) AS n FROM audit'))[0]!.n),
    );

  it('become the register, each change with its audit record', async () => {
    assert.equal(await apply([declared('RXX01'), declared('RXX02')]), 2);
    assert.equal(await apply([declared('RXX01', { nhsNumber: 'reject' }), declared('RXX03')]), 3);
    const register = (await issuer.register.list()).map(({ clientId, nhsNumberPolicy, disabled }) => [
      clientId,
      nhsNumberPolicy,
      disabled,
    ]);
    assert.deepEqual(register, [
      ['rxx01', 'reject', false],
      ['rxx02', 'quarantine', true],
      ['rxx03', 'quarantine', false],
    ]);
    assert.equal(await audits(), 5);
  });

  it('change nothing the second time, and write nothing', async () => {
    const list = [declared('RXX01', { profile: 'https://example.org/p' }), declared('RXX02')];
    await apply(list);
    await apply([list[0]!]);
    const before = await audits();
    assert.equal(await apply([list[0]!]), 0);
    assert.equal(await audits(), before);
  });

  it('come back when they are declared again', async () => {
    await apply([declared('RXX01')]);
    await apply([]);
    assert.equal(await apply([declared('RXX01')]), 1);
    assert.equal((await issuer.register.find('rxx01'))?.disabled, false);
  });

  it('stay out when a person disabled them, declared or not, until a person enables them', async () => {
    await apply([declared('RXX01')]);
    const disabled = async () => (await issuer.register.find('rxx01'))?.disabled;
    await issuer.register.disable('rxx01', auditOf('disable'));
    assert.equal(await apply([declared('RXX01')]), 0);
    assert.equal(await apply([declared('RXX01', { nhsNumber: 'reject' })]), 1);
    await apply([]);
    await apply([declared('RXX01')]);
    assert.equal(await disabled(), true);
    await issuer.register.enable('rxx01', auditOf('enable'));
    assert.equal(await disabled(), false);
    await assert.rejects(issuer.register.enable('rxx01', auditOf('enable')), (error) =>
      isLakeError(error, 'PreconditionFailed'),
    );
  });

  it('have the client id of their issuer, under which they stay the same provider', async () => {
    const { jwks: _, ...byASecret } = declared('RXX01');
    await apply([declared('RXX01')]);
    const list = checkDeclaredProviders([byASecret]);
    const applyMade = () => applyDeclaredProviders(issuer.register, list, auditOf, { RXX01: 'made-up-by-cognito' });
    assert.deepEqual([await applyMade(), await applyMade()], [1, 0]);
    assert.equal(await issuer.register.find('rxx01'), undefined);
    const found = await issuer.register.find('made-up-by-cognito');
    assert.deepEqual([found?.ods, found?.keys, found?.disabled], ['RXX01', [], false]);
    assert.deepEqual(withoutKeys([...list, declared('RXX02')]), [1]);
  });

  it('are refused whole when one is wrong, and no value is repeated', () => {
    const wrong: readonly unknown[] = [
      {},
      [declared('rxx01')],
      [declared('RXX01'), declared('RXX01')],
      [declared('RXX01', { jwks: { keys: [] } })],
      [declared('RXX01', { jwks: { keys: [privateKey] } })],
      [declared('RXX01', { scopes: ['system/*.read'] })],
      [{ ...declared('RXX01'), secret: 'a value that stays out of errors' }],
    ];
    for (const list of wrong) {
      assert.throws(
        () => checkDeclaredProviders(list),
        (error: unknown) => {
          assert.ok(isLakeError(error, 'InvalidArgument'));
          assert.ok(!error.message.includes('stays out') && !error.message.includes(String(privateKey.d)));
          return true;
        },
      );
    }
  });
});
