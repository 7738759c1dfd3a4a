import { at, type GuardedResource, isSet, kindOf, listAt, textAt, textsAt } from './guarded-resource';
import { type Rule, unless } from './rule';

/** Everything that brings pods into being. */
const workloads = [
  'kubernetes:apps/v1:*',
  'kubernetes:batch/v1:*',
  'kubernetes:core/v1:Pod',
  'kubernetes:core/v1:PodTemplate',
  'kubernetes:core/v1:ReplicationController',
  'kubernetes:serving.knative.dev/v1:Configuration',
  'kubernetes:serving.knative.dev/v1:Service',
  'kubernetes:sparkoperator.k8s.io/v1beta2:ScheduledSparkApplication',
  'kubernetes:sparkoperator.k8s.io/v1beta2:SparkApplication',
];

/** Where a kind says what its pods are; a schedule of Spark makes two. */
const podPlaces: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template.spec'],
  SparkApplication: ['driver', 'executor'].map((role) => `spec.${role}.template.spec`),
  CronJob: ['spec.jobTemplate.spec.template.spec'],
  ScheduledSparkApplication: ['driver', 'executor'].map((role) => `spec.template.${role}.template.spec`),
};
const podsOf = (resource: GuardedResource): readonly unknown[] =>
  (podPlaces[kindOf(resource)] ?? ['spec.template.spec']).map((place) => at(resource.props, place));
const containersIn = (pod: unknown): readonly unknown[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => listAt(pod, list));
const containersOf = (resource: GuardedResource): readonly unknown[] => podsOf(resource).flatMap(containersIn);
/** Each pod has a container, or nothing was said of it. */
const every = (resource: GuardedResource, holds: (container: unknown) => boolean): boolean =>
  podsOf(resource).every((pod) => containersIn(pod).length > 0 && containersIn(pod).every(holds));

/** A collector reads the logs of its node; admission lets that one do so, read-only (kubernetes-admission.ts). */
const readsNodeLogs = (resource: GuardedResource): boolean => kindOf(resource) === 'DaemonSet';

/** The one capability that the profile lets be added: a resolver listens on port 53. */
const portsBelow1024 = 'NET_BIND_SERVICE';

/** A setting that a program reads as a password, by its name. */
const credentialName = /(PASSWORD|SECRET|TOKEN|CREDENTIALS|PRIVATE_KEY)(_[A-Z]+)?$/;
/** Where a secret lies, not the secret. */
const placeName = /(FILE|PATH|URL|NAME|ARN)$/;
/** A credential behind its name, as programs take it: `--password=…`, `-token …`. */
const credentialArgument = /^-{1,2}[\w-]*(password|secret|token|credentials|private-key)(=|\s|$)/i;

