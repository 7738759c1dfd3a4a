import assert from 'node:assert/strict';
import { statementsOf } from '../../../components/guardrails/reachability/policy-document';
import { kindOf } from '../../support/pulumi-mocks';
import { deployed, recordLake } from '../recorded-lake';
import { isAllowed } from './access-request';
import { type AccountPolicies, policiesOf } from './account-policies';
import { attacks } from './attacks';
import { type AccessCase, type KeyArns, manifestCases } from './manifest-cases';
import { operatorAttacks } from './operator-attacks';
import { boundary, organisation } from './organisation';
import { weakenings } from './weakenings';

/** What came out otherwise than it must, one line each. */
async function surprises(policies: AccountPolicies, cases: readonly AccessCase[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const one of cases)
    if ((await isAllowed(policies, one)) !== one.allowed)
      found.push(
        `${one.allowed ? 'denied' : 'ALLOWED'}: ${one.principal} ${one.action} ${one.resource} (${one.name ?? one.layer ?? 'all'})`,
      );
  return found;
}

describe('Access on AWS, simulated', function () {
  // For a busy machine: alone it takes three seconds.
  this.timeout(120_000);
  let policies: AccountPolicies;
  let keys: KeyArns;

  before(async () => {
    const recorded = await recordLake();
    policies = policiesOf(recorded, { boundary, organisation });
    keys = new Map(
      recorded
        .filter((one) => kindOf(one) === 'Key')
        .map(({ name, outputs }) => [name.replace(/^keys-/, ''), String(outputs.arn)]),
    );
  });

  it('allows every role what its manifest declares, and nothing else of the lake', async () => {
    const cases = manifestCases(deployed, policies, keys);
    assert.ok(cases.length >= 300, `${cases.length} cases`);
    assert.ok(cases.some(({ allowed }) => allowed));
    assert.deepEqual(await surprises(policies, cases), []);
  });

  it('denies what was thought of by hand, and leaves deployers and ingest what they need', async () => {
    const tried = attacks(keys);
    assert.equal(new Set(tried.map(({ principal, name }) => `${principal} ${name}`)).size, tried.length);
    assert.deepEqual(await surprises(policies, tried), []);
  });

  it('lets people who operate the lake ask their desks in their own name, and nobody in theirs', async () => {
    assert.deepEqual(await surprises(policies, operatorAttacks(keys)), []);
    // The mutation: without the policies of the aliases anyone with the right asks in a person's name.
    const open = {
      ...policies,
      resources: new Map([...policies.resources].filter(([arn]) => !/:operator-ann$/.test(arn))),
    };
    assert.equal((await surprises(open, operatorAttacks(keys))).length, 10);
  });

  it('turns red for each control that is taken away', async () => {
    const cases = [...manifestCases(deployed, policies, keys), ...attacks(keys)];
    for (const { name, weaken, turns } of weakenings(keys)) {
      const concerned = cases.filter(
        ({ action, resource }) => action === turns.action && resource.includes(turns.resource),
      );
      const found = await surprises(weaken(policies), concerned);
      assert.ok(found.length > 0, `${name}: not one of ${concerned.length} cases turned`);
    }
  });

  // The simulator knows no encryption context: what the cases above look at themselves is also read here.
  it('binds every grant on a key of data to the zone in its context', () => {
    const data = new Set(['landing', 'pseudonym'].map((name) => keys.get(`key-${name}`)));
    const grants = [...policies.roles.values()].flatMap(({ identity }) => statementsOf(identity) ?? []);
    const concerned = grants.filter(({ allow, resources }) => allow && resources.some((arn) => data.has(arn)));
    assert.ok(concerned.length > 3);
    for (const { actions, conditions } of concerned)
      if (actions.some((action) => /Decrypt|GenerateDataKey/.test(action)))
        assert.ok(
          conditions.some(({ key }) => key === 'kms:EncryptionContext:zone'),
          actions.join(', '),
        );
  });
});
