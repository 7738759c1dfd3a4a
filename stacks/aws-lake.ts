import { join } from 'node:path';
import { getStack, interpolate, type Output, output } from '@pulumi/pulumi';
import { Alarms } from '../components/audit/alarms';
import { Backup } from '../components/backup';
import { Budget } from '../components/budget';
import { awsArn, awsName, awsRoleName, awsTarget } from '../components/core/aws-target';
import { mebibytes } from '../components/core/units';
import { LakeFunction } from '../components/function';
import type { AwsFunction } from '../components/function/aws';
import type { AwsTrigger } from '../components/function/aws-triggers';
import { EngineLayer } from '../components/function/engine-layer';
import { Gateway } from '../components/gateway';
import type { OpenApiDocument } from '../components/gateway/rest-api-document';
import { awsAccessPointArn } from '../components/object-store/aws';
import { Operators } from '../components/operators';
import { Preparation } from '../components/preparation';
import { backupManifest } from '../functions/backup/manifest';
import { identityRequestsManifest } from '../functions/identity/manifest';
import { lambdaMaxBytes, widestLimits } from '../functions/ingest/http/body-limits';
import { openApi } from '../functions/ingest/http/openapi';
import type { Manifest, ObjectStoreOperation, Zone } from '../functions/manifest';
import { objectStoreCalls } from '../functions/manifest-bucket-policy';
import { identityPreparationManifest, preparationManifest } from '../functions/preparation/manifest';
import { providerAccessManifest } from '../functions/provider-access/manifest';
import { writeScopes } from '../functions/provider-access/scopes';
import { codesOf } from './aws-code';
import { definitionsOf } from './aws-definitions';
import { deployStaffAccess, meteredOf, mutualTlsOf, tokenIssuerOf } from './aws-edge';
import { deployAwsFoundation, logDaysOf, martsPoint, planningStarts } from './aws-foundation';
import { awsFunctions, callersOf, desksOf } from './aws-functions';
import { copiedZones, placeOf } from './aws-places';
import { deployServing, servingManifests } from './aws-serving';
import type { AwsConfig } from './aws-settings';
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

/** The whole lake in one account: components wired to each other; nothing is looked up, names of what is needed early are computed. */
export async function deployAwsLake(config: AwsConfig): Promise<AwsLakeOutputs> {
  const target = awsTarget({ ...placeOf(config), stack: getStack() });
  const functions = awsFunctions(config);
  const manifests = [...functions.map(({ manifest }) => manifest), preparationManifest, identityPreparationManifest];
  const logDays = logDaysOf(config);
  const codeOf = codesOf(
    config,
    // Both preparations are one code.
    manifests.flatMap((manifest) => (manifest === identityPreparationManifest ? [] : manifest.name)),
  );
  const operators = operatorsOf(config);
  const origin = `https://${config.host}`;
  const issuer = tokenIssuerOf(target, config, origin);
  deployStaffAccess(target, config);

  const storeManifests = [...manifests, ...servingManifests(config)];
  const foundation = await deployAwsFoundation(config, { target, functions, storeManifests });
  const { keyRing, objectStore, state, homes, buckets, queues, keys, network, audit, watch } = foundation;
  const { lake } = network;
  const { topicArn } = audit;
  const common = {
    target,
    homes,
    keys: { environmentArn: keys.functions, logArn: keys.logs, queueArn: keys.events },
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
        ...definitionsOf(manifest, config),
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
    keyArn: keys.logs,
    logRetentionDays: logDays('access'),
    requestsPerSecond: config.requestsPerSecond,
    burst: config.requestsPerSecond,
    requestsPerAddress: config.requestsPerAddress,
  });
  deployServing(config, {
    target,
    stores: objectStore.built.stores,
    network,
    keys,
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
      trail: audit.trailLog,
      flows: watch.refused,
      names: watch.names,
      access: gateway.built.accessLog,
      identity: named(identityRequestsManifest.name).logGroup,
    },
    topicArn,
  });
  new Backup('backup', {
    target,
    buckets: copiedZones.map((zone) => awsArn(target, 's3', buckets[zone])),
    clusters: Object.values(state.built.native.clusters).map(({ arn }) => arn),
    databaseSubnets: state.built.native.clusters.lake.dbSubnetGroupName,
    keyArn: keys.backup,
    failureTopicArn: topicArn,
    days: config.backupDays,
  });
  new Budget('budget', {
    target,
    monthlyDollars: config.monthlyDollars,
    topicArn,
    spendMonitor: config.spendMonitor,
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