/** What a pod may be. Pod Security Standards (kubernetes.io, "Pod Security Standards"), profile restricted, and a little more. */
export const kubernetesPodRules: readonly Rule[] = [
  {
    id: 'kubernetes-container-restricted',
    title: 'A container runs as a user without rights, gains none and has no capability',
    references: ['NCSC 2', 'NCSC 3', 'CAF B4.a', 'CAF B2.c', 'SATRE 2.1.14', 'PSS restricted'],
    types: workloads,
    property: 'containers.securityContext: runAsNonRoot, allowPrivilegeEscalation, capabilities, seccompProfile',
    concerns: (resource) => !readsNodeLogs(resource),
    wrong: (resource) =>
      unless(
        every(
          resource,
          (container) =>
            at(container, 'securityContext.runAsNonRoot') === true &&
            at(container, 'securityContext.allowPrivilegeEscalation') === false &&
            at(container, 'securityContext.privileged') !== true &&
            textsAt(container, 'securityContext.capabilities.drop').includes('ALL') &&
            textsAt(container, 'securityContext.capabilities.add').every((name) => name === portsBelow1024) &&
            textAt(container, 'securityContext.seccompProfile.type') !== 'Unconfined',
        ),
        'A container may run as root, gain rights or keep capabilities. Give it the restricted security context.',
      ),
  },
  {
    id: 'kubernetes-container-read-only',
    title: 'A container cannot write to its own file system',
    references: ['NCSC 2', 'CAF B4.a', 'SATRE 2.2.06'],
    types: workloads,
    property: 'containers.securityContext.readOnlyRootFilesystem',
    wrong: (resource) =>
      unless(
        every(resource, (container) => at(container, 'securityContext.readOnlyRootFilesystem') === true),
        'A container can write to its root file system. Set readOnlyRootFilesystem and give it a volume for what it writes.',
      ),
  },
  {
    id: 'kubernetes-pod-apart-from-node',
    title: "A pod shares neither its node's network nor processes nor files",
    references: ['NCSC 3', 'CAF B4.a', 'SATRE 2.1.14', 'SATRE 2.2.10', 'PSS baseline'],
    types: workloads,
    property: 'hostNetwork, hostPID, hostIPC, ports.hostPort, volumes.hostPath',
    wrong: (resource) => {
      const pods = podsOf(resource);
      const shared = pods.some((pod) => ['hostNetwork', 'hostPID', 'hostIPC'].some((key) => at(pod, key) === true));
      const ports = containersOf(resource).some((container) =>
        listAt(container, 'ports').some((port) => isSet(at(port, 'hostPort'))),
      );
      const files = pods.some((pod) => listAt(pod, 'volumes').some((volume) => isSet(at(volume, 'hostPath'))));
      return unless(
        !shared && !ports && (!files || readsNodeLogs(resource)),
        'A pod sees the network, the processes or the files of its node. Take hostNetwork, hostPID, hostIPC and hostPath out.',
      );
    },
  },
  {
    id: 'kubernetes-container-limited',
    title: 'A container has a limit of memory',
    references: ['NCSC 2', 'CAF B5.b', 'SATRE 2.3.03'],
    types: workloads,
    property: 'containers.resources.limits.memory',
    wrong: (resource) =>
      unless(
        every(resource, (container) => isSet(at(container, 'resources.limits.memory'))),
        'A container has no limit of memory: it can take what others need. Set resources.limits.memory.',
      ),
  },
  {
    id: 'kubernetes-pod-own-account',
    title: 'A pod runs under an account of its own, not under the one every pod has',
    references: ['NCSC 10', 'CAF B2.a', 'SATRE 1.5.03', 'SATRE 1.5.05'],
    types: workloads,
    property: 'serviceAccountName, automountServiceAccountToken',
    wrong: (resource) =>
      unless(
        podsOf(resource).every(
          (pod) =>
            !['', 'default'].includes(textAt(pod, 'serviceAccountName')) &&
            at(pod, 'automountServiceAccountToken') !== true,
        ),
        'A pod has no account of its own, or is handed its token unasked. Name a serviceAccountName and do not mount its token.',
      ),
  },
  {
    id: 'kubernetes-container-no-plain-credential',
    title: 'No credential stands in an argument or the environment of a container',
    references: ['NCSC 10', 'NCSC 12', 'CAF B2.a', 'CAF B3.c', 'SATRE 2.8.01'],
    types: workloads,
    property: 'containers.env.value, args, command',
    wrong: (resource) =>
      unless(
        containersOf(resource).every(
          (container) =>
            listAt(container, 'env').every((variable) => {
              const name = textAt(variable, 'name');
              return !credentialName.test(name) || placeName.test(name) || !isSet(at(variable, 'value'));
            }) &&
            ![...textsAt(container, 'args'), ...textsAt(container, 'command')].some((one) =>
              credentialArgument.test(one),
            ),
        ),
        'A credential is written into an argument or the environment of a container. Take it from a Secret (valueFrom.secretKeyRef, or a file).',
      ),
  },
  {
    id: 'kubernetes-container-named-image',
    title: 'A container runs an image of a version',
    references: ['NCSC 8', 'CAF B4.b', 'CAF A4.a', 'SATRE 2.7.02'],
    types: workloads,
    property: 'containers.image',
    wrong: (resource) =>
      unless(
        every(resource, (container) => {
          const image = textAt(container, 'image');
          return /@sha256:[0-9a-f]{64}$/.test(image) || (/:[\w][\w.-]*$/.test(image) && !image.endsWith(':latest'));
        }),
        'A container runs whatever its registry calls latest. Name a version or, better, a digest.',
      ),
  },
];
