import type { AwsHomes } from '../../components/core/aws-homes';
import { awsArn, awsBucketName, awsRoleArn } from '../../components/core/aws-target';
import { LakeComponent } from '../../components/core/lake-component';
import { mebibytes } from '../../components/core/units';
import { awsEvents } from '../../components/events/aws';
import { awsFunction } from '../../components/function/aws';
import type { AwsTrigger } from '../../components/function/aws-triggers';
import { awsKeyRing } from '../../components/key-ring/aws';
import { awsNetwork } from '../../components/network/aws';
import { awsNetworkWatch } from '../../components/network/aws-watch';
import { awsAccessPointArn, awsObjectStore } from '../../components/object-store/aws';
import { awsOperators } from '../../components/operators/aws';
import { backupManifest } from '../../functions/backup/manifest';
import { knativeManifests } from '../../functions/hosts/knative/manifests';
import { type Manifest, type Zone, zones } from '../../functions/manifest';
import { operatorAccount, people } from '../../functions/operator/manifest';
import { identityPreparationManifest, preparationManifest } from '../../functions/preparation/manifest';
import { authoriserManifest } from '../../functions/provider-access/manifest';
import { account, homesOf, place } from '../components/aws-account';
import { type Recorded, record } from '../support/pulumi-mocks';

const preparations: readonly Manifest[] = [preparationManifest, identityPreparationManifest];

/** Every function that can have a role: erasures, backups and the preparation among them, which touch the most. */
export const deployed: readonly Manifest[] = [
  ...new Set([...knativeManifests, authoriserManifest, backupManifest, ...preparations]),
];

/** Somebody who operates the lake, and the desks where people ask. */
export const operator = { name: 'ann', principal: `arn:aws:iam::${place.accountId}:role/people/ann` } as const;
export const desks = deployed
  .filter(({ trigger }) => trigger.kind === 'request' && Object.hasOwn(trigger.from, people))
  .map(({ name }) => name);

/** Who asks whom. */
export const callersOf = (asked: string): readonly string[] => [
  ...deployed
    .filter(({ uses }) => Object.values(uses).some((use) => use.port === 'requests' && use.to === asked))
    .map(({ name }) => name),
  ...(desks.includes(asked) ? [operatorAccount(operator.name)] : []),
];

const subscribers: Readonly<Record<string, string>> = { identity: 'landed.identity', curate: 'landed.clinical' };
const ofIdentity = /^identity/;

/** The network of the team that looks at marts with tools of its own, and the site's tunnel: declared ways out. */
export const analyticsAccount = '444455556666';
const analytics = { vpcId: 'vpc-0123456789abcdef0', accountId: analyticsAccount, range: '10.200.0.0/24' };
const site = {
  kind: 'site',
  network: 'lake',
  gateway: '192.0.2.1',
  asn: 65_000,
  ranges: ['172.16.0.0/16'],
} as const;

class Lake extends LakeComponent {
  constructor() {
    super('lake', 'Lake', 'lake');
    const target = account();
    const bucketArn = (zone: Zone): string => awsArn(target, 's3', awsBucketName(target, zone));
    const keys = awsKeyRing(this, 'keys', { target, manifests: deployed });
    const network = awsNetwork(this, 'network', {
      target,
      storeResources: { lake: zones.map(bucketArn), tre: [awsAccessPointArn(target, 'marts-tre')] },
      services: { lake: ['kms', 'sns', 'lambda', 'secretsmanager', 'glue', 'logs', 'sts', 'execute-api'] },
      logKeyArn: keys.serviceKeys.logs,
      logRetentionDays: 400,
      analytics,
      vpn: site,
    });
    awsNetworkWatch(this, 'network-watch', {
      target,
      networks: { lake: network.lake, tre: network.tre },
      logKeyArn: keys.serviceKeys.logs,
      logRetentionDays: 400,
      evidenceBucketArn: bucketArn('audit'),
    });
    const { stores } = awsObjectStore(this, 'stores', {
      target,
      keyArns: keys.storeKeys,
      manifests: deployed,
      endpoints: [network.lake.endpoints.storeId, network.tre.endpoints.storeId],
      accessPoints: [
        { name: 'marts-tre', zone: 'marts', vpcId: network.tre.vpcId, readers: [awsRoleArn(target, 'researcher')] },
      ],
    });
    const events = awsEvents(this, 'events', {
      alarmTopicArn: 'arn:aws:sns:eu-west-2:123456789012:alarms',
      target,
      keyArn: keys.serviceKeys.events,
      subscriptions: Object.entries(subscribers).map(([subscriber, topic]) => ({ topic, subscriber, timeout: 300 })),
    });
    const homes: AwsHomes = { ...homesOf(target), stores, keys: keys.keys, topics: events.topics };
    awsOperators(this, 'operators', { target, operators: { [operator.name]: operator.principal }, desks });
    for (const manifest of deployed) {
      const queue = events.queues[manifest.name];
      const asked: AwsTrigger =
        manifest.trigger.kind === 'request' && !preparations.includes(manifest)
          ? { kind: 'requests', callers: callersOf(manifest.name) }
          : { kind: 'invocation' };
      const trigger: AwsTrigger = queue === undefined ? asked : { kind: 'queue', queue };
      const zone = ofIdentity.test(manifest.name) ? 'identity' : 'lake';
      awsFunction(this, manifest.name, {
        target,
        manifest,
        homes,
        trigger,
        place: { zone, classification: 'none' },
        network: { subnetIds: network.lake.subnetIds[zone], groups: network.lake.groups.permissions },
        code: { kind: 'folder', folder: 'functions/preparation' },
        keys: {
          environmentArn: keys.serviceKeys.functions,
          logArn: keys.serviceKeys.logs,
          queueArn: keys.serviceKeys.events,
        },
        memory: mebibytes(512),
        timeout: 60,
        concurrency: 1,
        logRetentionDays: 365,
      });
    }
  }
}

let recorded: Promise<readonly Recorded[]> | undefined;

/** Networks, keys, buckets, topics, queues and the roles of every function, as the components make them: recorded once. */
export function recordLake(): Promise<readonly Recorded[]> {
  recorded ??= record('apply', () => void new Lake());
  return recorded;
}
