import assert from 'node:assert/strict';
import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { isLakeError } from '../../adapters/ports/errors';
import { S3ObjectStore } from '../../adapters/s3-compatible/s3-object-store';
import { auditStreams, streamPrefix } from '../../functions/audit/manifest';
import { sealedRecords } from '../support/audit-reader';
import { type ClusterLake, zoneOf } from './cluster-lake';
import type { Site } from './site';

/** Both streams of the audit, each with a sealer of its own zone, in a bucket that nobody takes anything out of. */
export function sealedAudit(here: () => { readonly site: Site; readonly lake: ClusterLake }): void {
  describe('seals its audit', () => {
    let site: Site;
    let lake: ClusterLake;
    const clients: S3Client[] = [];
    before(() => {
      ({ site, lake } = here());
    });
    after(async () => {
      for (const client of clients) client.destroy();
      await lake?.stop();
    });

    /** As whoever has the login of a function, or the administrator's. */
    const clientOf = (secret: string, namespace: string, id: string, key: string): S3Client => {
      const { data } = site.json<{ data: Record<string, string> }>('get', 'secret', '-n', namespace, secret);
      const plain = (name: string): string => Buffer.from(data[name] ?? '', 'base64').toString('utf8');
      const client = new S3Client({
        region: 'eu-west-2',
        endpoint: `http://${site.clusterAddress(zoneOf('stores'), 'object-store')}:7070`,
        forcePathStyle: true,
        credentials: { accessKeyId: plain(id), secretAccessKey: plain(key) },
      });
      clients.push(client);
      return client;
    };

    it('in two streams that both verify, the identity zone in one of its own', async () => {
      assert.ok(await lake.auditVerifies());
      for (const stream of auditStreams)
        assert.ok((await sealedRecords(lake.storeOf('audit'), stream)).length > 0, stream);
      const asked = await sealedRecords(lake.storeOf('audit'), 'identity');
      assert.ok(asked.some(({ action }) => action.startsWith('identity:')));
    });

    it('where each sealer reaches its own stream alone', async () => {
      for (const [name, zone, own, other] of [
        ['audit-sealer', 'lake', 'lake', 'identity'],
        ['identity-audit-sealer', 'identity', 'identity', 'lake'],
      ] as const) {
        const login = [`${name}-credentials`, zoneOf(zone), 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
        const store = new S3ObjectStore(clientOf(...login), { bucket: 'lake-audit', refuseClashes: false });
        const keys: string[] = [];
        for await (const { key } of lake.storeOf('audit').list(`${streamPrefix(own)}checkpoints/`)) keys.push(key);
        assert.ok(keys.length > 0);
        await store.read(keys[0]!);
        const denied = (error: unknown): boolean => isLakeError(error, 'PermissionDenied');
        await assert.rejects(store.putIfAbsent(`${streamPrefix(other)}forged`, Buffer.from('x')), denied);
        await assert.rejects(store.read(keys[0]!.replace(streamPrefix(own), streamPrefix(other))), denied);
        await assert.rejects(store.delete(keys[0]!), denied);
      }
    });

    it('so that not even the administrator of the object store removes what is sealed', async () => {
      const root = clientOf('object-store-accounts', zoneOf('stores'), 'ROOT_ACCESS_KEY', 'ROOT_SECRET_KEY');
      const { Versions = [] } = await root.send(new ListObjectVersionsCommand({ Bucket: 'lake-audit' }));
      assert.ok(Versions.length > 4);
      for (const { Key, VersionId } of Versions.slice(0, 4))
        await assert.rejects(
          root.send(new DeleteObjectCommand({ Bucket: 'lake-audit', Key: Key!, VersionId: VersionId! })),
        );
    });
  });
}
