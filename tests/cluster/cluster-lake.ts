import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { HttpEvents } from '../../adapters/cloudevents/http-events';
import { OpenBaoClient } from '../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../adapters/openbao/openbao-key-management';
import { systemClock } from '../../adapters/ports/clock';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { S3ObjectStore } from '../../adapters/s3-compatible/s3-object-store';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import type { Zone } from '../../functions/manifest';
import type { GoldenHost } from '../contract/golden-host';
import { operatorOf } from '../emulators/lake-operator';
import { resolveNames } from './cluster-names';
import type { Site } from './site';

/** The namespaces of a lake of this name. */
export const zoneOf = (zone: 'lake' | 'identity' | 'keys' | 'names' | 'stores'): string => `lake-${zone}`;

const curateOrigin = `http://curate.${zoneOf('lake')}.svc.cluster.local`;

export interface ClusterLake extends GoldenHost {
  readonly database: StateDatabase;
  readonly identityDatabase: StateDatabase;
  storeOf(zone: Zone): ObjectStore;
}

/**
 * The lake on the cluster, used as its senders do: through the gateway. The state database is the site's; for the object store and
 * the keys this machine is let in by a policy of the test alone.
 */
export function clusterLake(site: Site, outputs: Readonly<Record<string, unknown>>): ClusterLake {
  const restoreNames = resolveNames({
    '.lake.local': site.clusterAddress('kourier-system', 'kourier'),
    '.svc.cluster.local': site.clusterAddress('kourier-system', 'kourier-internal'),
  });
  letThisMachineIn(site);
  const { user, password } = site.administrator;
  const { host, port } = site.stateDatabase;
  const ssl = { ca: site.authority, rejectUnauthorized: true };
  const opened = (database: string) =>
    new PostgresStateDatabase({ host, port, user, password, database, connections: 2, ssl });
  const [lake, identity] = [opened('lake_lake'), opened('lake_identity')];
  const secret = site.json<{ data: Record<string, string> }>(
    ...['get', 'secret', '-n', zoneOf('stores'), 'object-store-accounts'],
  ).data;
  const plain = (key: string): string => Buffer.from(secret[key] ?? '', 'base64').toString('utf8');
  const client = new S3Client({
    region: 'eu-west-2',
    endpoint: `http://${site.clusterAddress(zoneOf('stores'), 'object-store')}:7070`,
    forcePathStyle: true,
    credentials: { accessKeyId: plain('ROOT_ACCESS_KEY'), secretAccessKey: plain('ROOT_SECRET_KEY') },
  });
  const jwtFile = join(site.folder, 'audit-sealer.jwt');
  writeFileSync(jwtFile, site.kubectl('create', 'token', 'audit-sealer', '-n', zoneOf('lake')).trim(), { mode: 0o600 });
  const openbao = new OpenBaoClient({
    address: `http://${site.clusterAddress(zoneOf('keys'), 'openbao')}:8200`,
    login: { role: 'lake-audit-sealer', jwtFile },
  });
  const ledger = ledgerStore.open(lake);
  const storeOf = (zone: Zone) => new S3ObjectStore(client, { bucket: `lake-${zone}`, refuseClashes: false });
  return {
    baseUrl: String(outputs.baseUrl),
    tokenUrl: String(outputs.tokenUrl),
    gatewayMakesRequestIds: true,
    database: lake,
    identityDatabase: identity,
    storeOf,
    ...operatorOf({
      lake,
      identity,
      keys: new OpenBaoKeyManagement(openbao, 'lake'),
      storeOf,
      spoolFolder: join(site.folder, 'spool'),
    }),
    /** The dispatcher of the lake empties the outbox; a sleeping function is woken by what it sends. */
    settle: async () => {
      // A busy machine may take long; an outbox that stands still has failed.
      let fewest = Number.POSITIVE_INFINITY;
      let moved = performance.now();
      for (;;) {
        const waiting = (await ledger.unpublished(10_000)).length;
        if (waiting === 0) break;
        if (waiting < fewest) {
          fewest = waiting;
          moved = performance.now();
        }
        if (performance.now() - moved > 300_000) throw new Error(`${waiting} events stayed in the outbox.`);
        await pause(300);
      }
      await new HttpEvents(curateOrigin).publish({
        id: randomUUID(),
        source: '/lake/schedule',
        type: 'uk.nhs.lake.curate.v1',
        specversion: '1.0',
        time: systemClock.now().toISOString(),
        datacontenttype: 'application/json',
        data: {},
      });
    },
    stop: async () => {
      restoreNames();
      client.destroy();
      await lake.close();
      await identity.close();
    },
  };
}

function letThisMachineIn(site: Site): void {
  const policy = (namespace: string, name: string, port: number): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'test-reader', namespace },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ ipBlock: { cidr: `${site.stateDatabase.host}/32` } }], ports: [{ protocol: 'TCP', port }] }],
    },
  });
  site.apply(policy(zoneOf('stores'), 'object-store', 7070), policy(zoneOf('keys'), 'openbao', 8200));
}
