import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { Deployment, StatefulSet } from '@pulumi/kubernetes/apps/v1';
import { CronJob } from '@pulumi/kubernetes/batch/v1';
import { Secret, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { interpolate, jsonStringify, type Output, output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { asking, imageUser, queueSize, resourcesOf, restrictedContainer, restrictedPod } from '../core/kubernetes-pods';
import { permissionLabels, permissionsOf } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { cpuText, memoryText } from '../core/units';
import { bindingOf, callsRoleOf, containerPaths, stateCaFile, statePasswordFile } from './binding';
import type { FunctionArgs, FunctionResult } from './function-args';
import { cronJobOf } from './kubernetes-cron';

export interface KubernetesFunction {
  readonly kind: 'kubernetes';
  readonly workload: CustomResource | Deployment | StatefulSet | CronJob;
  readonly serviceAccount: ServiceAccount;
}

const port = 8080;

/** Knative's queue-proxy beside each pod: http1, http2, drain, metrics (knative.dev/networking, `constants.go`). */
const queuePorts = [8012, 8013, 8022, 9090].map((number) => ({ protocol: 'TCP', port: number }));
/** Who may speak to it: the gateway, and the activator and autoscaler. Nobody reaches the container's own port. */
const queuePeers = ['kourier-system', 'knative-serving'].map((name) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
}));

const functionLabel = 'app.kubernetes.io/name';

export function kubernetesFunction(
  component: LakeComponent,
  name: string,
  args: FunctionArgs,
): FunctionResult<KubernetesFunction> {
  const { manifest, place: namespace, scaling } = args;
  const parts = new KubernetesParts(component, name, args, { [functionLabel]: manifest.name });
  const serviceAccount = parts.add(ServiceAccount, 'account', {
    metadata: { name: manifest.name, namespace },
    // No function speaks to the API server; OpenBao gets a token of its own, projected below.
    automountServiceAccountToken: false,
  });
  const secret = parts.add(Secret, 'credentials', {
    metadata: { name: `${manifest.name}-credentials`, namespace },
    stringData: credentialsOf(args),
  });
  const labels = {
    ...parts.labels,
    ...permissionLabels([
      ...reachOf(args),
      ...(args.callsFunctions ? (['functions'] as const) : []),
      ...(args.takesForeignTokens ? (['issuer'] as const) : []),
    ]),
  };
  const pod = podOf(args, secret.metadata.name, serviceAccount.metadata.name);
  const workload = workloadOf(parts, args, labels, pod);
  if (scaling.kind === 'requests') {
    parts.add(NetworkPolicy, 'callers', {
      metadata: { name: `${manifest.name}-callers`, namespace },
      spec: {
        podSelector: { matchLabels: { [functionLabel]: manifest.name } },
        policyTypes: ['Ingress'],
        ingress: [{ from: queuePeers, ports: queuePorts }],
      },
    });
  }
  parts.complete();
  const internalOrigin: Output<string> | undefined =
    scaling.kind === 'requests' ? interpolate`http://${manifest.name}.${namespace}.svc.cluster.local` : undefined;
  return { native: { kind: 'kubernetes', workload, serviceAccount }, internalOrigin };
}

const reachOf = ({ manifest, homes }: FunctionArgs) => permissionsOf(manifest, homes.catalogue !== undefined);

function workloadOf(
  parts: KubernetesParts,
  args: FunctionArgs,
  labels: Readonly<Record<string, string>>,
  pod: ReturnType<typeof podOf>,
): KubernetesFunction['workload'] {
  const { scaling } = args;
  switch (scaling.kind) {
    case 'requests':
      return parts.add(CustomResource, 'service', knativeService(args, scaling, labels, pod), {
        // Written by Knative's webhook, and immutable.
        ignoreChanges: ['creator', 'lastModifier'].map((who) => `metadata.annotations["serving.knative.dev/${who}"]`),
      });
    case 'beat': {
      const { metadata, spec } = standingPod(args, labels, pod);
      // Two at once are harmless (they take a lease) and useless.
      return parts.add(Deployment, 'deployment', { metadata, spec: { ...spec, strategy: { type: 'Recreate' } } });
    }
    case 'desk': {
      const { metadata, spec } = standingPod(args, labels, pod);
      // A StatefulSet for the name of its pod alone, which a role of people can name; they come by port-forward.
      return parts.add(StatefulSet, 'desk', { metadata, spec: { ...spec, serviceName: args.manifest.name } });
    }
    case 'schedule':
      return parts.add(CronJob, 'cron-job', cronJobOf(args, labels, pod));
  }
}

