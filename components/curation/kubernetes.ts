import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { Secret, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { Role, RoleBinding } from '@pulumi/kubernetes/rbac/v1';
import { type Input, output } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import { KubernetesParts } from '../core/kubernetes-parts';
import { apiServerRule } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { cpuText, millicores } from '../core/units';
import { attempts, minutesOf, type SparkJob } from './job-states';
import type { KubernetesCurationArgs, SparkPodSize } from './kubernetes-curation-args';
import { heapOf, jobProblems, scriptFolder } from './kubernetes-jobs';
import { podTemplate, roleLabel, sparkConf, sparkPorts, sparkSecretKeys } from './kubernetes-pods';
import type { ScheduledSparkApplicationSpec } from './spark-application';

export interface KubernetesCuration {
  readonly kind: 'kubernetes';
  readonly schedules: readonly CustomResource[];
}

/** Of the account of executors: it has no right at all. */
export const executorAccount = ({ name }: Manifest): string => nameOf('label', name, 'executor');

/** What the operator submits with, and what Pathling 9 is made for; the site's image has it. */
const sparkVersion = '4.0.4';

/**
 * The large runs: Spark with Pathling by spark-operator, each job by the schedule in a namespace of their own. Small ones, as messages
 * land, are the curate function's.
 *
 * @throws RangeError for jobs that spark-operator cannot run.
 */
export function kubernetesCuration(
  component: LakeComponent,
  name: string,
  args: KubernetesCurationArgs,
): KubernetesCuration {
  const [problem] = jobProblems(args.jobs);
  if (problem !== undefined) throw new RangeError(`jobs: ${problem}`);
  const { manifest, place: namespace } = args;
  const parts = new KubernetesParts(component, name, args, { 'app.kubernetes.io/name': manifest.name });
  const driver = parts.add(ServiceAccount, 'driver', {
    metadata: { name: manifest.name, namespace },
    automountServiceAccountToken: false,
  });
  const executor = parts.add(ServiceAccount, 'executor', {
    metadata: { name: executorAccount(manifest), namespace },
    automountServiceAccountToken: false,
  });
  letDriverMakePods(parts, args, driver);
  openWays(parts, args);
  const values = [args.login.accessKeyId, args.login.secretAccessKey, args.authentication];
  const secret = parts.add(Secret, 'secrets', {
    metadata: { name: `${manifest.name}-secrets`, namespace },
    stringData: Object.fromEntries(sparkSecretKeys.map((key, index) => [key, output(values[index] ?? '')])),
  });
  const schedules = args.jobs.map((job) =>
    parts.add(CustomResource, `job-${job.name}`, {
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'ScheduledSparkApplication',
      metadata: { name: job.name, namespace },
      spec: scheduleOf(parts, args, job, {
        driver: driver.metadata.name,
        executor: executor.metadata.name,
        secret: secret.metadata.name,
      }),
    }),
  );
  parts.complete();
  return { kind: 'kubernetes', schedules };
}

function scheduleOf(
  parts: KubernetesParts,
  args: KubernetesCurationArgs,
  job: SparkJob,
  names: Readonly<Record<'driver' | 'executor' | 'secret', Input<string>>>,
): ScheduledSparkApplicationSpec {
  const image = args.target.images('spark');
  const seconds = 60 * minutesOf(job);
  const pod = (role: 'driver' | 'executor', { cores, memory }: SparkPodSize) => {
    const { heap, overhead } = heapOf(memory);
    return {
      serviceAccount: names[role],
      cores,
      // No more than it asks for, so that the quota says what jobs take.
      coreLimit: cpuText(millicores(cores * 1000)),
      memory: `${heap}m`,
      memoryOverhead: `${overhead}m`,
      template: podTemplate(parts, args, { role, cores, memory, seconds, image, ...names }),
    };
  };
  return {
    schedule: args.schedule,
    timeZone: 'UTC',
    // A job that is not done when its hour comes again goes on alone.
    concurrencyPolicy: 'Forbid',
    successfulRunHistoryLimit: 1,
    failedRunHistoryLimit: 3,
    template: {
      type: 'Python',
      sparkVersion,
      mode: 'cluster',
      image,
      mainApplicationFile: `local://${scriptFolder}/${job.script}`,
      arguments: job.arguments ?? [],
      sparkConf: sparkConf(args.objectStore),
      restartPolicy: {
        type: 'OnFailure',
        onFailureRetries: attempts - 1,
        onFailureRetryInterval: 60,
        // A driver that the quota has no room for waits its turn so, each time a minute longer: nearly an hour in all.
        onSubmissionFailureRetries: 10,
        onSubmissionFailureRetryInterval: 60,
      },
      driver: pod('driver', args.driver),
      executor: { ...pod('executor', args.executors), instances: args.executors.count },
    },
  };
}

/** Pods, in their own namespace, and nothing else: neither services nor claims nor the settings that Spark would keep in ConfigMaps. */
function letDriverMakePods(
  parts: KubernetesParts,
  { manifest: { name }, place: namespace }: KubernetesCurationArgs,
  account: ServiceAccount,
): void {
  const role = parts.add(Role, 'driver-role', {
    metadata: { name, namespace },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'watch'] },
    ],
  });
  parts.add(RoleBinding, 'driver-binding', {
    metadata: { name, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account.metadata.name, namespace }],
  });
}

/** Drivers and executors among each other, and drivers to the API server; the way to the object store is opened where that is. */
function openWays(
  parts: KubernetesParts,
  { manifest: { name }, place: namespace, target }: KubernetesCurationArgs,
): void {
  const { control, blocks } = sparkPorts;
  const pods = (role: 'driver' | 'executor') => ({ podSelector: { matchLabels: { [roleLabel]: role } } });
  const ports = (...all: readonly number[]) => all.map((port) => ({ protocol: 'TCP', port }));
  parts.add(NetworkPolicy, 'driver-ways', {
    metadata: { name: `${name}-driver`, namespace },
    spec: {
      ...pods('driver'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [pods('executor')], ports: ports(control, blocks) }],
      egress: [{ to: [pods('executor')], ports: ports(blocks) }, apiServerRule(target)],
    },
  });
  parts.add(NetworkPolicy, 'executor-ways', {
    metadata: { name: `${name}-executor`, namespace },
    spec: {
      ...pods('executor'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [pods('driver'), pods('executor')], ports: ports(blocks) }],
      egress: [
        { to: [pods('driver')], ports: ports(control, blocks) },
        { to: [pods('executor')], ports: ports(blocks) },
      ],
    },
  });
}
