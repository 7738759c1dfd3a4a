import assert from 'node:assert/strict';
import { mebibytes } from '../../components/core/units';
import { Curation } from '../../components/curation';
import { heapOf, jobProblems } from '../../components/curation/kubernetes-jobs';
import { podPaths } from '../../components/guardrails/reachability/pod-paths';
import { rules } from '../../components/guardrails/rules';
import { findingsOf } from '../../components/guardrails/rules/evaluation';
import { bucketPolicy } from '../../functions/manifest-bucket-policy';
import { sparkManifest } from '../../functions/spark/manifest';
import { guardedGraph } from '../../stacks/commands/guarded-stack';
import { readConfig } from '../../stacks/config';
import { ConfigError } from '../../stacks/config-schema';
import { withValue } from '../policies/mutation';
import { kindOf, type Mode, modes, only, type Recorded, record } from '../support/pulumi-mocks';
import { siteSettings, sourceOf, sparkStackSettings } from './dev-stack';
import { deploy, type Json, mebibytesOf, policiesOf, workloadsOf } from './recorded-lake';

interface SparkPod {
  readonly cores: number;
  readonly coreLimit: string;
  readonly memory: string;
  readonly memoryOverhead: string;
  readonly instances?: number;
  readonly template: { readonly metadata: { readonly labels: Json }; readonly spec: Json };
}
interface Application extends Json {
  readonly sparkConf: Readonly<Record<string, unknown>>;
  readonly driver: SparkPod;
  readonly executor: SparkPod;
}

const scheduleOf = (recorded: readonly Recorded[], job: string) =>
  only(recorded, `curation-job-${job}`).inputs as {
    readonly metadata: { readonly labels: Json };
    readonly spec: Json & { readonly template: Application };
  };
const podsOf = (recorded: readonly Recorded[]) =>
  workloadsOf(recorded).filter(({ name }) => /^curation-job-(measures|cohorts)$/.test(name));
const askedBy = (recorded: readonly Recorded[]): number =>
  workloadsOf(recorded)
    .flatMap(({ spec }) => spec.containers)
    .reduce((sum, { resources }) => sum + mebibytesOf(resources.requests.memory), 0);
/** `rule: resource` of what breaks a guard rail. */
const broken = (stack: readonly Recorded[], by = rules): readonly string[] => {
  const graph = guardedGraph(stack);
  return by.flatMap((rule) =>
    findingsOf(rule, graph).flatMap(({ resource, wrong }) =>
      wrong === undefined ? [] : [`${rule.id}: ${resource.name}`],
    ),
  );
};
const changed = (stack: readonly Recorded[], name: string, path: string, to: unknown): readonly Recorded[] =>
  stack.map((one) =>
    one.name === name ? { ...one, inputs: withValue(one.inputs, path.split('.'), to) as Recorded['inputs'] } : one,
  );

/** Recorded once in each mode. */
const stacks = new Map<Mode, Promise<readonly Recorded[]>>();
const stackIn = (mode: Mode): Promise<readonly Recorded[]> => {
  const stack = stacks.get(mode) ?? deploy(mode, sparkStackSettings);
  stacks.set(mode, stack);
  return stack;
};

