import assert from 'node:assert/strict';
import { join } from 'node:path';
import { sparkStackSettings } from '../components/dev-stack';
import { deploy, type Json, type PodSpec } from '../components/recorded-lake';
import { withValue } from '../policies/mutation';
import { only } from '../support/pulumi-mocks';
import { runPython } from './python-reader';
import { howToGet, readerTools } from './reader-tools';

interface Pod {
  readonly metadata: { readonly labels: Json };
  readonly spec: PodSpec & Json;
}
interface Made {
  readonly driver: Pod;
  readonly executor: Pod;
  /** Kinds of what is made for the driver, by whoever submits. */
  readonly beside: readonly string[];
}
interface Application {
  readonly spec: { readonly template: Readonly<Record<'driver' | 'executor', { readonly template: Pod }>> };
}

describe("Pods that Spark makes of the lake's schedules", () => {
  const { sparkHome } = readerTools;
  if (sparkHome === undefined) {
    it('are as the stack says (skipped: Spark is not there)', function () {
      console.log(`      skipped: ${howToGet.spark}`);
      this.skip();
    });
    return;
  }

  const secret = 'authentication-of-a-test';
  let application: Application;
  let made: Made;
  let relabelled: Made;
  let withoutFile: Made;

  before(async () => {
    const { inputs } = only(
      await deploy('apply', { ...sparkStackSettings, resolver: 'cluster' }),
      'curation-job-measures',
    );
    const changed = (path: readonly string[], to: unknown) => withValue(inputs, path, to);
    application = inputs as unknown as Application;
    [made, relabelled, withoutFile] = await runPython<[Made, Made, Made]>(
      { command: join(sparkHome, 'venv', 'bin', 'python'), script: 'kubernetes-pods.py' },
      {
        secret,
        applications: [
          inputs,
          changed(['metadata', 'labels', 'data-lake/may-reach-objectstore'], 'no'),
          changed(['spec', 'template', 'sparkConf', 'spark.authenticate.secret.file'], undefined),
        ],
      },
    );
  });

  for (const role of ['driver', 'executor'] as const)
    it(`keep what the template of the ${role} says`, () => {
      const { metadata, spec } = application.spec.template[role].template;
      const pod = made[role];
      for (const [label, value] of Object.entries(metadata.labels)) assert.equal(pod.metadata.labels[label], value);
      const { containers: _, volumes: __, ...rest } = spec;
      for (const [field, value] of Object.entries(rest)) assert.deepEqual(pod.spec[field], value, field);
      const names = (volumes: readonly Json[] = []) => volumes.map(({ name }) => name);
      // The template of the executors comes to the driver as a file.
      const more = role === 'driver' ? ['pod-template-volume'] : [];
      assert.deepEqual(names(pod.spec.volumes), [...names(spec.volumes), ...more]);
      const [wanted] = spec.containers;
      const [container] = pod.spec.containers;
      assert.deepEqual(container?.securityContext, wanted?.securityContext);
      assert.deepEqual(container?.resources.limits, wanted?.resources.limits);
      assert.equal(container?.resources.requests.memory, wanted?.resources.requests.memory);
      assert.equal(container?.image, wanted?.image);
    });

  it('write no secret into the environment of an executor; without the file Spark does', () => {
    assert.ok(!JSON.stringify(made).includes(secret));
    const names = ({ executor }: Made) =>
      executor.spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
    assert.ok(!names(made).includes('_SPARK_AUTH_SECRET'));
    assert.ok(names(withoutFile).includes('_SPARK_AUTH_SECRET'));
  });

  it('spill to the volume that is there for it', () => {
    for (const { spec } of [made.driver, made.executor]) {
      const place = spec.containers[0]?.env?.find(({ name }) => name === 'SPARK_LOCAL_DIRS');
      assert.equal(place?.value, '/var/data/spark');
    }
  });

  it('need a service and the file of the template beside, made by who submits', () => {
    assert.deepEqual([...made.beside].sort(), ['ConfigMap', 'Service']);
  });

  it('take a label of the schedule before that of the template, so they have to agree', () => {
    for (const role of ['driver', 'executor'] as const)
      assert.equal(relabelled[role].metadata.labels['data-lake/may-reach-objectstore'], 'no');
  });
});
