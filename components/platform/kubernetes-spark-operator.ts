import { Namespace } from '@pulumi/kubernetes/core/v1';
import { Chart } from '@pulumi/kubernetes/helm/v4';
import type { KubernetesParts } from '../core/kubernetes-parts';
import type { LakeComponent } from '../core/lake-component';
import type { PlatformArgs } from './platform-args';

const place = 'spark-operator';

/**
 * Its project publishes no manifest but a chart, whose one hook, the upgrade of its own kinds, is off by default and is not missed: the
 * engine upgrades them. The operator may make pods where jobs run and nowhere else; accounts and rights of the jobs are the lake's.
 *
 * @param release address of the packed chart
 */
export function installSparkOperator(
  component: LakeComponent,
  parts: KubernetesParts,
  { target, jobPlaces = [], imageRegistry }: PlatformArgs,
  release: string,
): Chart {
  if (jobPlaces.length === 0)
    throw new RangeError(
      'jobPlaces: none; without a namespace the operator would take all. Name those where jobs run.',
    );
  const namespace = parts.add(Namespace, place, { metadata: { name: place } });
  return new Chart(
    `${place}-release`,
    {
      chart: release,
      name: place,
      namespace: namespace.metadata.name,
      values: {
        spark: { jobNamespaces: [...jobPlaces], serviceAccount: { create: false }, rbac: { create: false } },
        // It changes pods that have no template, and the lake's have one.
        webhook: { enable: false },
        controller: {
          uiService: { enable: false },
          resources: { requests: { memory: '300Mi', cpu: '100m' }, limits: { memory: '1Gi' } },
        },
        ...(imageRegistry === undefined ? {} : { image: { registry: imageRegistry } }),
      },
    },
    { parent: component, provider: target.provider },
  );
}
