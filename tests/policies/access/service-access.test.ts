import assert from 'node:assert/strict';
import { shippedStack } from '../../support/recorded-stacks';
import { analyticsAccount, deployed } from '../recorded-lake';
import { account, isAllowed } from './access-request';
import { type AccountPolicies, policiesOf } from './account-policies';
import { accountPolicy, boundary, organisation } from './organisation';
import { providerActions, providerTypesOf } from './provider-actions';
import { serviceAttacks } from './service-attacks';
import { people, serviceRoles } from './service-roles';
import { serviceWeakenings } from './service-weakenings';
import { ownName, type Touch, touchesOf } from './touches';

const roleArn = (name: string, owner = account): string => `arn:aws:iam::${owner}:role/${name}`;
/** Of people whose role has a policy of docs/account. */
const given = { 'lake-deploy': 'deploy', 'lake-preview': 'preview' } as const;

describe('Roles that are no functions, and people, on AWS, simulated', function () {
  // For a busy machine: alone it takes five seconds.
  this.timeout(120_000);
  let policies: AccountPolicies;
  let touches: readonly Touch[];
  let types: readonly string[];
  /** Their roles are held to their manifests (access.test.ts). */
  let functions: ReadonlySet<string>;

  before(async () => {
    const stack = await shippedStack('prod-aws');
    functions = new Set(
      stack
        .filter(({ type }) => type === 'aws:lambda/function:Function')
        .map(({ inputs }) => ownName(String(inputs.name))),
    );
    policies = policiesOf(stack, { boundary, organisation });
    touches = touchesOf(stack);
    types = providerTypesOf(stack);
  });

  /** What somebody is let to do. */
  async function allowedTo(
    principal: string,
    request: { readonly network?: 'tre'; readonly identity?: AccountPolicies['boundary'] } = {},
    tried: readonly Touch[] = touches,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    for (const touch of tried)
      if (await isAllowed(policies, { principal, ...request, ...touch })) found.push(touch.name);
    return found.sort();
  }

  it('knows what every role of the stack is for', () => {
    const manifests = deployed.map(({ name }) => name);
    assert.deepEqual(
      [...functions].filter((name) => !manifests.includes(name)),
      [],
    );
    const roles = [...policies.roles.keys()].map(ownName);
    const services = roles.filter((name) => !functions.has(name) && !functions.has(name.replace(/-schedule$/, '')));
    assert.deepEqual(services.sort(), Object.keys(serviceRoles).sort());
    assert.deepEqual(
      types.filter((type) => !(type in providerActions)),
      [],
      'what their provider needs to be allowed',
    );
    assert.equal(new Set(touches.map(({ name }) => name)).size, touches.length, 'each touch has a name of its own');
  });

  for (const [name, may] of Object.entries(serviceRoles))
    it(`lets ${name} do what it is for, and nothing else`, async () => {
      const role = [...policies.roles].find(([called]) => ownName(called) === name)?.[1].arn ?? '';
      const network = name.startsWith('research-') ? ({ network: 'tre' } as const) : {};
      assert.deepEqual(await allowedTo(role, network), [...may].sort());
    });

  it('lets functions look tables up and change them in the catalogue as their manifests say', async () => {
    const inCatalogue = touches.filter(({ action }) => action.startsWith('glue:'));
    assert.equal(inCatalogue.length, 4);
    for (const { name, uses } of deployed.filter((one) => functions.has(one.name))) {
      const publishes = Object.values(uses).some(
        (use) => use.port === 'catalogue' && (use.operations as readonly string[]).includes('publish'),
      );
      const role = [...policies.roles].find(([called]) => ownName(called) === name)?.[1].arn ?? '';
      assert.equal((await allowedTo(role, {}, inCatalogue)).length, publishes ? 4 : 0, name);
    }
  });

  it('lets what begins a function at a time begin that one, and put aside what failed', async () => {
    const invoked = touches.filter(({ action }) => action === 'lambda:InvokeFunction');
    const schedules = [...policies.roles].filter(([name]) => ownName(name).endsWith('-schedule'));
    assert.ok(schedules.length > 4);
    const key = touches.find(({ name }) => name === 'opens with service-functions')?.resource ?? '';
    for (const [name, { arn, identity }] of schedules) {
      const begun = ownName(name).replace(/-schedule$/, '');
      if (!functions.has(begun)) continue;
      assert.deepEqual(await allowedTo(arn, {}, invoked), [`invokes ${begun}`]);
      // Scheduler opens the input of a schedule in its role's name, and nothing else with that key.
      const opens = { principal: arn, action: 'kms:Decrypt', resource: key };
      const encryptionContext = {
        'aws:scheduler:schedule:arn': `arn:aws:scheduler:eu-west-2:${account}:schedule/default/x`,
      };
      assert.deepEqual(
        [await isAllowed(policies, { ...opens, encryptionContext }), await isAllowed(policies, opens)],
        [true, false],
      );
      const actions = identity.Statement.flatMap(({ Action = [] }) => Action);
      assert.deepEqual([...new Set(actions)].sort(), [
        'kms:Decrypt',
        'kms:GenerateDataKey',
        'lambda:InvokeFunction',
        'sqs:SendMessage',
      ]);
    }
  });

  for (const [name, may] of Object.entries(people))
    it(`lets ${name} do what is said of them, and nothing of identity`, async () => {
      const policy = given[name as keyof typeof given];
      const found = await allowedTo(roleArn(name), policy === undefined ? {} : { identity: accountPolicy(policy) });
      assert.deepEqual(found, [...may].sort());
    });

  it("lets the analytics team's account do nothing here", async () => {
    assert.deepEqual(await allowedTo(roleArn('analyst', analyticsAccount), { network: 'tre' }), []);
  });

  it('refuses what was thought of by hand, and each control that is taken away lets something of it pass', async () => {
    const attacks = serviceAttacks(policies, touches);
    const weakenings = serviceWeakenings(touches);
    assert.ok(attacks.length >= Object.keys(serviceRoles).length + weakenings.length);
    const passed: string[] = [];
    for (const attack of attacks)
      if (await isAllowed(policies, attack)) passed.push(`${attack.principal} ${attack.name}`);
    assert.deepEqual(passed, []);
    for (const { name, weaken, opens } of weakenings) {
      const concerned = attacks.filter((attack) => attack.name === opens);
      assert.ok(concerned.length > 0, opens);
      const answers = await Promise.all(concerned.map((attack) => isAllowed(weaken(policies), attack)));
      assert.ok(answers.includes(true), name);
    }
  });
});
