import { LogGroup } from '@pulumi/aws/cloudwatch';
import { Cluster, ClusterInstance, ClusterParameterGroup, SubnetGroup } from '@pulumi/aws/rds';
import type { Input } from '@pulumi/pulumi';
import type { DatabaseName } from '../../functions/state-store';
import type { AwsHomes, AwsStateHome } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts, type PartPlace } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { nameOf } from '../core/naming';

/** Where the cluster of one zone's database stands. */
export interface AwsStatePlace {
  /** One in each availability zone, two or more. */
  readonly subnetIds: readonly Input<string>[];
  /** The group that lets in the functions of this database alone. */
  readonly groupId: Input<string>;
  /** Of its storage, its backups and what it measures of itself. */
  readonly keyArn: Input<string>;
}

export interface AwsStateDatabaseArgs extends AwsComponentArgs {
  readonly places: Readonly<Record<DatabaseName, AwsStatePlace>>;
  /** The key of the secret with the login of the first user, which only the preparing function reads. */
  readonly secretKeyArn: Input<string>;
  readonly logKeyArn: Input<string>;
  /** Days; one of CloudWatch's own figures. */
  readonly logRetentionDays: number;
  /** Aurora capacity units of an instance, each about 2 GiB of memory; half units are allowed. @default 0.5 to 8 */
  readonly capacity?: { readonly least: number; readonly most: number };
  /** Instances of a cluster, each in another zone; a second takes over when the first is lost. @default 2 in production, else 1 */
  readonly instances?: number;
  /** Days for which any moment can be restored, 1 to 35. @default 35 */
  readonly backupDays?: number;
  /** Major version alone: Aurora goes from one minor version to the next by itself. @default 17 */
  readonly engineVersion?: string;
}

export interface AwsStateDatabase {
  readonly kind: 'aws';
  readonly clusters: Readonly<Record<DatabaseName, Cluster>>;
}

export interface AwsStateDatabaseResult {
  readonly native: AwsStateDatabase;
  readonly state: AwsHomes['state'];
}

const port = 5432;
/** No name that every scanner tries (FSBP RDS.24). */
const firstUser = 'lake_owner';
const zonePlaces: Readonly<Record<DatabaseName, PartPlace>> = {
  lake: { zone: 'state', classification: 'pseudonymised' },
  identity: { zone: 'identity', classification: 'identifiable' },
};

/**
 * Two clusters of Aurora PostgreSQL (Serverless v2), of the lake and of the identity zone: no role and no way reads both.
 * Functions log in by IAM, connections without TLS are refused, and the one password is made and rotated by RDS.
 */
export function awsStateDatabase(
  component: LakeComponent,
  name: string,
  args: AwsStateDatabaseArgs,
): AwsStateDatabaseResult {
  const { target, places, instances = target.environment === 'production' ? 2 : 1 } = args;
  if (!Number.isSafeInteger(instances) || instances < 1 || instances > target.zones.length)
    throw new RangeError('instances: a whole number from 1 to the number of zones is allowed.');
  const parts = new AwsParts(component, name, args, zonePlaces.lake);
  const made = (['lake', 'identity'] as const).map((database) => {
    const cluster = addCluster(parts, database, places[database], args, instances);
    const state: AwsStateHome = {
      host: cluster.endpoint,
      port,
      database: databaseName(args, database),
      resourceId: cluster.clusterResourceId,
      secretArn: cluster.masterUserSecrets.apply(([secret]) => {
        if (secret === undefined) throw new RangeError(`${database}: RDS made no secret for its first user.`);
        return secret.secretArn;
      }),
      secretKeyArn: args.secretKeyArn,
    };
    return { database, cluster, state };
  });
  parts.complete();
  const by = <Value>(value: (one: (typeof made)[number]) => Value) =>
    Object.fromEntries(made.map((one) => [one.database, value(one)])) as Record<DatabaseName, Value>;
  return {
    native: { kind: 'aws', clusters: by(({ cluster }) => cluster) },
    state: by(({ state }) => state),
  };
}

const databaseName = ({ target }: AwsStateDatabaseArgs, database: DatabaseName): string =>
  nameOf('database', target.name, database);

