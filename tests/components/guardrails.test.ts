import assert from 'node:assert/strict';
import { imageSources } from '../../components/core/kubernetes-images';
import { kindOf, modes, only, type Recorded } from '../support/pulumi-mocks';
import { devSettings, fullSettings, siteSettings } from './dev-stack';
import { deploy, type Json, workloadsOf } from './recorded-lake';

interface PolicySpec {
  readonly failurePolicy: string;
  readonly matchConstraints: { readonly resourceRules: readonly { readonly resources: readonly string[] }[] };
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
}
interface RoleRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const people = { platformEngineers: 'lake-platform', auditors: 'lake-auditors', researchers: 'lake-researchers' };
const settings = { ...devSettings, ...people };
const specOf = (recorded: readonly Recorded[], name: string) =>
  only(recorded, name).inputs.spec as unknown as PolicySpec;
const variableOf = (spec: PolicySpec, name: string): string =>
  spec.variables?.find((one) => one.name === name)?.expression ?? '';
const rulesOf = (recorded: readonly Recorded[]) =>
  recorded
    .filter((one) => ['Role', 'ClusterRole'].includes(kindOf(one)))
    .map(({ name, inputs }) => ({ name, rules: inputs.rules as unknown as readonly RoleRule[] }));

/** What may be read by somebody in a form that shows no secret, enters no container and changes no rule. */
function wrongsOf({ apiGroups, resources, verbs }: RoleRule): readonly string[] {
  const forbidden = ['secrets', 'pods/exec', 'pods/attach', 'pods/portforward', 'pods/ephemeralcontainers'].concat([
    'serviceaccounts/token',
    'nodes',
  ]);
  const writes = verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb));
  const restarts = resources.join() === 'pods' && writes.join() === 'delete';
  return [
    ...[...apiGroups, ...resources, ...verbs].filter((text) => text.includes('*')),
    ...resources.filter((resource) => forbidden.includes(resource)),
    ...(restarts ? [] : writes),
  ];
}

