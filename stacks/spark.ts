import type { Output } from '@pulumi/pulumi';
import type { DerivedSecrets } from '../components/core/derived-secrets';
import type { KubernetesTarget } from '../components/core/kubernetes-target';
import { gibibytes, mebibytes, millicores } from '../components/core/units';
import { Curation } from '../components/curation';
import type { ObjectStoreHome } from '../components/function/function-args';
import type { ZoneQuota } from '../components/network/network-args';
import type { StoreLogin } from '../components/object-store/object-store-args';
import { Platform } from '../components/platform';
import { sparkManifest } from '../functions/spark/manifest';
import type { LakeConfig } from './config';

/** What all jobs may take together. */
export const sparkQuota = ({ sparkProcessors, sparkGibibytes }: LakeConfig): ZoneQuota => ({
  memory: gibibytes(sparkGibibytes),
  cpu: millicores(sparkProcessors * 1000),
  // Each has a processor at least.
  pods: sparkProcessors,
});

interface SparkParts {
  readonly target: KubernetesTarget;
  /** Where jobs run; there is none where there are no jobs. */
  readonly place: Output<string> | undefined;
  readonly objectStore: ObjectStoreHome;
  readonly login: StoreLogin | undefined;
  readonly secrets: DerivedSecrets;
}

/** The large runs, where the configuration has jobs; the operator too, where the stack installs it: it is told the jobs' namespace. */
export function deploySpark(config: LakeConfig, { target, place, objectStore, login, secrets }: SparkParts): void {
  if (place === undefined || login === undefined) return;
  const { platformMirror: mirror, imageRegistry, domain } = config;
  const operator = config.platform.includes('sparkOperator')
    ? [
        new Platform('spark-platform', {
          target,
          parts: ['sparkOperator'],
          domain,
          eventing: false,
          jobPlaces: [place],
          ...(mirror === undefined ? {} : { mirror }),
          ...(imageRegistry === undefined ? {} : { imageRegistry }),
        }),
      ]
    : [];
  new Curation(
    'curation',
    {
      target,
      manifest: sparkManifest,
      place,
      jobs: config.sparkJobs,
      schedule: config.sparkSchedule,
      driver: { cores: 1, memory: mebibytes(config.sparkDriverMebibytes) },
      executors: {
        count: config.sparkExecutors,
        cores: config.sparkExecutorProcessors,
        memory: mebibytes(config.sparkExecutorMebibytes),
      },
      objectStore,
      login,
      authentication: secrets.text('spark authentication'),
    },
    { dependsOn: operator },
  );
}
