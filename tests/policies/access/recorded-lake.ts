import type { AwsHomes } from '../../../components/core/aws-homes';
import { LakeComponent } from '../../../components/core/lake-component';
import { mebibytes } from '../../../components/core/units';
import { awsEvents } from '../../../components/events/aws';
import { awsFunction } from '../../../components/function/aws';
import type { AwsTrigger } from '../../../components/function/aws-triggers';
import { awsKeyRing } from '../../../components/key-ring/aws';
import { awsObjectStore } from '../../../components/object-store/aws';
import { backupManifest } from '../../../functions/backup/manifest';
import { erasureManifest, identityErasureManifest } from '../../../functions/erasure/manifest';
import { knativeManifests } from '../../../functions/hosts/knative/manifests';
import type { Manifest } from '../../../functions/manifest';
import { preparationManifest } from '../../../functions/preparation/manifest';
import { account, homesOf } from '../../components/aws-account';
import { type Recorded, record } from '../../support/pulumi-mocks';

/** Functions of ours do not ask each other on AWS: those that would are not deployed there. */
const asks = ({ uses }: Manifest): boolean =>
  Object.values(uses).some(({ port }) => port === 'requests' || port === 'callers');

/** Every function that can have a role: erasures, backups and the preparation among them, which touch the most. */
export const deployed: readonly Manifest[] = [
  ...new Set([...knativeManifests, erasureManifest, identityErasureManifest, backupManifest, preparationManifest]),
].filter((manifest) => !asks(manifest));

const subscribers: Readonly<Record<string, string>> = { identity: 'landed.identity', curate: 'landed.clinical' };
export const endpoints = { lake: 'vpce-lake', tre: 'vpce-tre' } as const;

class Lake extends LakeComponent {
  constructor() {
    super('lake', 'Lake', 'lake');
    const target = account();
    const keys = awsKeyRing(this, 'keys', { target, manifests: deployed });
    const { stores } = awsObjectStore(this, 'stores', {
      target,
      keyArns: keys.storeKeys,
      manifests: deployed,
      endpoints: [endpoints.lake, endpoints.tre],
    });
    const events = awsEvents(this, 'events', {
      target,
      keyArn: keys.serviceKeys.events,
      subscriptions: Object.entries(subscribers).map(([subscriber, topic]) => ({ topic, subscriber, timeout: 300 })),
    });
    const homes: AwsHomes = { ...homesOf(target), stores, keys: keys.keys, topics: events.topics };
    for (const manifest of deployed) {
      const queue = events.queues[manifest.name];
      const trigger: AwsTrigger = queue === undefined ? { kind: 'invocation' } : { kind: 'queue', queue };
      awsFunction(this, manifest.name, {
        target,
        manifest,
        homes,
        trigger,
        place: { zone: 'lake', classification: 'none' },
        network: { subnetIds: ['subnet-a', 'subnet-b'], groups: groups },
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

const groups = {
  'object-store': 'sg-1',
  key: 'sg-2',
  events: 'sg-3',
  'state-lake': 'sg-4',
  'state-identity': 'sg-5',
  secrets: 'sg-6',
  api: 'sg-7',
};

/** Keys, buckets, topics, queues and the roles of every function, as the components make them. */
export const recordLake = (): Promise<readonly Recorded[]> => record('apply', () => void new Lake());
