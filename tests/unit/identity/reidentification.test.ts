import assert from 'node:assert/strict';
import { LakeError } from '../../../adapters/ports/errors';
import { NamedOperators, type OperatorCredential } from '../../../functions/identity/named-operators';
import { Reidentification } from '../../../functions/identity/reidentification';
import { reidentificationStore } from '../../../functions/identity/reidentification-store';
import { HeldClock } from '../audit/audit-lake';
import { IdentityZone } from './identity-zone';

describe('a request for re-identification', () => {
  let zone: IdentityZone;
  let clock: HeldClock;
  let cases: Reidentification;
  let operators: NamedOperators;
  let ann: OperatorCredential;
  let ben: OperatorCredential;

  beforeEach(async () => {
    zone = await IdentityZone.open();
    clock = new HeldClock();
    const store = reidentificationStore.open(zone.database);
    operators = new NamedOperators(store, clock);
    cases = new Reidentification({
      store,
      projects: { personOf: async () => 'person-1' },
      lookup: { recordsOf: async () => [], numberOf: async () => '9990000018', persons: async () => [] },
      clock,
    });
    ann = await operators.add('ann');
    ben = await operators.add('ben');
  });
  afterEach(() => zone.close());

  const request = () =>
    operators.as(ann, 'lake reidentify request', (by) =>
      cases.request(by, { project: 'asthma-study', token: 'a-token', reason: 'The team needs to call them.' }),
    );
  const approve = (who: OperatorCredential, id: string, minutes: number) =>
    operators.as(who, 'lake reidentify approve', (by) => cases.approve(by, id, minutes));
  const reveal = (who: OperatorCredential, id: string) =>
    operators.as(who, 'lake reidentify reveal', (by) => cases.reveal(by, id));

  it('shows its answer until the approval expires, and not a moment longer', async () => {
    const [one, two] = [await request(), await request()];
    await approve(ben, one.id, 5);
    await approve(ben, two.id, 5);
    clock.pass(299);
    assert.equal((await reveal(ann, one.id)).nhsNumber, '9990000018');
    clock.pass(1);
    await assert.rejects(reveal(ann, two.id), /expired/);
  });

  it('waits a week for its approval, no longer, and cannot be approved for more than a day', async () => {
    const { id } = await request();
    await assert.rejects(approve(ben, id, 24 * 60 + 1), /lasts/);
    await assert.rejects(approve(ben, id, Number.NaN), /lasts/);
    clock.pass(7 * 24 * 3600 + 1);
    await assert.rejects(approve(ben, id, 5), /too old/);
  });

  it('is revealed once, however many ask at the same moment', async () => {
    const { id } = await request();
    await approve(ben, id, 5);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => reveal(ann, id)));
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('leaves a record of every step and of every refusal, under the name of who tried', async () => {
    const { id } = await request();
    await assert.rejects(approve(ann, id, 5), /second person/);
    await assert.rejects(approve({ name: 'ben', secret: ann.secret }, id, 5), /do not belong/);
    await assert.rejects(approve({ name: 'eve@example', secret: '' }, id, 5), /do not belong/);
    await approve(ben, id, 5);
    await reveal(ann, id);
    const away = operators.as(ben, 'lake reidentify reveal', async () => {
      throw new LakeError('Unavailable', 'The database is away.');
    });
    await assert.rejects(away, /away/);
    assert.deepEqual((await zone.audited()).slice(2), [
      'ann lake reidentify request allowed requested',
      'ann lake reidentify approve denied PermissionDenied',
      'ben lake reidentify approve denied login',
      'unknown lake reidentify approve denied login',
      'ben lake reidentify approve allowed approved',
      'ann lake reidentify reveal allowed revealed',
      'ben lake reidentify reveal failed Unavailable',
    ]);
  });

  it('keeps no secret of an operator, and tells nobody token or reason in its list', async () => {
    await request();
    const rows = await zone.database.snapshot((tx) => tx.query('SELECT * FROM named_operator'));
    assert.ok(!JSON.stringify(rows).includes(ann.secret));
    const list = JSON.stringify(await cases.list());
    assert.ok(list.includes('asthma-study') && !list.includes('a-token') && !list.includes('call them'));
  });
});
