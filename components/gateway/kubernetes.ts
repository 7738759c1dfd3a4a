import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { KubernetesParts } from '../core/kubernetes-parts';
import type { LakeComponent } from '../core/lake-component';
import type { GatewayArgs } from './gateway-args';

export interface KubernetesGateway {
  readonly kind: 'kubernetes';
  readonly mappings: readonly CustomResource[];
}

const whenReady = { 'pulumi.com/waitFor': 'condition=Ready' };

export function kubernetesGateway(component: LakeComponent, name: string, args: GatewayArgs): KubernetesGateway {
  const parts = new KubernetesParts(component, name, args);
  const mappings = args.names.map(({ functionName, host, place: namespace }) => {
    const secretName = `${functionName}-certificate`;
    const certificate = parts.add(CustomResource, `${functionName}-certificate`, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: functionName, namespace, annotations: whenReady },
      spec: {
        secretName,
        dnsNames: [host],
        issuerRef: { kind: 'ClusterIssuer', name: args.issuer },
        privateKey: { algorithm: 'ECDSA', rotationPolicy: 'Always' },
      },
    });
    // Says which namespace may have the name, so that no other in the cluster can take the senders' messages.
    const claim = parts.add(CustomResource, `${functionName}-claim`, {
      apiVersion: 'networking.internal.knative.dev/v1alpha1',
      kind: 'ClusterDomainClaim',
      metadata: { name: host },
      spec: { namespace },
    });
    return parts.add(
      CustomResource,
      `${functionName}-name`,
      {
        apiVersion: 'serving.knative.dev/v1beta1',
        kind: 'DomainMapping',
        metadata: { name: host, namespace, annotations: whenReady },
        spec: {
          ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: functionName },
          tls: { secretName },
        },
      },
      {
        dependsOn: [certificate, claim],
        // Written by Knative's webhook, and immutable.
        ignoreChanges: ['creator', 'lastModifier'].map((who) => `metadata.annotations["serving.knative.dev/${who}"]`),
      },
    );
  });
  parts.complete();
  return { kind: 'kubernetes', mappings };
}
