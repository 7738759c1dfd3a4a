import { CustomResource } from '@pulumi/kubernetes/apiextensions';
import { Deployment } from '@pulumi/kubernetes/apps/v1';
import { ConfigMap, Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { all, interpolate, output } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod } from '../core/kubernetes-pods';
import { openPath, permissionLabels, permissionsOf } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { gibibytes, mebibytes, millicores } from '../core/units';
import { catalogueFile, trinoFiles, trinoPaths, trinoPort, trinoSecrets } from './trino-configuration';
import type { TableZone, WarehouseArgs, WarehouseResult } from './warehouse-args';

export interface KubernetesWarehouse {
  readonly kind: 'kubernetes';
  readonly server: Deployment;
}

/** `trino` in the official image. */
const user = 1000;
const heap = 1024;

/** What the manifest of a query engine lets it read: its catalogues. */
const zonesOf = ({ name, uses }: Manifest): readonly TableZone[] =>
  Object.values(uses).map((use) => {
    if (use.port === 'objectStore' && (use.zone === 'curated' || use.zone === 'marts')) return use.zone;
    throw new RangeError(
      `${name}: a warehouse reads curated tables and marts. Take the other uses out of its manifest.`,
    );
  });

export function kubernetesWarehouse(
  component: LakeComponent,
  name: string,
  args: WarehouseArgs,
): WarehouseResult<KubernetesWarehouse> {
  const { manifest, place: namespace, users } = args;
  const labels = { 'app.kubernetes.io/name': manifest.name };
  const parts = new KubernetesParts(component, name, args, labels);
  const certificateSecret = `${manifest.name}-certificate`;
  const host = interpolate`${manifest.name}.${namespace}.svc.cluster.local`;
  const certificate = parts.add(CustomResource, 'certificate', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: manifest.name, namespace, annotations: { 'pulumi.com/waitFor': 'condition=Ready' } },
    spec: {
      secretName: certificateSecret,
      dnsNames: [host],
      issuerRef: { kind: 'ClusterIssuer', name: args.issuer },
      privateKey: { algorithm: 'ECDSA', encoding: 'PKCS8', rotationPolicy: 'Always' },
      // Trino takes key and chain from one file.
      additionalOutputFormats: [{ type: 'CombinedPEM' }],
    },
  });
  const server = trino(parts, args, labels, certificateSecret, certificate);
  parts.add(Service, 'service', {
    metadata: { name: manifest.name, namespace },
    spec: { selector: labels, ports: [{ name: 'https', port: trinoPort, targetPort: trinoPort }] },
  });
  openPath(parts, 'warehouse', { kind: 'pods', place: namespace, labels, ports: [trinoPort] }, users);
  if (args.gateway !== undefined) {
    parts.add(NetworkPolicy, 'gateway', {
      metadata: { name: `${manifest.name}-gateway`, namespace },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': args.gateway } } }],
            ports: [{ protocol: 'TCP', port: trinoPort }],
          },
        ],
      },
    });
  }
  parts.complete();
  return { native: { kind: 'kubernetes', server }, home: { host, port: trinoPort, certificateSecret } };
}

function trino(
  parts: KubernetesParts,
  args: WarehouseArgs,
  matchLabels: Readonly<Record<string, string>>,
  certificateSecret: string,
  certificate: CustomResource,
): Deployment {
  const { manifest, place: namespace, target, catalogue, objectStore, login } = args;
  const name = manifest.name;
  const zones = zonesOf(manifest);
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name, namespace },
    automountServiceAccountToken: false,
  });
  const configuration = parts.add(ConfigMap, 'configuration', {
    metadata: { name, namespace },
    data: { ...trinoFiles(zones, heap) },
  });
  const catalogues = parts.add(ConfigMap, 'catalogues', {
    metadata: { name: `${name}-catalogues`, namespace },
    data: all([output(catalogue.address), output(objectStore.endpoint)]).apply(([address, endpoint]) =>
      Object.fromEntries(zones.map((zone) => [`${zone}.properties`, catalogueFile(address, objectStore, endpoint)])),
    ),
  });
  const secrets = parts.add(Secret, 'secrets', {
    metadata: { name: `${name}-secrets`, namespace },
    stringData: {
      S3_ACCESS_KEY: output(login.accessKeyId),
      S3_SECRET_KEY: output(login.secretAccessKey),
      INTERNAL_SECRET: output(args.internalSecret),
      'password.db': output(args.passwords),
      'group.db': output(args.groups),
    },
  });
  const secretName = secrets.metadata.name;
  const mounts = [
    { name: 'configuration', mountPath: trinoPaths.configuration, readOnly: true },
    { name: 'catalogues', mountPath: trinoPaths.catalogues, readOnly: true },
    { name: 'users', mountPath: trinoPaths.users, readOnly: true },
    { name: 'certificate', mountPath: trinoPaths.certificate, readOnly: true },
    { name: 'data', mountPath: trinoPaths.data },
    { name: 'temporary', mountPath: '/tmp' },
  ];
  return parts.add(
    Deployment,
    'server',
    {
      metadata: { name, namespace },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels },
        template: {
          metadata: { labels: { ...parts.labels, ...permissionLabels([...permissionsOf(manifest), 'tables']) } },
          spec: {
            ...serverPod(target, account.metadata.name, user),
            volumes: [
              { name: 'configuration', configMap: { name: configuration.metadata.name } },
              { name: 'catalogues', configMap: { name: catalogues.metadata.name } },
              {
                name: 'users',
                secret: { secretName, items: ['password.db', 'group.db'].map((key) => ({ key, path: key })) },
              },
              { name: 'certificate', secret: { secretName: certificateSecret } },
              { name: 'data', emptyDir: { sizeLimit: '2Gi' } },
              { name: 'temporary', emptyDir: { sizeLimit: '512Mi' } },
            ],
            containers: [
              {
                name: 'trino',
                image: target.images('trino'),
                env: trinoSecrets.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secretName, key } } })),
                ports: [{ name: 'https', containerPort: trinoPort }],
                readinessProbe: { httpGet: { path: '/v1/info', port: trinoPort, scheme: 'HTTPS' } },
                resources: resourcesOf({ memory: mebibytes(1536), cpu: millicores(500), memoryLimit: gibibytes(2) }),
                securityContext: restrictedContainer(user),
                volumeMounts: mounts,
              },
            ],
          },
        },
      },
    },
    { dependsOn: [certificate] },
  );
}
