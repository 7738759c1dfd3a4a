import { join } from 'node:path';
import { getStack, interpolate, type Output, output } from '@pulumi/pulumi';
import { awsAudit } from '../components/audit/aws';
import { awsAlarms } from '../components/audit/aws-alarms';
import { awsBackup, backupRoleArn } from '../components/backup/aws';
import { awsBudget } from '../components/budget/aws';
import { AwsComponent } from '../components/core/aws-component';
import type { AwsHomes } from '../components/core/aws-homes';
import { awsLogDaysFor } from '../components/core/aws-log-days';
import { awsArn, awsBucketName, awsName, awsTarget } from '../components/core/aws-target';
import { mebibytes } from '../components/core/units';
import { awsEvents } from '../components/events/aws';
import { type AwsFunction, awsFunction } from '../components/function/aws';
import { awsEngineLayer } from '../components/function/aws-engine-layer';
import { awsGateway } from '../components/gateway/aws';
import type { OpenApiDocument } from '../components/gateway/rest-api-document';
import { awsKeyRing } from '../components/key-ring/aws';
import { awsNetwork } from '../components/network/aws';
import { awsNetworkWatch } from '../components/network/aws-watch';
import { awsAccessPointArn, awsObjectStore } from '../components/object-store/aws';
import { awsPreparation } from '../components/preparation/aws';
import { awsStateDatabase } from '../components/state-database/aws';
import { lambdaMaxBytes, widestLimits } from '../functions/ingest/http/body-limits';
import { openApi } from '../functions/ingest/http/openapi';
import { type Manifest, type Zone, zones } from '../functions/manifest';
import { preparationManifest } from '../functions/preparation/manifest';
import { declaredClientId } from '../functions/provider-access/declared-providers';
import { writeScopes } from '../functions/provider-access/scopes';
import { awsFunctions } from './aws-functions';
import { beyondOf, copied, copiedZones, placeOf, privateServices } from './aws-places';
import { deployServing, researchRoles, servingBuckets, servingOutside, servingUsers, usersOf } from './aws-serving';
import type { AwsConfig } from './aws-settings';
import { senderLimits } from './sender-limits';

/** What `pulumi stack output` shows. */
export interface AwsLakeOutputs {
  /** Base of the FHIR API. */
  readonly baseUrl: Output<string>;
  readonly tokenUrl: Output<string>;
  /** How to send a first message. */
  readonly send: string;
  /** What the site's own name must lead to. */
  readonly gatewayName: Output<string>;
}

const fhirPath = '/FHIR/R4';
const repository = join(__dirname, '..');
/** The research network reads marts through this and by no other way. */
const martsPoint = 'marts-tre';

