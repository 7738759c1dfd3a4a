import { setImmediate } from 'node:timers/promises';
import { runtime } from '@pulumi/pulumi';
import { Audit } from '../components/audit';
import { backupRoleArn } from '../components/backup/aws';
import type { AwsHomes } from '../components/core/aws-homes';
import { awsLogDaysFor } from '../components/core/aws-log-days';
import { type AwsTarget, awsArn, awsBucketName, awsRoleArn } from '../components/core/aws-target';
import { Events } from '../components/events';
import { KeyRing } from '../components/key-ring';
import { Network } from '../components/network';
import { Watch } from '../components/network/watch';
import { ObjectStore } from '../components/object-store';
import { awsAccessPointArn } from '../components/object-store/aws';
import { StateDatabase } from '../components/state-database';
import { type Manifest, type Zone, zones } from '../functions/manifest';
import { identityPreparationManifest, preparationManifest } from '../functions/preparation/manifest';
import type { AwsDeployedFunction } from './aws-functions';
import { beyondOf, copied, privateServices } from './aws-places';
import { catalogueHome, researchRoles, servingBuckets, servingOutside, servingUsers, usersOf } from './aws-serving';
import type { AwsConfig, LogClass } from './aws-settings';

/** The research network reads marts through this and by no other way. */
export const martsPoint = 'marts-tre';

/** Days that a class of logs is kept, as CloudWatch takes them. */
export const logDaysOf =
  (config: AwsConfig) =>
  (logs: LogClass): number =>
    awsLogDaysFor(config.logDaysOf[logs] ?? config.logDays);

/** What functions stand on, each part with what it gives the next: keys, networks, evidence, zones, databases, queues. */
export async function deployAwsFoundation(
  config: AwsConfig,
  {
    target,
    functions,
    storeManifests,
  }: {
    readonly target: AwsTarget;
    readonly functions: readonly AwsDeployedFunction[];
    /** Of everybody who reads or writes zones. */
    readonly storeManifests: readonly Manifest[];
  },
) {
  const accountBlock = config.accountBlocks === 'own';
  const logDays = logDaysOf(config);
  const users = usersOf(copied(target), servingUsers(target, config));

  const keyRing = new KeyRing('key-ring', {
    target,
    manifests: storeManifests,
    storeUsers: users,
    serviceUsers: {
      'state-lake': [backupRoleArn(target)],
      'state-identity': [backupRoleArn(target)],
      secrets: [preparationManifest, identityPreparationManifest].map((one) => awsRoleArn(target, one.name)),
    },
  });
  const { keys, storeKeys, serviceKeys } = keyRing.built;
  const buckets = Object.fromEntries(zones.map((zone) => [zone, awsBucketName(target, zone)])) as Record<Zone, string>;
  const network = new Network('network', {
    target,
    lakeRange: config.lakeRange,
    treRange: config.treRange,
    ...(config.ingress === 'private' ? { services: { lake: privateServices } } : {}),
    storeResources: {
      lake: [
        ...Object.values(buckets).map((bucket) => awsArn(target, 's3', bucket)),
        ...servingBuckets(target, config),
      ],
      tre: [awsAccessPointArn(target, martsPoint), awsArn(target, 's3', buckets.marts)],
    },
    logKeyArn: serviceKeys.logs,
    logRetentionDays: logDays('networks'),
    accountBlock,
    layout: config.networkLayout,
    reports: config.businessIntelligence !== 'none',
    crawler: config.foreignData !== undefined,
    ...beyondOf(config),
  });
  await planningStarts();
  const { lake, tre } = network.built;
  const audit = new Audit('audit', {
    target,
    buckets: Object.values(buckets),
    evidenceKeyArn: serviceKeys.evidence,
    eventsKeyArn: serviceKeys.events,
    logKeyArn: serviceKeys.logs,
    logRetentionDays: logDays('trail'),
    endpoints: [lake.endpoints.storeId, tre.endpoints.storeId],
    evidenceDays: config.auditDays,
    notify: config.notify,
    recorder: config.recorder,
    findings: config.findings,
  });
  const { topicArn } = audit.built;
  const watch = new Watch(
    'watch',
    {
      target,
      networks: network.built,
      logKeyArn: serviceKeys.logs,
      logRetentionDays: logDays('networks'),
      evidenceBucketArn: audit.built.evidenceBucketArn,
    },
    // Flows are delivered only once the bucket's policy lets them in.
    { dependsOn: [audit] },
  );
  const objectStore = new ObjectStore('object-store', {
    target,
    keyArns: storeKeys,
    manifests: storeManifests,
    users,
    outside: [backupRoleArn(target), ...servingOutside(target, config)],
    endpoints: [lake.endpoints.storeId, tre.endpoints.storeId],
    accessPoints: [{ name: martsPoint, zone: 'marts', vpcId: tre.vpcId, readers: researchRoles(target, config) }],
    auditDays: config.auditDays,
    leastTls: config.leastTls,
    // A private lake has no way for senders but its gateway.
    signedUploads: config.ingress === 'public',
    accountBlock,
  });
  const state = new StateDatabase('state-database', {
    target,
    places: {
      lake: {
        subnetIds: lake.subnetIds.state,
        groupId: lake.groups.databases.lake,
        keyArn: serviceKeys['state-lake'],
      },
      identity: {
        subnetIds: lake.subnetIds.state,
        groupId: lake.groups.databases.identity,
        keyArn: serviceKeys['state-identity'],
      },
    },
    secretKeyArn: serviceKeys.secrets,
    logKeyArn: serviceKeys.logs,
    logRetentionDays: logDays('databases'),
    capacity: { least: config.stateLeastUnits, most: config.stateMostUnits },
    backupDays: config.backupDays,
  });
  const events = new Events('events', {
    target,
    keyArn: serviceKeys.events,
    alarmTopicArn: topicArn,
    subscriptions: functions.flatMap(({ manifest, timeout, trigger }) =>
      trigger.kind === 'queue' ? [{ topic: trigger.topic, subscriber: manifest.name, timeout }] : [],
    ),
  });
  const { topics, queues } = events.built;
  const homes: AwsHomes = {
    stores: objectStore.built.stores,
    keys,
    state: state.built.state,
    topics,
    ...catalogueHome(target, config, serviceKeys.catalogue),
  };
  return {
    ...{ keyRing, objectStore, state, homes, buckets, queues },
    keys: serviceKeys,
    network: network.built,
    audit: audit.built,
    watch: watch.built,
  };
}

/** The engine plans what is made while the rest is; an update sends nothing before all is made and no component refused. */
export async function planningStarts(): Promise<void> {
  if (runtime.isDryRun()) await setImmediate();
}