for (const mode of modes) {
  describe(`Spark on Kubernetes, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await stackIn(mode);
    });

    it('is made of these parts, a schedule for each job', () => {
      const own = recorded.filter(({ name }) => name.startsWith('curation-'));
      assert.deepEqual(own.map((one) => `${kindOf(one)} ${one.name}`).sort(), [
        'NetworkPolicy curation-driver-ways',
        'NetworkPolicy curation-executor-ways',
        'Role curation-driver-role',
        'RoleBinding curation-driver-binding',
        'ScheduledSparkApplication curation-job-cohorts',
        'ScheduledSparkApplication curation-job-measures',
        'Secret curation-secrets',
        'ServiceAccount curation-driver',
        'ServiceAccount curation-executor',
      ]);
      const { template, ...schedule } = scheduleOf(recorded, 'measures').spec;
      assert.deepEqual(schedule, {
        schedule: '30 1 * * *',
        timeZone: 'UTC',
        concurrencyPolicy: 'Forbid',
        successfulRunHistoryLimit: 1,
        failedRunHistoryLimit: 3,
      });
      const { mainApplicationFile, arguments: given, restartPolicy, driver, executor } = template;
      assert.deepEqual([mainApplicationFile, given], ['local:///opt/spark/jobs/measures.py', ['--year', '2026']]);
      assert.equal((restartPolicy as Json).onFailureRetries, 2);
      assert.equal(executor.instances, 2);
      for (const pod of [driver, executor]) assert.equal(pod.template.spec.activeDeadlineSeconds, 90 * 60);
    });

    it('asks in its template for what Spark asks for, and takes no more', () => {
      const { driver, executor } = scheduleOf(recorded, 'cohorts').spec.template;
      for (const { cores, coreLimit, memory, memoryOverhead, template } of [driver, executor]) {
        const [container] = template.spec.containers as [{ readonly resources: Record<'requests' | 'limits', Json> }];
        const { requests, limits } = container.resources;
        assert.deepEqual(limits, requests);
        assert.equal(mebibytesOf(requests.memory), Number.parseInt(memory, 10) + Number.parseInt(memoryOverhead, 10));
        assert.deepEqual([requests.cpu, coreLimit], [`${cores * 1000}m`, `${cores * 1000}m`]);
      }
    });

    it('has no label whose value the operator would put over a template', () => {
      // The operator gives the labels of the resource to Spark, which puts them over those of the templates.
      for (const job of ['measures', 'cohorts']) {
        const { metadata, spec } = scheduleOf(recorded, job);
        for (const { template } of [spec.template.driver, spec.template.executor])
          for (const [label, value] of Object.entries(metadata.labels))
            assert.equal(template.metadata.labels[label], value, label);
      }
    });

    it('gives only drivers a token, with rights over pods of the jobs’ namespace and nothing else', () => {
      const { rules: given } = only(recorded, 'curation-driver-role').inputs;
      assert.deepEqual(given, [
        {
          apiGroups: [''],
          resources: ['pods'],
          verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'watch'],
        },
      ]);
      assert.equal(podsOf(recorded).length, 4);
      for (const { labels, spec } of podsOf(recorded)) {
        const isDriver = labels['spark-role'] === 'driver';
        // A name is known when its object is there.
        if (mode === 'apply') assert.equal(spec.serviceAccountName, isDriver ? 'spark' : 'spark-executor');
        assert.equal(spec.automountServiceAccountToken, false);
        assert.equal(
          (spec.volumes ?? []).some((volume) => 'projected' in volume),
          isDriver,
        );
      }
      // Who makes pods in a namespace reads its Secrets: there is this one.
      const { namespace } = only(recorded, 'curation-secrets').inputs.metadata as Json;
      const secrets = recorded.filter(
        (one) => kindOf(one) === 'Secret' && (one.inputs.metadata as Json | undefined)?.namespace === namespace,
      );
      if (mode === 'apply')
        assert.deepEqual(
          secrets.map(({ name }) => name),
          ['curation-secrets'],
        );
    });

    it('keeps login and authentication in a Secret, and names them in no pod', () => {
      const { secret } = only(recorded, 'curation-secrets').inputs.stringData as { readonly secret: Json };
      assert.deepEqual(Object.keys(secret).sort(), ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'authentication']);
      for (const job of ['measures', 'cohorts']) {
        const open = JSON.stringify(scheduleOf(recorded, job)).replaceAll(/sha256:[0-9a-f]{64}/g, '');
        assert.deepEqual(open.match(/"[A-Za-z0-9_-]{43}"|[0-9a-f]{64}/g), null);
      }
      const { sparkConf } = scheduleOf(recorded, 'measures').spec.template;
      for (const setting of ['spark.authenticate', 'spark.network.crypto.enabled', 'spark.io.encryption.enabled'])
        assert.equal(sparkConf[setting], 'true', setting);
      assert.ok(!Object.keys(sparkConf).some((key) => /(access|secret)\.key$/.test(key)));
    });
  });
}

describe('Spark on Kubernetes', () => {
  let recorded: readonly Recorded[];
  before(async () => {
    recorded = await stackIn('apply');
  });

  it('reaches the object store, the resolver and itself, the driver the API server too; nobody else reaches it', () => {
    const paths = podPaths(recorded).filter(({ from, to }) => /^spark\//.test(from) || /^spark\//.test(to));
    assert.deepEqual([...new Set(paths.map(({ from, to, ports }) => `${from} -> ${to} ${ports}`))].sort(), [
      'spark/spark driver -> names/resolver tcp 5353, udp 5353',
      'spark/spark driver -> range 10.96.0.1/32 tcp 443, tcp 6443',
      'spark/spark driver -> spark/spark executor tcp 7079',
      'spark/spark driver -> stores/object-store tcp 7070',
      'spark/spark executor -> names/resolver tcp 5353, udp 5353',
      'spark/spark executor -> spark/spark driver tcp 7078, tcp 7079',
      'spark/spark executor -> spark/spark executor tcp 7079',
      'spark/spark executor -> stores/object-store tcp 7070',
    ]);
  });

  it('has no policy more: a driver makes pods with whatever labels it likes', () => {
    const inPlace = policiesOf(recorded).filter(({ metadata }) => metadata.namespace === 'lake-spark');
    assert.deepEqual(inPlace.map(({ metadata }) => metadata.name).sort(), [
      'closed',
      'names',
      'spark-driver',
      'spark-executor',
      'to-objectstore',
    ]);
  });

  it('is counted beside what a stack always asks for: its pods end, and their sum has a quota', () => {
    const isSchedule = (one: Recorded): boolean => kindOf(one) === 'ScheduledSparkApplication';
    // A driver and an executor of each of two jobs.
    assert.equal(askedBy(recorded.filter(isSchedule)), 2 * (2048 + 4096));
    const always = askedBy(recorded.filter((one) => !isSchedule(one)));
    assert.ok(always <= 10 * 1024, `${always} MiB`);
    const { hard } = only(recorded, 'network-spark-quota').inputs.spec as { readonly hard: Json };
    assert.deepEqual([hard['requests.memory'], hard['requests.cpu'], hard.pods], ['131072Mi', '64000m', '64']);
  });

  it('keeps every guard rail', () => {
    assert.deepEqual(broken(recorded), []);
  });

  it('breaks a guard rail by each of these, of either pod', () => {
    const pod = (role: string) => `spec.template.${role}.template.spec`;
    for (const role of ['driver', 'executor'])
      for (const [path, to, rule] of [
        ['containers.0.securityContext.readOnlyRootFilesystem', false, 'kubernetes-container-read-only'],
        ['containers.0.securityContext.runAsNonRoot', false, 'kubernetes-container-restricted'],
        ['containers.0.resources.limits', undefined, 'kubernetes-container-limited'],
        ['containers', [], 'kubernetes-container-limited'],
        ['hostNetwork', true, 'kubernetes-pod-apart-from-node'],
        ['serviceAccountName', undefined, 'kubernetes-pod-own-account'],
        ['automountServiceAccountToken', true, 'kubernetes-pod-own-account'],
        ['containers.0.image', 'registry.example.nhs.uk/spark:latest', 'kubernetes-container-named-image'],
        ['containers.0.env', [{ name: 'AWS_SECRET', value: 'x' }], 'kubernetes-container-no-plain-credential'],
      ] as const) {
        const mutant = changed(recorded, 'curation-job-measures', `${pod(role)}.${path}`, to);
        const found = broken(
          mutant,
          rules.filter(({ id }) => id === rule),
        );
        assert.deepEqual(found, [`${rule}: curation-job-measures`], `${role} ${path}`);
      }
  });

  it('shows a way out that a policy would open', () => {
    const open = changed(recorded, 'curation-driver-ways', 'spec.egress', [
      { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
    ]);
    assert.ok(podPaths(open).some(({ from, to }) => from === 'spark/spark driver' && to !== 'names/resolver'));
    assert.ok(broken(open).includes('kubernetes-no-open-path: curation-driver-ways'));
  });

  it('runs by the admission rules of the stack: two accounts, and the image of the site', () => {
    const { variables } = only(recorded, 'guardrails-workloads').inputs.spec as {
      readonly variables: readonly { readonly name: string; readonly expression: string }[];
    };
    const variable = (name: string): unknown =>
      JSON.parse(variables.find((one) => one.name === name)?.expression ?? 'null');
    assert.deepEqual((variable('accounts') as Json)['lake-spark'], ['spark', 'spark-executor']);
    assert.ok((variable('sources') as readonly string[]).includes('registry.example.nhs.uk/spark@'));
  });

  it('may read curated tables and write into staging, and nothing else of any zone', () => {
    const allowed = (zone: Parameters<typeof bucketPolicy>[0]) =>
      bucketPolicy(zone, zone, [sparkManifest], { spark: 's' }).Statement.map(
        ({ Action, Resource }) => `${Action.join()} ${Resource.join()}`,
      );
    assert.deepEqual(allowed('curated'), ['s3:GetObject arn:aws:s3:::curated/*', 's3:ListBucket arn:aws:s3:::curated']);
    assert.deepEqual(allowed('marts'), [
      's3:AbortMultipartUpload,s3:DeleteObject,s3:GetObject,s3:PutObject arn:aws:s3:::marts/staging/*',
      's3:ListBucket arn:aws:s3:::marts',
    ]);
    for (const zone of ['landing', 'identity', 'inbox', 'audit', 'witness', 'releases'] as const)
      assert.deepEqual(allowed(zone), []);
  });

  it('installs the operator where it is asked to, told of the jobs’ namespace alone', async () => {
    const settings = { ...sparkStackSettings, platform: '["sparkOperator"]', imageRegistry: 'mirror.example.nhs.uk' };
    const { inputs } = only(await deploy('apply', settings), 'spark-operator-release');
    const { chart, values } = inputs as { readonly chart: string; readonly values: Readonly<Record<string, Json>> };
    assert.match(chart, /\/v2\.5\.2\/spark-operator-2\.5\.2\.tgz$/);
    assert.deepEqual(values.spark?.jobNamespaces, ['lake-spark']);
    assert.deepEqual([values.webhook?.enable, values.image?.registry], [false, 'mirror.example.nhs.uk']);
  });

  it('is refused with everything that is wrong at once, before anything is made', () => {
    const problems = (settings: Readonly<Record<string, string>>): readonly string[] => {
      try {
        readConfig(sourceOf(settings));
        return [];
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return error.problems;
      }
    };
    const jobs = (...all: readonly object[]) => ({ ...siteSettings, sparkJobs: JSON.stringify(all) });
    const begun = problems({
      ...jobs({ name: 'Later', script: '../x.py', dependsOn: ['x'] }),
      sparkProcessors: '2',
      sparkGibibytes: '2',
    }).map((problem) => problem.replace(/;.*/, ''));
    assert.deepEqual(begun, [
      'sparkJobs: a name that no pod can have',
      'sparkJobs: a script that is no path',
      'sparkJobs: dependsOn',
      'images: no key spark',
      'sparkProcessors: 2',
      'sparkGibibytes: 2',
    ]);
    assert.match(problems(jobs({ name: 'x' })).join(), /^sparkJobs: not of this form; allowed: a list/);
    assert.match(
      problems({ ...siteSettings, platform: '["sparkOperator"]' }).join(),
      /^sparkJobs: missing; it is needed because platform has sparkOperator/,
    );
  });

  it('is refused by the component too, whoever makes it', async () => {
    const jobs = [
      { name: 'a', script: 'a.py' },
      { name: 'b', script: 'b.py', dependsOn: ['a'] },
    ];
    await record('apply', () => {
      // What is refused is looked at before anything else is.
      const args = { target: { kind: 'kubernetes' }, jobs } as unknown as ConstructorParameters<
        typeof Curation<'kubernetes'>
      >[1];
      assert.throws(
        () => new Curation<'kubernetes'>('curation', args),
        /^RangeError: jobs: dependsOn; spark-operator has no order/,
      );
    });
  });

  it('takes names and scripts as pods and images have them', () => {
    const good = { name: 'a', script: 'a.py' };
    assert.deepEqual(jobProblems([good, { name: 'b-2', script: 'deep/b.py', longestMinutes: 1 }]), []);
    for (const wrong of [
      { ...good, name: '1a' },
      { ...good, name: 'a'.repeat(21) },
      { ...good, script: '/etc/a.py' },
      { ...good, script: 'a/../../b.py' },
      { ...good, script: 'a.jar' },
      { ...good, longestMinutes: 0.5 },
    ])
      assert.equal(jobProblems([wrong]).length, 1, JSON.stringify(wrong));
    assert.equal(jobProblems([good, good]).length, 1);
  });

  it('leaves a heap that Spark begins with, at the least memory a pod may have', () => {
    // UnifiedMemoryManager refuses less than 450 MiB.
    assert.ok(heapOf(mebibytes(1024)).heap >= 450);
  });
});
