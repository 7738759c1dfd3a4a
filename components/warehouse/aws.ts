import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup';
import { MetricAlarm } from '@pulumi/aws/cloudwatch/metricAlarm';
import { Statement } from '@pulumi/aws/redshiftdata';
import { Namespace, UsageLimit, Workgroup } from '@pulumi/aws/redshiftserverless';
import { type Input, interpolate, type Output } from '@pulumi/pulumi';
import type { AwsStoreHome } from '../core/aws-homes';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { addRole } from '../core/aws-role';
import { warehouseStatements } from '../core/aws-service-grants';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { externalSchema, federatedSchema, nobodyCreates, readerGrants } from './redshift-sql';

/** A PostgreSQL that is asked where it is, by SQL of the warehouse. */
export interface AwsFederation {
  /** Name of the schema in the warehouse. */
  readonly schema: string;
  readonly host: Input<string>;
  readonly port: number;
  readonly database: string;
  /** Login of a role that may only read, as Redshift takes it: username and password in JSON. */
  readonly secretArn: Input<string>;
  readonly secretKeyArn: Input<string>;
}

export interface AwsWarehouseArgs extends AwsComponentArgs {
  readonly marts: AwsStoreHome;
  /** Name of the catalogue's database of the marts. */
  readonly database: string;
  /** The key that the catalogue is encrypted with. */
  readonly catalogueKeyArn: Input<string>;
  /** Three availability zones or more, as Redshift Serverless asks. */
  readonly subnetIds: readonly Input<string>[];
  readonly securityGroupIds: readonly Input<string>[];
  /** The key of the warehouse's own data. */
  readonly keyArn: Input<string>;
  readonly logKeyArn: Input<string>;
  readonly logRetentionDays: number;
  /** Redshift Processing Units: at least, and at most. */
  readonly baseUnits: number;
  readonly mostUnits: number;
  /** Unit hours of a month after which no query runs any more. */
  readonly unitHoursOfMonth: number;
  /** Is told when four fifths of them are used, and when all are. */
  readonly topicArn: Input<string>;
  /** Database groups of people, from the identity that signs them in; each reads the marts. */
  readonly readers: readonly string[];
  readonly federation?: AwsFederation;
}

export interface AwsWarehouse {
  readonly kind: 'aws';
  readonly namespace: Namespace;
  readonly workgroup: Workgroup;
  readonly host: Output<string>;
  /** What it reads marts as. */
  readonly roleArn: Output<string>;
}

/** Name of the role it reads marts with, for the policies of keys and buckets. */
export const awsWarehouseRole = 'warehouse';
/** `dev` and `admin` are what every warehouse is tried with. */
const databaseName = 'lake';
const administrator = 'lake_owner';
const auditLogs = ['userlog', 'connectionlog', 'useractivitylog'] as const;