/** Only what its manifest has a use for. */
function credentialsOf(args: FunctionArgs): Record<string, Output<string>> {
  const { manifest, homes, credentials } = args;
  const ports = reachOf(args);
  const given: Record<string, Output<string>> = {};
  const put = (key: string, value: Parameters<typeof output<string>>[0] | undefined, what: string): void => {
    if (value === undefined)
      throw new RangeError(`${manifest.name}: its manifest uses ${what}, and no credentials for it were given.`);
    given[key] = output(value);
  };
  if (ports.includes('state')) {
    put(statePasswordFile, credentials.statePassword, 'a state database');
    if (homes.state.ca !== undefined) put(stateCaFile, homes.state.ca, 'a state database');
  }
  if (ports.includes('objectStore')) {
    put('AWS_ACCESS_KEY_ID', credentials.accessKeyId, 'an object store');
    put('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey, 'an object store');
  }
  return given;
}

function podOf(args: FunctionArgs, secretName: Output<string>, serviceAccountName: Output<string>) {
  const { manifest, homes, target, size } = args;
  const ports = reachOf(args);
  const asked = Object.values(manifest.uses).flatMap((use) => (use.port === 'requests' ? [use.to] : []));
  const spools = Object.values(manifest.uses).some((use) => use.port === 'query');
  const fromSecret = (key: string) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  });
  const files = [
    ...(ports.includes('state') ? [statePasswordFile] : []),
    ...(ports.includes('state') && homes.state.ca !== undefined ? [stateCaFile] : []),
  ];
  const volumes = [
    ...(files.length > 0
      ? [
          {
            mount: { name: 'secrets', mountPath: containerPaths.secrets, readOnly: true },
            volume: {
              name: 'secrets',
              secret: { secretName, items: files.map((file) => ({ key: file, path: file })) },
            },
          },
        ]
      : []),
    ...(ports.includes('key')
      ? [
          {
            mount: { name: 'token', mountPath: containerPaths.token, readOnly: true },
            volume: {
              name: 'token',
              projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] },
            },
          },
        ]
      : []),
    ...(asked.length > 0
      ? [
          {
            mount: { name: 'calls', mountPath: containerPaths.calls, readOnly: true },
            volume: {
              name: 'calls',
              projected: {
                sources: asked.map((to) => ({
                  // For that function alone: no other service takes it, the API server neither.
                  serviceAccountToken: {
                    path: to,
                    audience: callsRoleOf(homes.keys.mount, to),
                    expirationSeconds: 600,
                  },
                })),
              },
            },
          },
        ]
      : []),
    ...(spools
      ? [
          {
            mount: { name: 'spool', mountPath: containerPaths.spool },
            volume: { name: 'spool', emptyDir: { sizeLimit: '4Gi' } },
          },
        ]
      : []),
  ];
  return {
    serviceAccountName,
    ...asking(target),
    enableServiceLinks: false,
    volumes: volumes.map(({ volume }) => volume),
    containers: [
      {
        name: 'function',
        image: target.images('lake'),
        imagePullPolicy: 'IfNotPresent',
        ports: [{ containerPort: port }],
        env: [
          { name: 'LAKE_FUNCTION', value: manifest.name },
          { name: 'LAKE_BINDING', value: jsonStringify(bindingOf(manifest, homes)) },
          ...Object.entries(args.environment ?? {}).map(([variable, value]) => ({ name: variable, value })),
          ...(ports.includes('objectStore') ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map(fromSecret) : []),
        ],
        // What lives for one tick serves no requests.
        ...(args.scaling.kind === 'schedule' ? {} : { readinessProbe: readinessOf(args.scaling) }),
        resources: resourcesOf(size),
        securityContext: restrictedContainer(imageUser),
        volumeMounts: volumes.map(({ mount }) => mount),
      },
    ],
  };
}

/** Knative asks by itself as fast as a woken pod needs; the kubelet is told, or a pod would be found ready ten seconds late. */
const readinessOf = ({ kind }: FunctionArgs['scaling']) => ({
  httpGet: { path: '/ready', port },
  ...(kind === 'requests' ? {} : { periodSeconds: 2 }),
});

/** No revision name: Knative gives a new one to each change, and a fixed one would be refused at the second. */
function knativeService(
  { manifest, place: namespace, exposed }: FunctionArgs,
  { fewest, most }: Extract<FunctionArgs['scaling'], { kind: 'requests' }>,
  labels: Readonly<Record<string, string>>,
  pod: ReturnType<typeof podOf>,
) {
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name: manifest.name,
      namespace,
      labels: exposed === true ? {} : { 'networking.knative.dev/visibility': 'cluster-local' },
      // A custom resource is not awaited by default: `up` would end before the first answer.
      annotations: { 'pulumi.com/waitFor': 'condition=Ready' },
    },
    spec: {
      template: {
        metadata: {
          labels,
          annotations: {
            'autoscaling.knative.dev/min-scale': String(fewest),
            'autoscaling.knative.dev/max-scale': String(most),
            'queue.sidecar.serving.knative.dev/cpu-resource-request': cpuText(queueSize.cpu),
            'queue.sidecar.serving.knative.dev/memory-resource-request': memoryText(queueSize.memory),
            'queue.sidecar.serving.knative.dev/memory-resource-limit': memoryText(queueSize.memoryLimit),
          },
        },
        spec: { ...pod, timeoutSeconds: 300 },
      },
    },
  };
}

/** One pod that is always there. */
function standingPod(
  { manifest, place: namespace }: FunctionArgs,
  labels: Readonly<Record<string, string>>,
  pod: ReturnType<typeof podOf>,
) {
  return {
    metadata: { name: manifest.name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { [functionLabel]: manifest.name } },
      template: {
        metadata: { labels },
        spec: { ...pod, securityContext: restrictedPod(imageUser), automountServiceAccountToken: false },
      },
    },
  };
}
