import type { Input } from '@pulumi/pulumi';
import type { KubernetesTarget } from './kubernetes-target';
import type { Mebibytes, Millicores } from './units';
import { cpuText, mebibytes, memoryText, millicores } from './units';

/** The user of the lake's image (functions/hosts/knative/Containerfile). */
export const imageUser = 65532;

/** What a container asks for, and its limit of memory; processor time is not limited, it only queues. */
export interface Size {
  readonly memory: Mebibytes;
  readonly cpu: Millicores;
  /** Where it may grow to; as much as it asks for when absent. */
  readonly memoryLimit?: Mebibytes;
}

export const resourcesOf = ({ memory, cpu, memoryLimit }: Size) => ({
  requests: { memory: memoryText(memory), cpu: cpuText(cpu) },
  limits: { memory: memoryText(memoryLimit ?? memory) },
});

/** Of Knative's queue-proxy beside each pod of a service. Named, because a namespace with a quota refuses a container that names none. */
export const queueSize = {
  memory: mebibytes(50),
  cpu: millicores(25),
  memoryLimit: mebibytes(200),
} as const satisfies Size;

/** Pod Security Standards, profile "restricted", on the container: Knative refuses it on the pod. */
export const restrictedContainer = (user: number) => ({
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
});

/** The pod's half, for those that are not Knative's: owner of the volumes. */
export const restrictedPod = (user: number) => ({
  runAsNonRoot: true,
  fsGroup: user,
  seccompProfile: { type: 'RuntimeDefault' },
});

/**
 * Whom the pod asks for names. Knative takes these two fields only with its features `kubernetes.podspec-dnspolicy` and
 * `kubernetes.podspec-dnsconfig` (ConfigMap config-features).
 */
export const asking = ({ resolver }: KubernetesTarget) =>
  resolver === undefined
    ? {}
    : {
        dnsPolicy: 'None',
        // Full names go out as they are; `kubernetes.default.svc` is completed.
        dnsConfig: { nameservers: [resolver], searches: ['cluster.local'], options: [{ name: 'ndots', value: '3' }] },
      };

/** What the pods of servers have alike: an account whose token they do not see, names asked as the target says, profile "restricted". */
export const serverPod = (target: KubernetesTarget, serviceAccountName: Input<string>, user: number) => ({
  serviceAccountName,
  automountServiceAccountToken: false,
  ...asking(target),
  enableServiceLinks: false,
  securityContext: restrictedPod(user),
});

/** A volume of its own for each pod of a StatefulSet. `storage`: a quantity such as `1Gi`. */
export const volumeClaim = ({ storageClass }: KubernetesTarget, name: string, storage: string) => ({
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage } },
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
  },
});
