import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { getStack, interpolate, type Output, output, runtime } from '@pulumi/pulumi';
import { Audit } from '../components/audit';
import { Alarms } from '../components/audit/alarms';
import { Backup } from '../components/backup';
import { backupRoleArn } from '../components/backup/aws';
import { Budget } from '../components/budget';
import type { AwsHomes } from '../components/core/aws-homes';
import { awsLogDaysFor } from '../components/core/aws-log-days';
import { awsArn, awsBucketName, awsName, awsRoleArn, awsRoleName, awsTarget } from '../components/core/aws-target';
import { mebibytes } from '../components/core/units';
import { Events } from '../components/events';
import { LakeFunction } from '../components/function';
import type { AwsFunction } from '../components/function/aws';
import type { AwsTrigger } from '../components/function/aws-triggers';
import { EngineLayer } from '../components/function/engine-layer';
import { Gateway } from '../components/gateway';
import type { OpenApiDocument } from '../components/gateway/rest-api-document';
import { KeyRing } from '../components/key-ring';
import { Network } from '../components/network';
import { Watch } from '../components/network/watch';
import { ObjectStore } from '../components/object-store';
import { awsAccessPointArn } from '../components/object-store/aws';
import { Operators } from '../components/operators';
import { Preparation } from '../components/preparation';
import { StateDatabase } from '../components/state-database';
import { backupManifest } from '../functions/backup/manifest';
import { identityRequestsManifest } from '../functions/identity/manifest';
import { lambdaMaxBytes, widestLimits } from '../functions/ingest/http/body-limits';
import { openApi } from '../functions/ingest/http/openapi';
import { type Manifest, type ObjectStoreOperation, type Zone, zones } from '../functions/manifest';
import { objectStoreCalls } from '../functions/manifest-bucket-policy';
import { identityPreparationManifest, preparationManifest } from '../functions/preparation/manifest';
import { providerAccessManifest } from '../functions/provider-access/manifest';
import { writeScopes } from '../functions/provider-access/scopes';
import { codesOf } from './aws-code';
import { deployStaffAccess, meteredOf, mutualTlsOf, tokenIssuerOf } from './aws-edge';
import { awsFunctions, callersOf, desksOf } from './aws-functions';
import { beyondOf, copied, copiedZones, placeOf, privateServices } from './aws-places';
import {
  catalogueHome,
  deployServing,
  researchRoles,
  servingBuckets,
  servingManifests,
  servingOutside,
  servingUsers,
  usersOf,
} from './aws-serving';
import type { AwsConfig, LogClass } from './aws-settings';
import { operatorsOf } from './network-settings';
import { retentionOf } from './retention-settings';
import { senderLimits } from './sender-limits';

/** What `pulumi stack output` shows. */
export interface AwsLakeOutputs {
  /** Base of the FHIR API. */
  readonly baseUrl: Output<string>;
  readonly tokenUrl: Output<string>;
  /** Where the keys are that the setting `cognitoKeys` takes. */
  readonly tokenKeysUrl?: Output<string>;
  /** How to send a first message. */
  readonly send: string;
  /** What the site's own name must lead to. */
  readonly gatewayName: Output<string>;
  /** Where operators ask, by the function that answers. */
  readonly desks: Readonly<Record<string, { readonly functionName: string; readonly region: string }>>;
}

const fhirPath = '/FHIR/R4';
/** The research network reads marts through this and by no other way. */
const martsPoint = 'marts-tre';

