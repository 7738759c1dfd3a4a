import { StatefulSet } from '@pulumi/kubernetes/apps/v1';
import { Secret, Service, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { all, interpolate, type Output, output, secret } from '@pulumi/pulumi';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod, volumeClaim } from '../core/kubernetes-pods';
import { openPath, permissionsOf } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { mebibytes, memoryText, millicores } from '../core/units';
import { bucketsOf } from './buckets';
import type { ObjectStoreArgs, ObjectStoreResult } from './object-store-args';

export interface KubernetesObjectStore {
  readonly kind: 'kubernetes';
  /** Absent where the site's own endpoint is used. */
  readonly server: StatefulSet | undefined;
}

const port = 7070;
const region = 'eu-west-2';
/** A number that is no user of the image; the volume is given to it. */
const user = 10_001;
const labels = { 'app.kubernetes.io/name': 'object-store' };

export function kubernetesObjectStore(
  component: LakeComponent,
  name: string,
  args: ObjectStoreArgs,
): ObjectStoreResult<KubernetesObjectStore> {
  const parts = new KubernetesParts(component, name, args, labels);
  const buckets = bucketsOf(args.prefix);
  const lock = args.auditLockDays === undefined ? {} : { auditLockDays: args.auditLockDays };
  if (args.existing !== undefined) {
    const { endpoint, region: where, forcePathStyle = true, reach } = args.existing;
    openPath(parts, 'objectStore', reach, args.users);
    parts.complete();
    const home = { endpoint, region: where, forcePathStyle, buckets, ...lock };
    return { native: { kind: 'kubernetes', server: undefined }, home };
  }
  const server = versitygw(parts, args);
  openPath(parts, 'objectStore', { kind: 'pods', place: args.place, labels, ports: [port] }, args.users);
  parts.complete();
  const endpoint = interpolate`http://object-store.${args.place}.svc.cluster.local:${port}`;
  return { native: { kind: 'kubernetes', server }, home: { endpoint, region, forcePathStyle: true, buckets, ...lock } };
}

/** The accounts file of versitygw's internal identity service; functions are plain users, the bucket policies say the rest. */
function accountsOf({ manifests, logins }: ObjectStoreArgs): Output<string> {
  const users = manifests
    .filter((manifest) => permissionsOf(manifest).includes('objectStore'))
    .map(({ name }) => {
      const login = logins[name];
      if (login === undefined)
        throw new RangeError(`${name}: its manifest uses the object store, and it has no login.`);
      return all([output(login.accessKeyId), output(login.secretAccessKey)]);
    });
  return secret(
    all(users).apply((pairs) => {
      const account = ([access, key]: readonly [string, string]) => [
        access,
        { access, secret: key, role: 'user', userID: 0, groupID: 0, projectID: 0 },
      ];
      return JSON.stringify({ accessAccounts: Object.fromEntries(pairs.map(account)) });
    }),
  );
}

function versitygw(parts: KubernetesParts, args: ObjectStoreArgs): StatefulSet {
  const { place: namespace, target, volume, administrator } = args;
  const credentials = parts.add(Secret, 'accounts', {
    metadata: { name: 'object-store-accounts', namespace },
    stringData: {
      ROOT_ACCESS_KEY: output(administrator.accessKeyId),
      ROOT_SECRET_KEY: output(administrator.secretAccessKey),
      'users.json': accountsOf(args),
    },
  });
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name: 'object-store', namespace },
    automountServiceAccountToken: false,
  });
  parts.add(Service, 'service', {
    metadata: { name: 'object-store', namespace },
    spec: { selector: labels, ports: [{ name: 's3', port, targetPort: port }] },
  });
  const fromSecret = (key: string) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: credentials.metadata.name, key } },
  });
  return parts.add(StatefulSet, 'server', {
    metadata: { name: 'object-store', namespace },
    spec: {
      serviceName: 'object-store',
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: parts.labels },
        spec: {
          ...serverPod(target, account.metadata.name, user),
          volumes: [
            {
              name: 'accounts',
              secret: { secretName: credentials.metadata.name, items: [{ key: 'users.json', path: 'users.json' }] },
            },
          ],
          containers: [
            {
              name: 'versitygw',
              image: target.images('versitygw'),
              args: ['--region', region, '--port', `:${port}`, '--iam-dir', '/accounts', 'posix'].concat([
                '--versioning-dir',
                '/versions',
                '/objects',
              ]),
              env: ['ROOT_ACCESS_KEY', 'ROOT_SECRET_KEY'].map(fromSecret),
              ports: [{ name: 's3', containerPort: port }],
              readinessProbe: { tcpSocket: { port } },
              resources: resourcesOf({ memory: mebibytes(256), cpu: millicores(100), memoryLimit: mebibytes(512) }),
              securityContext: restrictedContainer(user),
              // Folders of one volume: renames between them stay within one file system.
              volumeMounts: [
                { name: 'data', mountPath: '/objects', subPath: 'objects' },
                { name: 'data', mountPath: '/versions', subPath: 'versions' },
                { name: 'accounts', mountPath: '/accounts', readOnly: true },
              ],
            },
          ],
        },
      },
      volumeClaimTemplates: [volumeClaim(target, 'data', memoryText(volume))],
    },
  });
}
