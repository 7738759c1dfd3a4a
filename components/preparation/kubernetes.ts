import { Job } from '@pulumi/kubernetes/batch/v1';
import { Secret, ServiceAccount } from '@pulumi/kubernetes/core/v1';
import { all, jsonStringify, type Output, output } from '@pulumi/pulumi';
import { stateRoleOf } from '../../functions/manifest-grants';
import { people } from '../../functions/operator/manifest';
import { KubernetesParts } from '../core/kubernetes-parts';
import { imageUser, resourcesOf, restrictedContainer, serverPod } from '../core/kubernetes-pods';
import { permissionLabels, permissionsOf } from '../core/kubernetes-reach';
import type { LakeComponent } from '../core/lake-component';
import { mebibytes, millicores } from '../core/units';
import { containerPaths, stateCaFile } from '../function/binding';
import type { PreparationArgs } from './preparation-args';

export interface KubernetesPreparation {
  readonly kind: 'kubernetes';
  readonly job: Job;
}

const administratorFile = 'administrator';
const passwordFileOf = (name: string): string => `${name}.password`;

export function kubernetesPreparation(
  component: LakeComponent,
  name: string,
  args: PreparationArgs,
): KubernetesPreparation {
  const { place: namespace, target, storeAdministrator } = args;
  const parts = new KubernetesParts(component, name, args, { 'app.kubernetes.io/name': 'preparation' });
  const account = parts.add(ServiceAccount, 'account', {
    metadata: { name: args.account, namespace },
    automountServiceAccountToken: false,
  });
  const secret = parts.add(Secret, 'credentials', {
    metadata: { name: 'preparation-credentials', namespace },
    stringData: secretsOf(args),
  });
  const secretName = secret.metadata.name;
  const fromSecret = (key: string) => ({ name: key, valueFrom: { secretKeyRef: { name: secretName, key } } });
  const job = parts.add(Job, 'job', {
    metadata: { name: 'preparation', namespace },
    spec: {
      backoffLimit: 6,
      template: {
        metadata: { labels: { ...parts.labels, ...permissionLabels(['objectStore', 'key', 'state']) } },
        spec: {
          restartPolicy: 'OnFailure',
          ...serverPod(target, account.metadata.name, imageUser),
          volumes: [
            { name: 'secrets', secret: { secretName } },
            {
              name: 'token',
              projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] },
            },
          ],
          containers: [
            {
              name: 'preparation',
              image: target.images('lake'),
              imagePullPolicy: 'IfNotPresent',
              env: [
                { name: 'LAKE_FUNCTION', value: 'prepare' },
                { name: 'LAKE_PREPARE', value: jsonStringify(settingsOf(args)) },
                ...(storeAdministrator === undefined
                  ? []
                  : ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map(fromSecret)),
              ],
              resources: resourcesOf({ memory: mebibytes(192), cpu: millicores(100), memoryLimit: mebibytes(384) }),
              securityContext: restrictedContainer(imageUser),
              volumeMounts: [
                { name: 'secrets', mountPath: containerPaths.secrets, readOnly: true },
                { name: 'token', mountPath: containerPaths.token, readOnly: true },
              ],
            },
          ],
        },
      },
    },
  });
  parts.complete();
  return { kind: 'kubernetes', job };
}

const withState = ({ functions }: PreparationArgs) =>
  functions.filter(({ manifest }) => permissionsOf(manifest).includes('state'));

function secretsOf(args: PreparationArgs): Record<string, Output<string>> {
  const { administrator, credentials, homes, storeAdministrator } = args;
  const secrets: Record<string, Output<string>> = { [administratorFile]: output(administrator.password) };
  if (homes.state.ca !== undefined) secrets[stateCaFile] = output(homes.state.ca);
  for (const { manifest } of withState(args)) {
    const password = credentials[manifest.name]?.statePassword;
    if (password === undefined) throw new RangeError(`${manifest.name}: no password of its role was given.`);
    secrets[passwordFileOf(manifest.name)] = output(password);
  }
  if (storeAdministrator !== undefined) {
    secrets.AWS_ACCESS_KEY_ID = output(storeAdministrator.accessKeyId);
    secrets.AWS_SECRET_ACCESS_KEY = output(storeAdministrator.secretAccessKey);
  }
  return secrets;
}

/** Who may ask each function that is asked: those its manifest names, where they run. */
function callersOf({ functions, operators }: PreparationArgs) {
  return Object.fromEntries(
    functions.flatMap(({ manifest: { name, trigger } }) => {
      if (trigger.kind !== 'request') return [];
      const accounts = functions
        .filter(({ manifest }) => Object.hasOwn(trigger.from, manifest.name))
        .map(({ manifest, place: namespace }) => ({ namespace, name: manifest.name }));
      if (Object.hasOwn(trigger.from, people)) accounts.push(...operators);
      return accounts.length === 0 ? [] : [[name, accounts]];
    }),
  );
}

/** What functions/hosts/knative/prepare.ts reads; secrets are named by their files. */
function settingsOf(args: PreparationArgs) {
  const { functions, credentials, homes, administrator, storeAdministrator } = args;
  const file = (name: string): string => `${containerPaths.secrets}/${name}`;
  const withStore = functions.filter(({ manifest }) => permissionsOf(manifest).includes('objectStore'));
  const withKeys = functions.filter(({ manifest }) => permissionsOf(manifest).includes('key'));
  return {
    postgres: {
      host: homes.state.host,
      port: homes.state.port,
      user: administrator.user,
      passwordFile: file(administratorFile),
      ...(homes.state.ca === undefined ? {} : { caFile: file(stateCaFile) }),
    },
    databases: homes.state.databases,
    roles: Object.fromEntries(
      withState(args).map(({ manifest }) => [
        manifest.name,
        { user: stateRoleOf(manifest), passwordFile: file(passwordFileOf(manifest.name)) },
      ]),
    ),
    openbao: {
      address: homes.keys.address,
      mount: homes.keys.mount,
      login: { role: args.keyRole, jwtFile: `${containerPaths.token}/token` },
    },
    providers: args.providers,
    callers: callersOf(args),
    serviceAccounts: Object.fromEntries(
      withKeys.map(({ manifest, place: namespace }) => [manifest.name, { namespace, name: manifest.name }]),
    ),
    ...(storeAdministrator === undefined
      ? {}
      : {
          buckets: {
            endpoint: homes.objectStore.endpoint,
            region: homes.objectStore.region,
            names: homes.objectStore.buckets,
            ...(homes.objectStore.auditLockDays === undefined
              ? {}
              : { auditLockDays: homes.objectStore.auditLockDays }),
            logins: all(
              Object.fromEntries(
                withStore.map(({ manifest }) => [manifest.name, output(credentials[manifest.name]?.accessKeyId ?? '')]),
              ),
            ),
          },
        }),
  };
}
