import { StatefulSet } from '@pulumi/kubernetes/apps/v1';
import { Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1';
import { output } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod, volumeClaim } from '../core/kubernetes-pods';
import { permissionLabels } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';
import { memoryText } from '../core/units';
import type { TreArgs, Workspace } from './tre-args';

export interface KubernetesTre {
  readonly kind: 'kubernetes';
  readonly workspaces: readonly StatefulSet[];
}

const port = 8888;
/** `jovyan` in the official images of Jupyter; a site's own image keeps the number. */
const user = 1000;
const home = '/home/researcher';
const labels = { 'app.kubernetes.io/name': 'workspace' };

export function kubernetesTre(component: LakeComponent, name: string, args: TreArgs): KubernetesTre {
  const { place: namespace } = args;
  const parts = new KubernetesParts(component, name, args, labels);
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name: 'workspace', namespace },
    automountServiceAccountToken: false,
  });
  // Nobody reaches a workspace but the gateway: not another workspace either.
  parts.add(NetworkPolicy, 'gateway', {
    metadata: { name: 'workspace-gateway', namespace },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': args.gateway } } }],
          ports: [{ protocol: 'TCP', port }],
        },
      ],
    },
  });
  const workspaces = args.workspaces.map((workspace) => workspaceOf(parts, args, workspace, account));
  parts.complete();
  return { kind: 'kubernetes', workspaces };
}

function workspaceOf(
  parts: KubernetesParts,
  { place: namespace, target, warehouse, memory, cpu, volume }: TreArgs,
  { project, warehousePassword, token }: Workspace,
  account: ServiceAccount,
): StatefulSet {
  const name = nameOf('label', 'workspace', project);
  const own = { ...labels, 'data-lake/project': project };
  const secret = parts.add(Secret, `${project}-secrets`, {
    metadata: { name, namespace },
    stringData: { JUPYTER_TOKEN: output(token), WAREHOUSE_PASSWORD: output(warehousePassword) },
  });
  const fromSecret = (key: string) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: secret.metadata.name, key } },
  });
  parts.add(Service, `${project}-service`, {
    metadata: { name, namespace },
    spec: { selector: own, ports: [{ name: 'http', port, targetPort: port }] },
  });
  return parts.add(StatefulSet, `${project}-workspace`, {
    metadata: { name, namespace },
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: own },
      template: {
        metadata: { labels: { ...parts.labels, ...own, ...permissionLabels(['warehouse']) } },
        spec: {
          ...serverPod(target, account.metadata.name, user),
          volumes: [
            // Of the warehouse's certificate the authority alone, never the key.
            {
              name: 'authority',
              secret: { secretName: warehouse.certificateSecret, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
            },
            { name: 'temporary', emptyDir: { sizeLimit: '1Gi' } },
          ],
          containers: [
            {
              name: 'jupyterlab',
              image: target.images('workspace'),
              command: ['jupyter', 'lab'],
              args: ['--ip=0.0.0.0', `--port=${port}`, '--no-browser', `--ServerApp.root_dir=${home}`],
              env: [
                { name: 'HOME', value: home },
                { name: 'WAREHOUSE_HOST', value: output(warehouse.host) },
                { name: 'WAREHOUSE_PORT', value: String(warehouse.port) },
                { name: 'WAREHOUSE_USER', value: project },
                { name: 'WAREHOUSE_AUTHORITY', value: '/etc/warehouse/ca.crt' },
                ...['JUPYTER_TOKEN', 'WAREHOUSE_PASSWORD'].map(fromSecret),
              ],
              ports: [{ name: 'http', containerPort: port }],
              readinessProbe: { tcpSocket: { port } },
              resources: resourcesOf({ memory, cpu }),
              securityContext: restrictedContainer(user),
              volumeMounts: [
                { name: 'home', mountPath: home },
                { name: 'authority', mountPath: '/etc/warehouse', readOnly: true },
                { name: 'temporary', mountPath: '/tmp' },
              ],
            },
          ],
        },
      },
      volumeClaimTemplates: [volumeClaim(target, 'home', memoryText(volume))],
    },
  });
}
