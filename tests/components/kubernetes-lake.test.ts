import assert from 'node:assert/strict';
import { type CustomResourceOptions, runtime } from '@pulumi/pulumi';
import type { Transform } from '../../components/core/lake-component';
import { mebibytes, millicores } from '../../components/core/units';
import { LakeFunction } from '../../components/function';
import { bucketsOf } from '../../components/object-store/buckets';
import { compactionManifest } from '../../functions/compaction/manifest';
import { curateManifest } from '../../functions/curate/manifest';
import { readPrepareSettings } from '../../functions/hosts/knative/prepare';
import type { Manifest } from '../../functions/manifest';
import { identityCollectorManifest, landingCollectorManifest } from '../../functions/orphans/manifest';
import { readConfig } from '../../stacks/config';
import { deployLake, type LakeOutputs } from '../../stacks/lake';
import { kubernetesSite } from '../../stacks/targets/kubernetes';
import { kindOf, modes, only, type Recorded, record } from '../support/pulumi-mocks';
import { deploymentSecret, devSettings, fullSettings, siteSettings, sourceOf } from './dev-stack';
import { deploy, type Json, mebibytesOf, objectsOf, policiesOf, siteReads, workloadsOf } from './recorded-lake';

for (const mode of modes) {
  describe(`The lake on Kubernetes, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode, devSettings);
    });

    it('is made of these parts', () => {
      const counts = new Map<string, number>();
      for (const one of recorded) {
        const kind = one.type.startsWith('kubernetes:') ? kindOf(one) : one.type;
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
      counts.delete('NetworkPolicy');
      assert.deepEqual(Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1))), {
        ClusterRoleBinding: 1,
        ConfigMap: 2,
        CronJob: 3,
        Deployment: 8,
        Job: 1,
        ClusterRole: 1,
        LimitRange: 4,
        Namespace: 4,
        ResourceQuota: 4,
        Role: 8,
        Secret: 26,
        Service: 12,
        ServiceAccount: 26,
        StatefulSet: 5,
        ValidatingAdmissionPolicy: 2,
        ValidatingAdmissionPolicyBinding: 8,
        'lake:audit:Audit': 1,
        'lake:events:Events': 1,
        'lake:function:LakeFunction': 22,
        'lake:guardrails:Guardrails': 1,
        'lake:key-ring:KeyRing': 1,
        'lake:network:Network': 1,
        'lake:object-store:ObjectStore': 1,
        'lake:preparation:Preparation': 1,
        'lake:state-database:StateDatabase': 1,
        'pulumi:providers:kubernetes': 1,
      });
    });

    it('puts the audit under a lock: its bucket is made with it, and its writers name the days', async () => {
      const bindingOf = (objects: typeof recorded, name: string) =>
        JSON.parse(
          workloadsOf(objects)
            .flatMap(({ spec }) => spec.containers)
            .flatMap(({ env = [] }) => env)
            .filter((one) => one.name === 'LAKE_BINDING')
            .map(({ value }) => String(value))
            .find((value) => value.includes(name)) ?? '{}',
        ) as Record<string, Json>;
      if (mode === 'preview') return;
      const sealer = bindingOf(recorded, 'lake_identity_audit_sealer');
      assert.deepEqual([sealer.audit?.objectLock, sealer.audit?.retainDays], [true, 3653]);
      assert.equal(sealer.witness?.objectLock, undefined);
      const without = await deploy(mode, { ...devSettings, auditLockDays: '0' });
      assert.equal(bindingOf(without, 'lake_identity_audit_sealer').audit?.objectLock, undefined);
    });

    it('tells the function that erases by which schedule records expire, and nobody where the site names none', async () => {
      const told = (objects: typeof recorded) =>
        workloadsOf(objects)
          .filter(({ spec }) =>
            spec.containers.some(({ env = [] }) => env.some(({ name }) => name === 'LAKE_RETENTION')),
          )
          .map(({ name }) => name);
      assert.deepEqual(told(recorded), []);
      const scheduled = await deploy(mode, { ...devSettings, retentionSchedule: '{"quarantineDays":90}' });
      assert.deepEqual(told(scheduled), ['erasure-deployment']);
    });

    it('labels every object, and uses the explicit provider alone', () => {
      const objects = objectsOf(recorded);
      assert.ok(objects.length > 50);
      for (const { name, inputs, provider } of objects) {
        const labels = (inputs.metadata as Json).labels as Json;
        assert.equal(labels['app.kubernetes.io/part-of'], 'nhs-data-lake', name);
        assert.match(provider, /::cluster::/, name);
      }
    });

    it('closes every namespace both ways and holds it to the restricted standard', () => {
      const namespaces = recorded.filter((one) => kindOf(one) === 'Namespace');
      assert.equal(namespaces.length, 4);
      const closed = policiesOf(recorded).filter(({ metadata }) => metadata.name === 'closed');
      for (const { name, inputs } of namespaces) {
        const { labels, name: place } = inputs.metadata as { labels: Json; name: string };
        assert.equal(labels['pod-security.kubernetes.io/enforce'], 'restricted', name);
        assert.match(String(labels['pod-security.kubernetes.io/enforce-version']), /^v1\.\d+$/);
        const own = closed.filter(({ metadata }) => metadata.namespace === place || mode === 'preview');
        assert.ok(own.length >= 1, `${name} has no closing policy`);
        for (const { spec } of own) assert.deepEqual(spec, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
      }
    });

    it('opens no path to everywhere, with every part there is', async () => {
      const policies = policiesOf([...recorded, ...(await deploy(mode, fullSettings))]);
      for (const { name, spec } of policies) {
        for (const rule of [...(spec.egress ?? []), ...(spec.ingress ?? [])]) {
          const peers = 'to' in rule ? rule.to : (rule as { from?: readonly Json[] }).from;
          assert.ok(
            peers !== undefined && peers.length > 0,
            `${name} has a rule without a peer, which means everywhere`,
          );
          for (const peer of peers) {
            const { cidr } = (peer.ipBlock ?? {}) as { cidr?: string };
            assert.ok(!cidr?.endsWith('/0'), `${name} names every address`);
            if (cidr === undefined)
              assert.ok(peer.namespaceSelector !== undefined, `${name} leaves the namespace open`);
          }
        }
      }
    });

    it('runs restricted containers with memory limits and pinned images', () => {
      const workloads = workloadsOf(recorded);
      assert.equal(workloads.length, 26);
      for (const { name, spec } of workloads) {
        assert.notEqual(spec.hostNetwork, true);
        assert.ok(!(spec.volumes ?? []).some((volume) => 'hostPath' in volume), `${name} mounts the node`);
        for (const { image, resources, securityContext } of spec.containers) {
          assert.match(image, /:(?!latest$)[\w.-]+$|@sha256:/, `${name}: ${image}`);
          assert.deepEqual(Object.keys(resources.requests).sort(), ['cpu', 'memory'], name);
          assert.ok(resources.limits.memory !== undefined, name);
          const { runAsUser, runAsGroup, ...rest } = securityContext;
          assert.ok(Number(runAsUser) > 0 && Number(runAsGroup) > 0, name);
          assert.deepEqual(rest, {
            runAsNonRoot: true,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          });
        }
      }
    });

    it('asks for at most 5 GiB when every function runs once', () => {
      const total = workloadsOf(recorded)
        .flatMap(({ spec }) => spec.containers)
        .reduce((sum, { resources }) => sum + mebibytesOf(resources.requests.memory), 0);
      assert.ok(total > 1024, 'the requests were read');
      assert.ok(total <= 5 * 1024, `${total} MiB`);
    });

    it('awaits each Knative service, and leaves the name of each revision to Knative', () => {
      const services = recorded.filter(({ type }) => type === 'kubernetes:serving.knative.dev/v1:Service');
      assert.ok(services.length >= 9);
      for (const { name, inputs } of services) {
        const { annotations } = inputs.metadata as { readonly annotations: Json };
        assert.equal(annotations['pulumi.com/waitFor'], 'condition=Ready', name);
        const { template } = inputs.spec as { readonly template: { readonly metadata: Json } };
        assert.deepEqual(Object.keys(template.metadata).sort(), ['annotations', 'labels'], name);
      }
    });

    it('gives each function the way to what its manifest uses and to nothing else', () => {
      const permissions = Object.fromEntries(
        workloadsOf(recorded).map(({ name, labels }) => [
          name,
          Object.keys(labels)
            .filter((label) => label.startsWith('data-lake/may-reach-'))
            .map((label) => label.slice('data-lake/may-reach-'.length))
            .sort(),
        ]),
      );
      assert.deepEqual(permissions['provider-access-service'], ['key', 'state']);
      assert.deepEqual(permissions['ingest-service'], ['functions', 'key', 'objectstore', 'state']);
      assert.deepEqual(permissions['curate-service'], ['key', 'objectstore', 'state']);
      assert.deepEqual(permissions['dispatch-deployment'], ['events', 'functions', 'state']);
      assert.deepEqual(permissions['marts-deployment'], ['functions', 'objectstore', 'state']);
      assert.deepEqual(permissions['research-deployment'], ['functions', 'objectstore', 'state']);
      assert.deepEqual(permissions['key-rotation-deployment'], ['functions', 'key', 'objectstore', 'state']);
      assert.deepEqual(permissions['identity-key-rotation-service'], ['key', 'objectstore', 'state']);
      assert.deepEqual(permissions['identity-requests-service'], ['key', 'state']);
      assert.deepEqual(permissions['compaction-cron-job'], ['objectstore', 'state']);
      assert.deepEqual(permissions['landing-collector-cron-job'], ['key', 'objectstore', 'state']);
      assert.deepEqual(permissions['object-store-server'], []);
      assert.deepEqual(permissions['key-ring-server'], []);
    });

    it('keeps the schedules of the manifests, one tick at a time', () => {
      const schedules = recorded
        .filter((one) => kindOf(one) === 'CronJob')
        .map(({ name, inputs }) => {
          const { schedule, timeZone, concurrencyPolicy, jobTemplate } = inputs.spec as Json & {
            readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: Json } } };
          };
          return [name, schedule, timeZone, concurrencyPolicy, jobTemplate.spec.template.spec.restartPolicy];
        });
      assert.deepEqual(
        schedules.sort(),
        [
          ['compaction-cron-job', compactionManifest.trigger, 'Europe/London', 'Forbid', 'Never'],
          ['identity-collector-cron-job', identityCollectorManifest.trigger, 'Europe/London', 'Forbid', 'Never'],
          ['landing-collector-cron-job', landingCollectorManifest.trigger, 'Europe/London', 'Forbid', 'Never'],
        ].map(([name, trigger, ...rest]) => [name, (trigger as { readonly cron: string }).cron, ...rest]),
      );
    });

    it('gives a token for a function to those who ask it, and for nothing else', () => {
      const audiences = workloadsOf(recorded).flatMap(({ name, spec }) =>
        (spec.volumes ?? []).flatMap((volume) => {
          const { sources = [] } = (volume.projected ?? {}) as { readonly sources?: readonly Json[] };
          return sources.flatMap(({ serviceAccountToken }) => {
            const { audience } = serviceAccountToken as { readonly audience?: string };
            return audience === undefined ? [] : [[name, audience]];
          });
        }),
      );
      assert.deepEqual(audiences.sort(), [
        ['erasure-deployment', 'lake-calls-identity-erasure'],
        ['erasure-deployment', 'lake-calls-identity-requests'],
        ['identity-operator-desk', 'lake-calls-quarantine-replay'],
        ['key-rotation-deployment', 'lake-calls-identity-key-rotation'],
        ['key-rotation-deployment', 'lake-calls-identity-requests'],
        ['marts-deployment', 'lake-calls-identity-requests'],
        ['operator-desk', 'lake-calls-mart-sql'],
        ['research-deployment', 'lake-calls-identity-requests'],
      ]);
      if (mode === 'preview') return;
      const [preparing] = workloadsOf(recorded.filter(({ name }) => name === 'preparation-job'));
      const settings = preparing?.spec.containers[0]?.env?.find(({ name }) => name === 'LAKE_PREPARE')?.value;
      const { callers } = readPrepareSettings(String(settings));
      const of = (...names: readonly string[]) => names.map((name) => ({ namespace: 'lake-lake', name }));
      assert.deepEqual(callers, {
        'identity-requests': of('marts', 'erasure', 'key-rotation', 'research'),
        'identity-erasure': of('erasure'),
        'identity-key-rotation': of('key-rotation'),
        'mart-sql': of('operator'),
        'quarantine-replay': [{ namespace: 'lake-identity', name: 'identity-operator' }],
      });
    });

    it('writes no secret into a binding, an argument or a label', () => {
      const open = objectsOf(recorded).filter((one) => kindOf(one) !== 'Secret');
      // Derived secrets are 256 bits as base64url or hex text.
      const text = JSON.stringify(open);
      assert.ok(!text.includes(deploymentSecret));
      if (mode === 'apply') assert.doesNotMatch(text, /"[A-Za-z0-9_-]{43}"|"[0-9a-f]{64}"/);
      for (const { name, inputs } of recorded.filter((one) => kindOf(one) === 'Secret')) {
        const data = inputs.stringData as Json;
        const whole = 'secret' in data && Object.keys(data).length === 1;
        for (const [key, value] of Object.entries(whole ? {} : data)) {
          const plain = ['username', 'ROOT_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'].includes(key);
          if (!plain)
            assert.ok(typeof value === 'object' && value !== null && 'secret' in value, `${name}.${key} is not secret`);
        }
      }
    });
  });
}

describe('The lake on Kubernetes with the servers of a site', () => {
  it('brings no server of its own, and PostgreSQL by its operator', async () => {
    const recorded = await deploy('apply', siteSettings);
    assert.deepEqual(
      recorded.filter((one) => kindOf(one) === 'StatefulSet' && !one.name.endsWith('-desk')),
      [],
    );
    const [cluster] = recorded.filter(({ type }) => type.startsWith('kubernetes:postgresql.cnpg.io'));
    assert.equal((cluster?.inputs.spec as Json | undefined)?.instances, 3);
    const service = only(recorded, 'ingest-service');
    const annotations = (service.inputs.spec as { template: { metadata: { annotations: Json } } }).template.metadata
      .annotations as Json;
    assert.equal(annotations['autoscaling.knative.dev/min-scale'], '1');
  });
});

describe('The object store of a site', () => {
  it('is told what each function may do in each bucket, as its manifest says; one of the stack is not', async () => {
    const outputsOf = async (settings: typeof devSettings) => {
      let outputs: LakeOutputs | undefined;
      const config = readConfig(sourceOf(settings));
      const program = () => {
        outputs = deployLake(config, kubernetesSite(config));
      };
      await record('apply', program, siteReads as Readonly<Record<string, object>>);
      return outputs?.bucketPolicies;
    };
    assert.equal(await outputsOf(devSettings), undefined);
    const engine = { metastoreHost: '192.0.2.40', metastoreCidrs: '["192.0.2.40/32"]', warehouse: 'existing' };
    const policies = (await outputsOf({ ...siteSettings, ...engine })) ?? {};
    const mayDo = (bucket: string, name: string) =>
      (policies[bucket]?.Statement ?? [])
        .filter(({ Principal }) => Principal.AWS.includes(name))
        .flatMap(({ Action, Resource }) => Action.map((action) => `${action} ${Resource.join()}`));
    assert.deepEqual(mayDo('lake-identity', 'ingest'), [
      's3:AbortMultipartUpload arn:aws:s3:::lake-identity/*',
      's3:PutObject arn:aws:s3:::lake-identity/*',
    ]);
    assert.deepEqual(mayDo('lake-identity', 'marts'), []);
    assert.ok(mayDo('lake-audit', 'audit-sealer').some((right) => right.startsWith('s3:PutObjectRetention')));
    assert.deepEqual(mayDo('lake-curated', 'warehouse'), [
      's3:GetObject arn:aws:s3:::lake-curated/*',
      's3:ListBucket arn:aws:s3:::lake-curated',
    ]);
  });
});

function curateFrom(manifest: Manifest, transform: Transform = {}): void {
  const { target } = kubernetesSite(readConfig(sourceOf(devSettings)));
  new LakeFunction('curate', {
    target,
    manifest,
    place: 'lake',
    homes: {
      sinks: {},
      functions: {},
      objectStore: { endpoint: 'http://store', region: 'eu-west-2', buckets: bucketsOf('lake') },
      state: { host: 'db', port: 5432, databases: { lake: 'lake', identity: 'identity' } },
      keys: { address: 'http://keys', mount: 'lake' },
    },
    credentials: { statePassword: 'p', accessKeyId: 'a', secretAccessKey: 's' },
    size: { memory: mebibytes(128), cpu: millicores(50) },
    scaling: { kind: 'beat' },
    transform,
  });
}

describe('What is not to be changed by every preview', () => {
  it('is the revision that Knative names and what its webhook writes down', async () => {
    const kept = new Map<string, readonly string[]>();
    const recorded = await record('apply', () => {
      runtime.registerStackTransformation(({ type, name, opts }) => {
        if (type.includes('serving.knative.dev')) kept.set(name, (opts as CustomResourceOptions).ignoreChanges ?? []);
        return undefined;
      });
      const named = { scheme: 'https', certificateIssuer: 'site', ingestHost: 'fhir.example.nhs.uk' };
      const config = readConfig(sourceOf({ ...devSettings, ...named }));
      deployLake(config, kubernetesSite(config));
    });
    const webhooks = ['creator', 'lastModifier'].map((who) => `metadata.annotations["serving.knative.dev/${who}"]`);
    const named = recorded.filter(({ type }) => type.includes('serving.knative.dev'));
    assert.deepEqual([...new Set(named.map(kindOf))].sort(), ['DomainMapping', 'Service']);
    for (const { name, inputs } of named) {
      assert.deepEqual(kept.get(name), webhooks, name);
      const { template } = inputs.spec as { template?: { metadata: Json } };
      assert.equal(template?.metadata.name, undefined, name);
    }
  });
});

describe('A component', () => {
  it('makes a part with what the transform of its role gives', async () => {
    const recorded = await record('apply', () => {
      curateFrom(curateManifest, {
        deployment: (args) => ({ ...args, spec: { ...(args.spec as Json), paused: true } }),
      });
    });
    assert.equal((only(recorded, 'curate-deployment').inputs.spec as Json).paused, true);
  });

  it('reaches nothing that its manifest does not use', async () => {
    const labelsOf = async (manifest: Manifest) => {
      const recorded = await record('apply', () => {
        curateFrom(manifest);
      });
      return workloadsOf(recorded)[0]?.labels ?? {};
    };
    const reach = 'data-lake/may-reach-state';
    const withState = await labelsOf(curateManifest);
    const without = await labelsOf({
      ...curateManifest,
      uses: Object.fromEntries(
        Object.entries(curateManifest.uses).filter(([, use]) => use.port !== 'state' && use.port !== 'catalogue'),
      ),
    });
    assert.deepEqual([withState[reach], without[reach]], ['yes', undefined]);
  });

  it('refuses a transform for a part it has not got, and names its parts', async () => {
    await assert.rejects(
      record('apply', () => {
        curateFrom(curateManifest, { pod: (args) => ({ ...args }) });
      }),
      /transform\.pod|names parts that this component has not got/,
    );
  });
});