function addCluster(
  parts: AwsParts,
  database: DatabaseName,
  { subnetIds, groupId, keyArn }: AwsStatePlace,
  args: AwsStateDatabaseArgs,
  instances: number,
): Cluster {
  const { target } = parts;
  const { capacity = { least: 0.5, most: 8 }, backupDays = 35, engineVersion = '17' } = args;
  // A minor version pinned here would be older than the cluster's one night, and the next deployment a downgrade, which RDS refuses.
  if (!/^[1-9][0-9]$/.test(engineVersion))
    throw new RangeError("engineVersion: a major version such as '17' is allowed. Minor ones come by themselves.");
  const place = zonePlaces[database];
  const identifier = awsName(target, 'state', database);
  const log = parts.keep(
    LogGroup,
    `${database}-logs`,
    {
      // RDS writes into a group of this name, and makes one that never ends unless it is there.
      name: `/aws/rds/cluster/${identifier}/postgresql`,
      kmsKeyId: args.logKeyArn,
      retentionInDays: args.logRetentionDays,
    },
    { place },
  );
  const subnets = parts.add(
    SubnetGroup,
    `${database}-subnets`,
    { name: identifier, subnetIds: [...subnetIds] },
    { place },
  );
  const parameters = parts.add(
    ClusterParameterGroup,
    `${database}-parameters`,
    {
      // Of one major version: a cluster that goes to the next takes another group, which cannot have the name of the first.
      name: awsName(target, `postgresql-${engineVersion}`, database),
      family: `aurora-postgresql${engineVersion}`,
      parameters: [
        { name: 'rds.force_ssl', value: '1', applyMethod: 'immediate' },
        { name: 'ssl_min_protocol_version', value: 'TLSv1.2', applyMethod: 'immediate' },
        { name: 'log_connections', value: '1', applyMethod: 'immediate' },
        { name: 'log_disconnections', value: '1', applyMethod: 'immediate' },
        // Statements hold values: what failed is told without its text.
        { name: 'log_statement', value: 'ddl', applyMethod: 'immediate' },
        { name: 'log_min_error_statement', value: 'panic', applyMethod: 'immediate' },
        { name: 'log_parameter_max_length_on_error', value: '0', applyMethod: 'immediate' },
      ],
    },
    { place },
  );
  const cluster = parts.keep(
    Cluster,
    `${database}-cluster`,
    {
      clusterIdentifier: identifier,
      engine: 'aurora-postgresql',
      engineMode: 'provisioned',
      // A prefix of what runs (`engineVersionActual`): the provider keeps it as long as that begins with it.
      engineVersion,
      databaseName: databaseName(args, database),
      masterUsername: firstUser,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: args.secretKeyArn,
      iamDatabaseAuthenticationEnabled: true,
      storageEncrypted: true,
      kmsKeyId: keyArn,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [groupId],
      dbClusterParameterGroupName: parameters.name,
      networkType: 'IPV4',
      port,
      serverlessv2ScalingConfiguration: { minCapacity: capacity.least, maxCapacity: capacity.most },
      backupRetentionPeriod: backupDays,
      preferredBackupWindow: '01:00-02:00',
      preferredMaintenanceWindow: 'sun:03:00-sun:04:00',
      copyTagsToSnapshot: true,
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: `${identifier}-last`,
      deleteAutomatedBackups: false,
      enabledCloudwatchLogsExports: ['postgresql'],
      allowMajorVersionUpgrade: false,
      applyImmediately: false,
    },
    {
      place,
      dependsOn: [log],
      // Once AWS Backup copies it continuously both are that service's, and RDS refuses any other value (components/backup/aws.ts,
      // terraform-aws-modules/terraform-aws-rds-aurora#411).
      ignoreChanges: ['backupRetentionPeriod', 'preferredBackupWindow'],
    },
  );
  for (let number = 1; number <= instances; number += 1)
    parts.add(
      ClusterInstance,
      `${database}-instance-${number}`,
      {
        identifier: `${identifier}-${number}`,
        clusterIdentifier: cluster.id,
        engine: 'aurora-postgresql',
        instanceClass: 'db.serverless',
        availabilityZone: target.zones[number - 1] ?? target.zones[0],
        publiclyAccessible: false,
        autoMinorVersionUpgrade: true,
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: keyArn,
        copyTagsToSnapshot: true,
        promotionTier: number - 1,
      },
      { place },
    );
  return cluster;
}