/** SQL over the marts: Redshift Serverless in the research network, which reads them through Spectrum and keeps no copy. */
export function awsWarehouse(component: LakeComponent, name: string, args: AwsWarehouseArgs): AwsWarehouse {
  const { target, keyArn, federation } = args;
  if (args.subnetIds.length < 3)
    throw new RangeError('The warehouse takes subnets in three availability zones or more. Give the network a third.');
  for (const units of [args.baseUnits, args.mostUnits])
    if (units % 8 !== 0 || units < args.baseUnits)
      throw new RangeError('Units of the warehouse: multiples of 8 are allowed, at most no fewer than at least.');
  const parts = new AwsParts(component, name, args, { zone: 'marts', classification: 'pseudonymised' });
  const namespaceName = awsName(target, 'warehouse');
  const logs = auditLogs.map((log) =>
    parts.add(LogGroup, `log-${log}`, {
      name: `/aws/redshift/${namespaceName}/${log}`,
      retentionInDays: args.logRetentionDays,
      kmsKeyId: args.logKeyArn,
    }),
  );
  const { arn: roleArn, granted } = addRole(parts, {
    name: awsWarehouseRole,
    service: 'redshift.amazonaws.com',
    statements: warehouseStatements(
      target,
      args.marts,
      { databases: [args.database], keyArn: args.catalogueKeyArn },
      federation,
    ),
  });
  const namespace = parts.keep(
    Namespace,
    'namespace',
    {
      namespaceName,
      dbName: databaseName,
      adminUsername: administrator,
      // Made, kept and rotated by Secrets Manager: nobody is told it.
      manageAdminPassword: true,
      adminPasswordSecretKmsKeyId: keyArn,
      kmsKeyId: keyArn,
      iamRoles: [roleArn],
      defaultIamRoleArn: roleArn,
      logExports: [...auditLogs],
    },
    // It makes groups without an end or a key where it finds none.
    { dependsOn: [...granted, ...logs] },
  );
  const workgroup = parts.add(
    Workgroup,
    'workgroup',
    {
      workgroupName: namespaceName,
      namespaceName: namespace.namespaceName,
      baseCapacity: args.baseUnits,
      maxCapacity: args.mostUnits,
      publiclyAccessible: false,
      // What it fetches goes by the network's own endpoints.
      enhancedVpcRouting: true,
      subnetIds: [...args.subnetIds],
      securityGroupIds: [...args.securityGroupIds],
      configParameters: [
        { parameterKey: 'require_ssl', parameterValue: 'true' },
        { parameterKey: 'enable_user_activity_logging', parameterValue: 'true' },
        { parameterKey: 'max_query_execution_time', parameterValue: '3600' },
      ],
    },
    // AWS gives back every parameter there is, new ones too, so that any list would be a change at every deployment
    // (hashicorp/terraform-provider-aws#33692).
    { ignoreChanges: ['configParameters'] },
  );
  addLimits(parts, workgroup, args);
  const run = (role: string, sql: Input<string>, after: readonly Statement[]): Statement =>
    parts.add(
      Statement,
      role,
      // As its first user: whoever deploys is a user without rights there (Redshift, "Using the Data API").
      {
        workgroupName: workgroup.workgroupName,
        database: databaseName,
        secretArn: namespace.adminPasswordSecretArn,
        sql,
      },
      { dependsOn: [...after] },
    );
  const marts = run(
    'marts',
    interpolate`${roleArn}`.apply((arn) => externalSchema(args.database, arn)),
    [],
  );
  run('closed', nobodyCreates, []);
  if (federation !== undefined) {
    const { schema, host, port, database, secretArn } = federation;
    const sql = interpolate`${host}|${secretArn}|${roleArn}`.apply((text) => {
      const [address = '', secret = '', arn = ''] = text.split('|');
      return federatedSchema({ schema, host: address, port, database, secretArn: secret, roleArn: arn });
    });
    run('federation', sql, []);
  }
  for (const reader of args.readers)
    readerGrants(reader).forEach((sql, index) => {
      run(`reader-${reader}-${index + 1}`, sql, [marts]);
    });
  parts.complete();
  const host = workgroup.endpoints.apply((endpoints) => endpoints?.[0]?.address ?? '');
  return { kind: 'aws', namespace, workgroup, host, roleArn };
}

/**
 * What a month may cost, and who is told: a warehouse past its limit still says that it is available and refuses every query
 * without a word to anybody else. Each limit has a metric of its own (Redshift Management Guide, "CloudWatch metrics for Amazon
 * Redshift Serverless").
 */
function addLimits(parts: AwsParts, workgroup: Workgroup, { unitHoursOfMonth, topicArn }: AwsWarehouseArgs): void {
  for (const { role, amount, breachAction, description } of [
    {
      role: 'notice',
      amount: Math.max(1, Math.floor(unitHoursOfMonth * 0.8)),
      breachAction: 'emit-metric',
      description: 'The warehouse has used four fifths of its unit hours of this month; at the last it stops',
    },
    {
      role: 'limit',
      amount: unitHoursOfMonth,
      breachAction: 'deactivate',
      description: 'The warehouse has used its unit hours of this month and refuses every query until it is given more',
    },
  ]) {
    const limit = parts.add(UsageLimit, role, {
      resourceArn: workgroup.arn,
      usageType: 'serverless-compute',
      period: 'monthly',
      amount,
      breachAction,
    });
    parts.add(MetricAlarm, `${role}-alarm`, {
      name: awsName(parts.target, 'warehouse', role),
      alarmDescription: description,
      namespace: 'AWS/Redshift-Serverless',
      metricName: 'UsageLimitConsumed',
      dimensions: { UsageLimitId: limit.id, UsageType: 'SERVERLESS_COMPUTE', Workgroup: workgroup.workgroupName },
      statistic: 'Maximum',
      period: 300,
      evaluationPeriods: 1,
      threshold: amount,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      // A warehouse that rests says nothing: it is as it was.
      treatMissingData: 'ignore',
      alarmActions: [topicArn],
      okActions: [topicArn],
    });
  }
}