for (const mode of modes) {
  describe(`People who operate a lake on Kubernetes, ${mode}`, () => {
    const users = ['ann=ann@example.nhs.uk', 'bob=oidc:bob'];

    it('may reach the pods that answer people and prove themselves there, and nothing else', async () => {
      const recorded = await deploy(mode, { ...settings, operators: JSON.stringify(users) });
      const found = rulesOf(recorded).filter(({ name }) => name.includes('operator'));
      const rights = found.flatMap(({ rules }) =>
        (rules as readonly (RoleRule & { readonly resourceNames?: readonly string[] })[]).map(
          ({ resources, resourceNames = [], verbs }) => `${verbs.join()} ${resources.join()} ${resourceNames.join()}`,
        ),
      );
      assert.deepEqual(rights.sort(), [
        'create pods/portforward identity-operator-0',
        'create pods/portforward operator-0',
        'create serviceaccounts/token operator-ann',
        'create serviceaccounts/token operator-bob',
        'get pods identity-operator-0',
        'get pods operator-0',
      ]);
      const subjects = recorded
        .filter((one) => kindOf(one) === 'RoleBinding' && one.name.endsWith('-token-binding'))
        .map(({ inputs }) => (inputs.subjects as readonly Json[]).map(({ kind, name }) => `${kind} ${name}`));
      assert.deepEqual(subjects.flat().sort(), ['User ann@example.nhs.uk', 'User oidc:bob']);
      // Nothing runs as them.
      const accounts = workloadsOf(recorded).map(({ spec }) => String(spec.serviceAccountName));
      assert.ok(!accounts.some((name) => /^operator-/.test(name)));
    });

    it('are nobody when the stack names none', async () => {
      const recorded = await deploy(mode, settings);
      assert.deepEqual(
        rulesOf(recorded).filter(({ name }) => name.includes('operator')),
        [],
      );
    });
  });

  describe(`Guard rails on Kubernetes, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, settings);
    });

    it('fail closed, in each namespace of the lake', () => {
      const policies = recorded.filter((one) => kindOf(one) === 'ValidatingAdmissionPolicy');
      assert.deepEqual(policies.map(({ name }) => name).sort(), ['guardrails-paths', 'guardrails-workloads']);
      for (const { inputs } of policies) assert.equal((inputs.spec as Json).failurePolicy, 'Fail');
      const bindings = recorded.filter((one) => kindOf(one) === 'ValidatingAdmissionPolicyBinding');
      assert.equal(bindings.length, 8);
      for (const { inputs } of bindings)
        assert.deepEqual((inputs.spec as Json).validationActions, ['Deny', 'Audit'], String(inputs.metadata));
    });

    it('look at everything that runs pods, debug containers too', () => {
      const { matchConstraints, validations } = specOf(recorded, 'guardrails-workloads');
      const resources = matchConstraints.resourceRules.flatMap((rule) => rule.resources);
      for (const kind of ['pods', 'pods/ephemeralcontainers', 'deployments', 'cronjobs', 'services'])
        assert.ok(resources.includes(kind), kind);
      assert.equal(validations.length, 7);
      for (const { message } of validations) assert.doesNotMatch(message, /undefined|\[object/);
    });

    it('give each person only looks, logs and restarts, and nobody a secret', () => {
      const roles = rulesOf(recorded);
      assert.equal(roles.length, 9);
      for (const { name, rules } of roles) for (const rule of rules) assert.deepEqual(wrongsOf(rule), [], name);
      const logs = roles.filter(({ rules }) => rules.some(({ resources }) => resources.includes('pods/log')));
      assert.deepEqual(logs.map(({ name }) => name).sort(), [
        'guardrails-platform-engineers-lake',
        'guardrails-platform-engineers-stores',
      ]);
      const bound = recorded.filter((one) => kindOf(one).endsWith('RoleBinding') && one.name.startsWith('guardrails'));
      assert.equal(bound.length, 9);
      for (const { inputs } of bound) {
        const [subject] = inputs.subjects as readonly Json[];
        assert.equal(subject?.kind, 'Group');
        assert.ok(Object.values(people).includes(String(subject?.name)));
      }
    });
  });
}

describe('Guard rails', () => {
  it('let in what the lake itself runs, and know every account by its namespace', async () => {
    const recorded = await deploy('apply', { ...fullSettings, ...people });
    const spec = specOf(recorded, 'guardrails-workloads');
    const accounts = JSON.parse(variableOf(spec, 'accounts')) as Readonly<Record<string, readonly string[]>>;
    const sources = JSON.parse(variableOf(spec, 'sources')) as readonly string[];
    assert.deepEqual(
      Object.keys(accounts).sort(),
      ['identity', 'keys', 'lake', 'logs', 'names', 'stores', 'tre'].map((zone) => `lake-${zone}`),
    );
    const workloads = workloadsOf(recorded);
    assert.ok(workloads.length > 10);
    for (const { name, namespace, spec: pod } of workloads) {
      assert.ok(accounts[String(namespace)]?.includes(pod.serviceAccountName ?? 'default'), name);
      for (const { image } of pod.containers)
        assert.ok(
          sources.some((source) => image.startsWith(source)),
          `${name}: ${image}`,
        );
    }
    const inUse = new Set(workloads.map(({ spec: pod }) => pod.serviceAccountName));
    for (const account of Object.values(accounts).flat()) assert.ok(inUse.has(account), `${account} runs nothing`);
  });

  it('take images from their own repositories, or from the mirror alone', () => {
    assert.ok(imageSources(undefined, {}).includes('quay.io/openbao/openbao:'));
    assert.deepEqual(imageSources('mirror.example.nhs.uk/lake', { lake: 'registry.example.nhs.uk/a/lake@sha256:0' }), [
      'mirror.example.nhs.uk/lake/',
      'registry.example.nhs.uk/a/lake@',
    ]);
  });

  it('leave images loaded by hand to development', async () => {
    const sourcesIn = async (stack: Readonly<Record<string, string>>) => {
      const spec = specOf(await deploy('apply', stack), 'guardrails-workloads');
      return JSON.parse(variableOf(spec, 'sources')) as readonly string[];
    };
    assert.ok((await sourcesIn(settings)).includes('dev.local/'));
    assert.ok(!(await sourcesIn(siteSettings)).includes('dev.local/'));
  });

  it('name a wrong right: the check of the rights fails for each of these', () => {
    const rule = (resources: string[], verbs: string[]): RoleRule => ({ apiGroups: [''], resources, verbs });
    for (const mutant of [
      rule(['secrets'], ['get']),
      rule(['pods/exec'], ['create']),
      rule(['pods'], ['*']),
      rule(['*'], ['get']),
      rule(['configmaps'], ['update']),
      rule(['pods', 'configmaps'], ['delete']),
      rule(['serviceaccounts/token'], ['create']),
    ])
      assert.notDeepEqual(wrongsOf(mutant), [], JSON.stringify(mutant));
  });
});
