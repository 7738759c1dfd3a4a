import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { Namespace } from '@pulumi/kubernetes/core/v1';
import type { Chart } from '@pulumi/kubernetes/helm/v4';
import { ConfigFile } from '@pulumi/kubernetes/yaml/v2';
import type { Resource } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import type { LakeComponent } from '../core/lake-component';
import { installSparkOperator } from './kubernetes-spark-operator';
import type { PlatformArgs, PlatformPart } from './platform-args';

export interface KubernetesPlatform {
  readonly kind: 'kubernetes';
  readonly releases: Readonly<Partial<Record<PlatformPart, ConfigFile | Chart>>>;
}

const knativeVersion = '1.23.0';

/** Manifests as their projects publish them; one chart where there is no other way: Pulumi's chart component drops hooks. */
export const releases: Readonly<Record<PlatformPart, string>> = {
  knative: `https://github.com/knative/operator/releases/download/knative-v${knativeVersion}/operator.yaml`,
  certManager: 'https://github.com/cert-manager/cert-manager/releases/download/v1.21.1/cert-manager.yaml',
  cloudNativePg: 'https://github.com/cloudnative-pg/cloudnative-pg/releases/download/v1.30.0/cnpg-1.30.0.yaml',
  sparkOperator: 'https://github.com/kubeflow/spark-operator/releases/download/v2.5.2/spark-operator-2.5.2.tgz',
};

/** On a mirror a file lies under part and version, because two projects may call theirs alike. */
export const releaseAddress = (part: PlatformPart, mirror: string | undefined): string => {
  const own = releases[part];
  if (mirror === undefined) return own;
  const [version, file] = own.split('/').slice(-2);
  return `${mirror}/${part}/${version}/${file}`;
};

const whenReady = { 'pulumi.com/waitFor': 'condition=Ready' };

/**
 * Knative's ConfigMaps as the lake needs them: pods may name their resolver, get secure defaults, and the proxy beside each
 * names its memory (a namespace with a quota refuses a container that names none).
 */
export const servingConfig = (domain: string) => ({
  network: { 'ingress-class': 'kourier.ingress.networking.knative.dev', 'autocreate-cluster-domain-claims': 'false' },
  domain: { [domain]: '' },
  features: {
    'kubernetes.podspec-dnspolicy': 'enabled',
    'kubernetes.podspec-dnsconfig': 'enabled',
    'secure-pod-defaults': 'enabled',
  },
  deployment: {
    'queue-sidecar-cpu-request': '25m',
    'queue-sidecar-memory-request': '50Mi',
    'queue-sidecar-memory-limit': '200Mi',
  },
});

export function kubernetesPlatform(component: LakeComponent, name: string, args: PlatformArgs): KubernetesPlatform {
  const parts = new KubernetesParts(component, name, args);
  const { target, mirror } = args;
  const made: Partial<Record<PlatformPart, ConfigFile | Chart>> = {};
  for (const part of args.parts) {
    const file = releaseAddress(part, mirror);
    made[part] =
      part === 'sparkOperator'
        ? installSparkOperator(component, parts, args, file)
        : new ConfigFile(
            `${name}-${part}`,
            { file, skipAwait: false },
            { parent: component, provider: target.provider },
          );
  }
  if (made.knative !== undefined) setUpKnative(parts, args, made.knative);
  parts.complete();
  return { kind: 'kubernetes', releases: made };
}

function setUpKnative(parts: KubernetesParts, args: PlatformArgs, operator: Resource): void {
  const registry = args.imageRegistry === undefined ? {} : { registry: { default: `${args.imageRegistry}/\${NAME}` } };
  const kinds = [
    {
      kind: 'KnativeServing',
      namespace: 'knative-serving',
      spec: { ingress: { kourier: { enabled: true } }, config: servingConfig(args.domain) },
    },
    ...(args.eventing ? [{ kind: 'KnativeEventing', namespace: 'knative-eventing', spec: {} }] : []),
  ];
  for (const { kind, namespace, spec } of kinds) {
    const place = parts.add(Namespace, namespace, { metadata: { name: namespace } });
    parts.add(
      CustomResource,
      kind,
      {
        apiVersion: 'operator.knative.dev/v1beta1',
        kind,
        metadata: { name: namespace, namespace: place.metadata.name, annotations: whenReady },
        spec: { version: knativeVersion, ...registry, ...spec },
      },
      { dependsOn: [operator] },
    );
  }
}
