import { CronJob } from '@pulumi/kubernetes/batch/v1';
import { Secret, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { output } from '@pulumi/pulumi';
import type { Zone } from '../../functions/manifest';
import { stagedZone, stagingPrefix } from '../../functions/spark/manifest';
import { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod } from '../core/kubernetes-pods';
import { openPath, permissionLabels, permissionsOf } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { mebibytes, millicores } from '../core/units';
import type { BackupArgs } from './backup-args';

export interface KubernetesBackup {
  readonly kind: 'kubernetes';
  readonly job: CronJob;
}

/** A number that is no user of the image. */
const user = 10_001;
const secretKeys = [
  'RCLONE_CONFIG_LAKE_ACCESS_KEY_ID',
  'RCLONE_CONFIG_LAKE_SECRET_ACCESS_KEY',
  'RCLONE_CONFIG_ARCHIVE_ACCESS_KEY_ID',
  'RCLONE_CONFIG_ARCHIVE_SECRET_ACCESS_KEY',
] as const;

const zonesOf = ({ manifest }: BackupArgs): readonly Zone[] =>
  Object.values(manifest.uses).flatMap((use) => (use.port === 'objectStore' ? [use.zone] : []));

/**
 * rclone by its environment (https://rclone.org/docs/#environment-variables): `zones` shows the buckets as one tree, `archive`
 * is the other store. Buckets are neither looked for nor made: the logins may not.
 */
function environmentOf(args: BackupArgs) {
  const { source, archive } = args;
  const s3 = { TYPE: 's3', PROVIDER: 'Other', NO_CHECK_BUCKET: 'true' };
  const remotes = {
    LAKE: {
      ...s3,
      ENDPOINT: output(source.endpoint),
      REGION: source.region,
      FORCE_PATH_STYLE: String(source.forcePathStyle ?? false),
    },
    ARCHIVE: { ...s3, ENDPOINT: archive.endpoint, REGION: archive.region, FORCE_PATH_STYLE: 'true' },
    ZONES: {
      TYPE: 'combine',
      UPSTREAMS: zonesOf(args)
        .map((zone) => `${zone}=lake:${source.buckets[zone]}`)
        .join(' '),
    },
  };
  return Object.entries(remotes).flatMap(([remote, settings]) =>
    Object.entries(settings).map(([key, value]) => ({ name: `RCLONE_CONFIG_${remote}_${key}`, value })),
  );
}

export function kubernetesBackup(component: LakeComponent, name: string, args: BackupArgs): KubernetesBackup {
  const { manifest, place: namespace, target, login, archive } = args;
  const labels = { 'app.kubernetes.io/name': manifest.name };
  const parts = new KubernetesParts(component, name, args, labels);
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name: manifest.name, namespace },
    automountServiceAccountToken: false,
  });
  const values = [login.accessKeyId, login.secretAccessKey, archive.login.accessKeyId, archive.login.secretAccessKey];
  const secret = parts.add(Secret, 'credentials', {
    metadata: { name: `${manifest.name}-credentials`, namespace },
    stringData: Object.fromEntries(secretKeys.map((key, index) => [key, output(values[index] ?? '')])),
  });
  openPath(parts, 'archive', archive.reach, { stores: namespace });
  const job = parts.add(CronJob, 'job', {
    metadata: { name: manifest.name, namespace },
    spec: {
      schedule: archive.schedule,
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: {
          backoffLimit: 3,
          template: {
            metadata: {
              labels: { ...parts.labels, ...permissionLabels([...permissionsOf(manifest), 'archive']) },
            },
            spec: {
              restartPolicy: 'OnFailure',
              ...serverPod(target, account.metadata.name, user),
              volumes: [{ name: 'temporary', emptyDir: { sizeLimit: '256Mi' } }],
              containers: [
                {
                  name: 'rclone',
                  image: target.images('rclone'),
                  // `copy`, never `sync`: what a fault or an attacker deletes here stays there.
                  args: [
                    ...['copy', 'zones:', `archive:${archive.bucket}/zones`, '--checksum', '--config', '/tmp/none'],
                    // What a job has staged is no mart yet, and the copy's login may not read it.
                    ...['--exclude', `/${stagedZone}/${stagingPrefix}**`],
                  ],
                  env: [
                    ...environmentOf(args),
                    { name: 'RCLONE_CACHE_DIR', value: '/tmp' },
                    ...secretKeys.map((key) => ({
                      name: key,
                      valueFrom: { secretKeyRef: { name: secret.metadata.name, key } },
                    })),
                  ],
                  resources: resourcesOf({
                    memory: mebibytes(128),
                    cpu: millicores(100),
                    memoryLimit: mebibytes(512),
                  }),
                  securityContext: restrictedContainer(user),
                  volumeMounts: [{ name: 'temporary', mountPath: '/tmp' }],
                },
              ],
            },
          },
        },
      },
    },
  });
  parts.complete();
  return { kind: 'kubernetes', job };
}
