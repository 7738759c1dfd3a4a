import assert from 'node:assert/strict';
import { kindOf, type Recorded } from '../support/pulumi-mocks';
import { devSettings, fullSettings } from './dev-stack';
import { type Container, deploy, type Json, mebibytesOf, millicoresOf, workloadsOf } from './recorded-lake';

/** Knative's queue-proxy, as the annotations of a service size it. */
const queueOf = (annotations: Json): Container['resources'] => {
  const named = (what: string) => annotations[`queue.sidecar.serving.knative.dev/${what}`];
  return {
    requests: { memory: named('memory-resource-request'), cpu: named('cpu-resource-request') },
    limits: { memory: named('memory-resource-limit') },
  };
};

/** What the pods of an object ask for; all of them that there are at most while it is replaced, or one. */
function demandOf(one: Recorded, how: 'at most' | 'once') {
  const { strategy, replicas, template } = (one.inputs.spec ?? {}) as Json & {
    readonly strategy?: { readonly type?: string };
    readonly template?: { readonly metadata: { readonly annotations?: Json } };
  };
  return workloadsOf([one]).map(({ namespace, spec }) => {
    const service = kindOf(one) === 'Service';
    const annotations = template?.metadata.annotations ?? {};
    const surge = kindOf(one) === 'Deployment' && strategy?.type !== 'Recreate' ? 1 : 0;
    const most = service ? 2 * Number(annotations['autoscaling.knative.dev/max-scale']) : Number(replicas ?? 1) + surge;
    const pods = how === 'once' ? 1 : most;
    const resources = [...spec.containers.map((each) => each.resources), ...(service ? [queueOf(annotations)] : [])];
    const each = (read: (one: Container['resources']) => number) =>
      pods * resources.reduce((sum, of) => sum + read(of), 0);
    return {
      namespace: String(namespace),
      asked: {
        'requests.memory': each(({ requests }) => mebibytesOf(requests.memory)),
        'limits.memory': each(({ limits }) => mebibytesOf(limits.memory)),
        'requests.cpu': each(({ requests }) => millicoresOf(requests.cpu)),
        pods,
      },
    };
  });
}

const read = (name: string, value: unknown): number =>
  name === 'pods' ? Number(value) : name.endsWith('cpu') ? millicoresOf(value) : mebibytesOf(value);

describe('The quotas of the zones', () => {
  let recorded: readonly Recorded[];
  before(async () => {
    recorded = await deploy('apply', { ...fullSettings, ingestPods: '40' });
  });

  it('have room for every pod at once, and for two revisions of each service', () => {
    const quotas = recorded.filter((one) => kindOf(one) === 'ResourceQuota');
    assert.ok(quotas.length >= 7);
    const demands = recorded.flatMap((one) => demandOf(one, 'at most'));
    for (const { inputs } of quotas) {
      const { namespace } = inputs.metadata as { readonly namespace: string };
      const { hard } = inputs.spec as { readonly hard: Json };
      const own = demands.filter((one) => one.namespace === namespace);
      assert.ok(own.length > 0, namespace);
      for (const name of ['requests.memory', 'limits.memory', 'requests.cpu', 'pods'] as const) {
        const asked = own.reduce((sum, one) => sum + one.asked[name], 0);
        assert.ok(
          asked <= read(name, hard[name]),
          `${namespace} asks for ${asked} of ${name}, its quota is ${hard[name]}`,
        );
      }
    }
  });

  it('and no limit of processor time comes from their defaults: it would be that of every function', () => {
    const ranges = recorded.filter((one) => kindOf(one) === 'LimitRange');
    assert.ok(ranges.length >= 7);
    for (const { inputs } of ranges) {
      const { limits } = inputs.spec as { readonly limits: readonly { readonly default: Json; readonly max: Json }[] };
      for (const one of limits)
        assert.deepEqual([Object.keys(one.default), Object.keys(one.max)], [['memory'], ['memory']]);
    }
  });

  it('while a development stack finds room on a node of two processors, Knative beside it', async () => {
    const asked = (await deploy('apply', devSettings))
      .flatMap((one) => demandOf(one, 'once'))
      .reduce((sum, one) => sum + one.asked['requests.cpu'], 0);
    assert.ok(asked > 1000, 'the requests were read');
    assert.ok(asked <= 1600, `${asked}m`);
  });
});
