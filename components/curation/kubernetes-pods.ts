import type { Input } from '@pulumi/pulumi';
import { jobSettings, stagingPrefix } from '../../functions/spark/manifest';
import type { KubernetesParts } from '../core/kubernetes-parts';
import { resourcesOf, restrictedContainer, serverPod } from '../core/kubernetes-pods';
import { permissionLabels, permissionsOf } from '../core/kubernetes-reach';
import { type Mebibytes, millicores } from '../core/units';
import type { ObjectStoreHome } from '../function/function-args';
import type { KubernetesCurationArgs } from './kubernetes-curation-args';
import type { PodTemplate } from './spark-application';

/** `spark` in the official images; a site's own image keeps the number. */
const user = 185;

/** Spark sets it on its pods by itself (`Constants.SPARK_ROLE_LABEL`), so policies may rely on it. */
export const roleLabel = 'spark-role';

/** Where a driver takes calls of its executors, and all of them blocks of data. */
export const sparkPorts = { control: 7078, blocks: 7079 } as const;

const authenticationKey = 'authentication';
const login = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
/** Login of the object store, and by what driver and executors know each other. */
export const sparkSecretKeys = [...login, authenticationKey] as const;

const secretFolder = '/etc/spark-secrets';
const tokenFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Settings of every job (spark.apache.org, "Configuration", "Running on Kubernetes", "Security"; hadoop.apache.org, "S3A"). */
export const sparkConf = ({
  endpoint,
  region,
  forcePathStyle,
}: ObjectStoreHome): Readonly<Record<string, Input<string>>> => ({
  'spark.driver.port': String(sparkPorts.control),
  'spark.driver.blockManager.port': String(sparkPorts.blocks),
  'spark.blockManager.port': String(sparkPorts.blocks),
  // Nobody looks at a job while it runs.
  'spark.ui.enabled': 'false',
  'spark.authenticate': 'true',
  // By file: without it Spark writes the secret into the environment of each executor's pod, for all who may list pods.
  'spark.authenticate.secret.file': `${secretFolder}/${authenticationKey}`,
  'spark.network.crypto.enabled': 'true',
  'spark.io.encryption.enabled': 'true',
  // What the driver's account may do is pods: no ConfigMap, claim or service by its hand.
  'spark.kubernetes.executor.disableConfigMap': 'true',
  'spark.kubernetes.driver.ownPersistentVolumeClaim': 'false',
  'spark.kubernetes.driver.reusePersistentVolumeClaim': 'false',
  'spark.kubernetes.driver.service.deleteOnTermination': 'false',
  'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
  'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
  ...jobSettings,
  'spark.sql.warehouse.dir': '/tmp/warehouse',
  'spark.hadoop.fs.s3a.endpoint': endpoint,
  'spark.hadoop.fs.s3a.endpoint.region': region,
  'spark.hadoop.fs.s3a.path.style.access': String(forcePathStyle ?? false),
  'spark.hadoop.fs.s3a.aws.credentials.provider':
    'software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider',
});

interface TemplateOptions {
  readonly role: 'driver' | 'executor';
  readonly cores: number;
  readonly memory: Mebibytes;
  /** After which the pod is ended. */
  readonly seconds: number;
  readonly image: string;
  /** Names of the accounts and of the Secret. */
  readonly driver: Input<string>;
  readonly executor: Input<string>;
  readonly secret: Input<string>;
}

/**
 * Everything about a pod that Spark has no setting for. With a template the operator's webhook has nothing to change, so the lake
 * needs none.
 */
export function podTemplate(
  parts: KubernetesParts,
  { manifest, target, objectStore: { buckets } }: KubernetesCurationArgs,
  { role, cores, memory, seconds, image, secret, ...accounts }: TemplateOptions,
): PodTemplate {
  const isDriver = role === 'driver';
  const { requests } = resourcesOf({ memory, cpu: millicores(cores * 1000) });
  return {
    metadata: { labels: { ...parts.labels, [roleLabel]: role, ...permissionLabels(permissionsOf(manifest)) } },
    spec: {
      ...serverPod(target, accounts[role], user),
      activeDeadlineSeconds: seconds,
      volumes: [
        {
          name: 'secrets',
          secret: { secretName: secret, items: [{ key: authenticationKey, path: authenticationKey }] },
        },
        // By this name Spark takes it for what does not fit into memory.
        { name: 'spark-local-dir-1', emptyDir: { sizeLimit: '32Gi' } },
        { name: 'work', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'temporary', emptyDir: { sizeLimit: '1Gi' } },
        ...(isDriver ? [{ name: 'token', projected: { sources: tokenSources } }] : []),
      ],
      containers: [
        {
          name: `spark-kubernetes-${role}`,
          image,
          env: [
            ...login.map((key) => ({ name: key, valueFrom: { secretKeyRef: { name: secret, key } } })),
            ...(isDriver
              ? [
                  { name: 'LAKE_CURATED', value: `s3a://${buckets.curated}` },
                  { name: 'LAKE_STAGING', value: `s3a://${buckets.marts}/${stagingPrefix.slice(0, -1)}` },
                ]
              : []),
          ],
          // Spark writes the same figures here once more.
          resources: { requests, limits: requests },
          securityContext: restrictedContainer(user),
          volumeMounts: [
            { name: 'secrets', mountPath: secretFolder, readOnly: true },
            { name: 'spark-local-dir-1', mountPath: '/var/data/spark' },
            { name: 'work', mountPath: '/opt/spark/work-dir' },
            { name: 'temporary', mountPath: '/tmp' },
            ...(isDriver ? [{ name: 'token', mountPath: tokenFolder, readOnly: true }] : []),
          ],
        },
      ],
    },
  };
}

/** What a client of the API server looks for in a pod, for the driver alone. */
const tokenSources = [
  { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
  { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
];