/** The whole lake in one account: components wired to each other; nothing is looked up, names of what is needed early are computed. */
export function deployAwsLake(config: AwsConfig): AwsLakeOutputs {
  const target = awsTarget({ ...placeOf(config), stack: getStack() });
  const functions = awsFunctions(config);
  const manifests = [...functions.map(({ manifest }) => manifest), preparationManifest];
  const accountBlock = config.accountBlocks === 'own';
  const logRetentionDays = awsLogDaysFor(config.logDays);

  const users = usersOf(copied(target), servingUsers(target, config));

  const keyRing = new AwsComponent('key-ring', 'KeyRing', 'key-ring', awsKeyRing, {
    target,
    manifests,
    storeUsers: users,
  });
  const { keys, storeKeys, serviceKeys } = keyRing.built;
  const buckets = Object.fromEntries(zones.map((zone) => [zone, awsBucketName(target, zone)])) as Record<Zone, string>;
  const network = new AwsComponent('network', 'Network', 'network', awsNetwork, {
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
    logRetentionDays,
    accountBlock,
    ...beyondOf(config),
  });
  const { lake, tre } = network.built;
  const audit = new AwsComponent('audit', 'Audit', 'audit', awsAudit, {
    target,
    buckets: Object.values(buckets),
    evidenceKeyArn: serviceKeys.evidence,
    eventsKeyArn: serviceKeys.events,
    logKeyArn: serviceKeys.logs,
    logRetentionDays,
    endpoints: [lake.endpoints.storeId, tre.endpoints.storeId],
    evidenceDays: config.auditDays,
    notify: config.notify,
    recorder: config.recorder,
    findings: config.findings,
  });
  const { topicArn } = audit.built;
  const logs = new AwsComponent(
    'network',
    'Watch',
    'watch',
    awsNetworkWatch,
    {
      target,
      networks: network.built,
      logKeyArn: serviceKeys.logs,
      logRetentionDays,
      evidenceBucketArn: audit.built.evidenceBucketArn,
    },
    // Flows are delivered only once the bucket's policy lets them in.
    { dependsOn: [audit] },
  ).built;
  const objectStore = new AwsComponent('object-store', 'ObjectStore', 'object-store', awsObjectStore, {
    target,
    keyArns: storeKeys,
    manifests,
    users,
    outside: [backupRoleArn(target), ...servingOutside(target, config)],
    endpoints: [lake.endpoints.storeId, tre.endpoints.storeId],
    accessPoints: [{ name: martsPoint, zone: 'marts', vpcId: tre.vpcId, readers: researchRoles(target, config) }],
    auditDays: config.auditDays,
    leastTls: config.leastTls,
    // Bulk uploads come through the gateway so far: nobody signs a URL, so none is taken.
    signedUploads: false,
    accountBlock,
  });
  const state = new AwsComponent('state-database', 'StateDatabase', 'state-database', awsStateDatabase, {
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
    logRetentionDays,
    capacity: { least: config.stateLeastUnits, most: config.stateMostUnits },
    backupDays: config.backupDays,
  });
  const events = new AwsComponent('events', 'Events', 'events', awsEvents, {
    target,
    keyArn: serviceKeys.events,
    subscriptions: functions.flatMap(({ manifest, timeout, trigger }) =>
      trigger.kind === 'queue' ? [{ topic: trigger.topic, subscriber: manifest.name, timeout }] : [],
    ),
  });
  const { topics, queues } = events.built;
  const homes: AwsHomes = { stores: objectStore.built.stores, keys, state: state.built.state, topics };
  const common = {
    target,
    homes,
    keys: { environmentArn: serviceKeys.functions, logArn: serviceKeys.logs, queueArn: serviceKeys.events },
    logRetentionDays,
    alarmTopicArn: topicArn,
  };
  const networkOf = (zone: 'lake' | 'identity') => ({
    subnetIds: lake.subnetIds[zone],
    groups: lake.groups.permissions,
  });
  const codeOf = (name: string) => ({ kind: 'folder' as const, folder: join(repository, 'dist', 'aws-lambda', name) });
  const preparation = new AwsComponent(
    'preparation',
    'Preparation',
    'preparation',
    awsPreparation,
    {
      ...common,
      network: networkOf('lake'),
      code: codeOf(preparationManifest.name),
      manifests,
      secretsExtensionArn: config.secretsExtensionArn,
      providers: config.providers,
    },
    { dependsOn: [keyRing, state] },
  );
  const engine = new AwsComponent('function', 'EngineLayer', 'engine', awsEngineLayer, {
    target,
    modules: join(repository, 'node_modules'),
  }).built;
  const origin = `https://${config.host}`;
  const addresses = { LAKE_ORIGIN: origin, LAKE_ISSUER: origin };
  const made = new Map<string, AwsFunction>();
  for (const { manifest, zone, trigger, engine: withEngine, ...size } of functions) {
    const component = new AwsComponent(
      'function',
      'LakeFunction',
      manifest.name,
      awsFunction,
      {
        ...common,
        ...size,
        manifest,
        place: { zone, classification: zone === 'identity' ? 'identifiable' : 'pseudonymised' },
        network: networkOf(zone),
        code: codeOf(manifest.name),
        environment: { ...addresses, ...senderLimits(manifest, config) },
        trigger:
          trigger.kind === 'queue'
            ? { kind: 'queue', queue: found(queues[manifest.name], `a queue of ${manifest.name}`) }
            : trigger,
        ...(withEngine === true ? { layers: [engine], spool: mebibytes(8192) } : {}),
      },
      { dependsOn: [preparation, objectStore] },
    );
    made.set(manifest.name, component.built);
  }
  const named = (name: string): AwsFunction => found(made.get(name), `the function ${name}`);
  const api = lake.endpoints.ids['execute-api'];
  const gateway = new AwsComponent('gateway', 'Gateway', 'gateway', awsGateway, {
    target,
    document: openApi({
      origin,
      fhirPath,
      tokenEndpoint: `${origin}/oauth2/token`,
      scopes: writeScopes,
      limits: { ...widestLimits, maxBytes: lambdaMaxBytes },
    }) as OpenApiDocument,
    ingest: named('ingest'),
    issuer: named('provider-access'),
    callers: { kind: 'bearer', authoriser: named('authoriser') },
    ingress:
      config.ingress === 'public'
        ? { kind: 'public' }
        : { kind: 'private', vpcEndpointIds: [found(api, 'an endpoint of the API')] },
    domain: { name: config.host, certificateArn: config.certificateArn },
    keyArn: serviceKeys.logs,
    logRetentionDays,
    requestsPerSecond: config.requestsPerSecond,
    burst: config.requestsPerSecond,
    requestsPerAddress: config.requestsPerAddress,
  });
  deployServing(config, {
    target,
    stores: objectStore.built.stores,
    network: network.built,
    keys: serviceKeys,
    logRetentionDays,
    topicArn,
    martsPointArn: awsAccessPointArn(target, martsPoint),
  });
  new AwsComponent('audit', 'Alarms', 'alarms', awsAlarms, {
    target,
    buckets,
    builders: manifests.filter(readsMarts).map(({ name }) => awsName(target, name)),
    identityFunctions: functions
      .filter(({ zone }) => zone === 'identity')
      .map(({ manifest }) => awsName(target, manifest.name)),
    providers: config.providers.map(({ ods }) => declaredClientId(ods)),
    logs: {
      trail: audit.built.trailLog,
      flows: logs.refused,
      names: logs.names,
      access: gateway.built.accessLog,
    },
    topicArn,
  });
  new AwsComponent('backup', 'Backup', 'backup', awsBackup, {
    target,
    buckets: copiedZones.map((zone) => awsArn(target, 's3', buckets[zone])),
    clusters: Object.values(state.built.native.clusters).map(({ arn }) => arn),
    keyArn: serviceKeys.backup,
    days: config.backupDays,
  });
  new AwsComponent('budget', 'Budget', 'budget', awsBudget, {
    target,
    monthlyDollars: config.monthlyDollars,
    topicArn,
  });
  return {
    baseUrl: output(`${origin}${fhirPath}`),
    tokenUrl: output(`${origin}/oauth2/token`),
    send: `lake send --stack ${getStack()} --provider FILE_OF_CREDENTIALS PATH`,
    gatewayName: interpolate`${gateway.built.domain.regionalDomainName}`,
  };
}

const readsMarts = ({ uses }: Manifest): boolean =>
  Object.values(uses).some((use) => use.port === 'objectStore' && use.zone === 'marts');

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RangeError(`This stack has not got ${what}.`);
  return value;
}