/** The whole lake in one account: components wired to each other; nothing is looked up, names of what is needed early are computed. */
export async function deployAwsLake(config: AwsConfig): Promise<AwsLakeOutputs> {
  const target = awsTarget({ ...placeOf(config), stack: getStack() });
  const functions = awsFunctions(config);
  const manifests = [...functions.map(({ manifest }) => manifest), preparationManifest, identityPreparationManifest];
  const accountBlock = config.accountBlocks === 'own';
  const logDays = (logs: LogClass): number => awsLogDaysFor(config.logDaysOf[logs] ?? config.logDays);
  const codeOf = codesOf(
    config,
    // Both preparations are one code.
    manifests.flatMap((manifest) => (manifest === identityPreparationManifest ? [] : manifest.name)),
  );
  const operators = operatorsOf(config);
  const origin = `https://${config.host}`;
  const issuer = tokenIssuerOf(target, config, origin);
  deployStaffAccess(target, config);

  const users = usersOf(copied(target), servingUsers(target, config));
  const storeManifests = [...manifests, ...servingManifests(config)];

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
  const logs = new Watch(
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
  ).built;
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
  const common = {
    target,
    homes,
    keys: { environmentArn: serviceKeys.functions, logArn: serviceKeys.logs, queueArn: serviceKeys.events },
    logRetentionDays: logDays('functions'),
    alarmTopicArn: topicArn,
  };
  const networkOf = (zone: 'lake' | 'identity') => ({
    subnetIds: lake.subnetIds[zone],
    groups: lake.groups.permissions,
  });
  const preparation = new Preparation('preparation', {
    ...common,
    networks: { lake: networkOf('lake'), identity: networkOf('identity') },
    code: codeOf(preparationManifest.name),
    manifests,
    secretsExtensionArn: config.secretsExtensionArn,
    providers: config.providers,
    ...(issuer.clientIds === undefined ? {} : { clientIds: issuer.clientIds }),
    after: [keyRing, state, objectStore],
  });
  const engineLayer =
    config.signedCode?.engineLayerArn ??
    new EngineLayer('engine', { target, modules: join(__dirname, '..', 'node_modules') }).built.layer.arn;
  const addresses = { LAKE_ORIGIN: origin, LAKE_ISSUER: origin };
  const triggerOf = (name: string, trigger: (typeof functions)[number]['trigger']): AwsTrigger => {
    if (trigger.kind === 'requests')
      return { kind: 'requests', callers: callersOf(functions, name, Object.keys(operators)) };
    return trigger.kind === 'queue' ? { kind: 'queue', queue: found(queues[name], `a queue of ${name}`) } : trigger;
  };
  const made = new Map<string, AwsFunction>();
  for (const { manifest, zone, trigger, engine: withEngine, ...size } of functions) {
    await planningStarts();
    const component = new LakeFunction(manifest.name, {
      ...common,
      ...size,
      manifest,
      place: { zone, classification: zone === 'identity' ? 'identifiable' : 'pseudonymised' },
      network: networkOf(zone),
      code: codeOf(manifest.name),
      environment: {
        ...addresses,
        ...issuer.environmentOf(manifest.name),
        ...senderLimits(manifest, config),
        ...retentionOf(manifest, config),
      },
      trigger: triggerOf(manifest.name, trigger),
      ...(withEngine === true ? { layers: [engineLayer], spool: mebibytes(8192) } : {}),
      after: preparation.built.invocations,
    });
    made.set(manifest.name, component.built);
  }
  const desks = desksOf(functions);
  new Operators('operators', { target, operators, desks });
  const named = (name: string): AwsFunction => found(made.get(name), `the function ${name}`);
  const api = lake.endpoints.ids['execute-api'];
  const gateway = new Gateway('gateway', {
    target,
    document: openApi({
      origin,
      fhirPath,
      tokenEndpoint: issuer.tokenEndpoint,
      scopes: writeScopes,
      limits: { ...widestLimits, maxBytes: lambdaMaxBytes },
    }) as OpenApiDocument,
    ingest: named('ingest'),
    ...(config.tokenIssuer === 'own' ? { issuer: named(providerAccessManifest.name) } : {}),
    callers: { kind: 'bearer', authoriser: named('authoriser') },
    ingress:
      config.ingress === 'public'
        ? { kind: 'public' }
        : { kind: 'private', vpcEndpointIds: [found(api, 'an endpoint of the API')] },
    domain: { name: config.host, certificateArn: config.certificateArn, ...mutualTlsOf(config) },
    signed: Object.keys(config.signers).length > 0,
    ...meteredOf(config, issuer.clients),
    keyArn: serviceKeys.logs,
    logRetentionDays: logDays('access'),
    requestsPerSecond: config.requestsPerSecond,
    burst: config.requestsPerSecond,
    requestsPerAddress: config.requestsPerAddress,
  });
  deployServing(config, {
    target,
    stores: objectStore.built.stores,
    network: network.built,
    keys: serviceKeys,
    logRetentionDays: logDays('tables'),
    topicArn,
    functions: functions.map(({ manifest }) => ({ manifest, roleArn: named(manifest.name).roleArn })),
    martsPointArn: awsAccessPointArn(target, martsPoint),
  });
  // The backup reads every zone that it copies.
  const namesOf = (readers: readonly Manifest[]): readonly string[] =>
    [...readers, backupManifest].map(({ name }) => awsRoleName(target, name));
  new Alarms('alarms', {
    target,
    buckets,
    // Some answer people: what those read is people's.
    builders: namesOf(storeManifests.filter((one) => readsFrom(one, 'marts') && one.trigger.kind !== 'request')),
    identityReaders: namesOf(storeManifests.filter((one) => readsFrom(one, 'identity'))),
    providers: issuer.clients,
    logs: {
      trail: audit.built.trailLog,
      flows: logs.refused,
      names: logs.names,
      access: gateway.built.accessLog,
      identity: named(identityRequestsManifest.name).logGroup,
    },
    topicArn,
  });
  new Backup('backup', {
    target,
    buckets: copiedZones.map((zone) => awsArn(target, 's3', buckets[zone])),
    clusters: Object.values(state.built.native.clusters).map(({ arn }) => arn),
    keyArn: serviceKeys.backup,
    failureTopicArn: topicArn,
    days: config.backupDays,
  });
  new Budget('budget', {
    target,
    monthlyDollars: config.monthlyDollars,
    topicArn,
  });
  return {
    baseUrl: output(`${origin}${fhirPath}`),
    tokenUrl: output(issuer.tokenEndpoint),
    ...(issuer.keysUrl === undefined ? {} : { tokenKeysUrl: issuer.keysUrl }),
    send: `lake send --stack ${getStack()} --provider FILE_OF_CREDENTIALS PATH`,
    // A private name has none of its own at the gateway: the endpoint's leads there (API Gateway Developer Guide, "Invoke a private API").
    gatewayName:
      config.ingress === 'public'
        ? interpolate`${gateway.built.domain.regionalDomainName}`
        : found(lake.endpoints.names['execute-api'], 'an endpoint of the API'),
    desks: Object.fromEntries(
      desks.map((name) => [name, { functionName: awsName(target, name), region: target.region }]),
    ),
  };
}

/** The engine plans what is made while the rest is; an update sends nothing before all is made and no component refused. */
async function planningStarts(): Promise<void> {
  if (runtime.isDryRun()) await setImmediate();
}

const readsFrom = ({ uses }: Manifest, zone: Zone): boolean =>
  Object.values(uses).some(
    (use) =>
      use.port === 'objectStore' &&
      use.zone === zone &&
      use.operations.some((operation) =>
        objectStoreCalls[operation as ObjectStoreOperation].objects?.includes('s3:GetObject'),
      ),
  );

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new RangeError(`This stack has not got ${what}.`);
  return value;
}
