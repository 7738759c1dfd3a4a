import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStoreBinding } from '../../adapters/bindings';
import { isLakeError } from '../../adapters/ports/errors';
import { openS3Store } from '../../adapters/s3-compatible/open-s3-store';
import { auditStore } from '../../functions/audit/audit-log';
import type { AuditRecord } from '../../functions/audit/audit-record';
import { auditSealerManifest } from '../../functions/audit/manifest';
import { sealedRecords } from '../support/audit-reader';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { auditLockDays, homeServers, type ServerHome, serverHome } from './server-home';

const kills = 6;

const record: AuditRecord = {
  recorded: new Date().toISOString(),
  event: 'query',
  action: 'lake status',
  agent: { kind: 'operator', id: 'test' },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HOPERAT',
};

describeOver('The audit of the identity zone off one machine', homeServers, function (servers) {
  this.timeout(180_000);

  let home: ServerHome;
  let lake: KnativeLake;
  before(async () => {
    home = await serverHome(servers);
    lake = await KnativeLake.start(home);
  });
  after(() => lake?.stop());

  it('seals each record once, however often its sealer is killed between writing and sealing', async () => {
    const log = auditStore.open(home.identity);
    const written: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const burst = Array.from({ length: 150 }, async () => written.push(await log.append(record)));
      await setTimeout(Math.random() * 600);
      await lake.kill('identity-audit-sealer');
      await Promise.all(burst);
      // As if the minute of the dead one's lease had passed.
      await home.identity.transaction((tx) => tx.run("UPDATE audit_tip SET lease_until = ''", []));
    }
    for (let wait = 0; (await log.waiting()).records > 0; wait += 1) {
      assert.ok(wait < 200, 'the sealer does not seal');
      await setTimeout(300);
    }
    const sealed = (await sealedRecords(home.storeOf('audit'), 'identity')).map(({ id }) => id);
    assert.equal(sealed.length, written.length);
    assert.deepEqual(sealed.sort(), written.sort());
    assert.ok(await lake.auditVerifies());
  });

  it('keeps what is sealed from everybody, and seals nothing where the bucket has no lock', async () => {
    const audit = home.storeOf('audit');
    const day = auditLockDays * 86_400_000;
    let kept = 0;
    for await (const { key } of audit.list('')) {
      const { retainUntil, lastModified } = await audit.head(key);
      assert.ok(Math.abs((retainUntil?.getTime() ?? 0) - lastModified.getTime() - day) < 60_000, key);
      kept += 1;
    }
    assert.ok(kept > 2, `${kept} objects`);
    const { bucket, ...place } = home.bindingOf(auditSealerManifest).audit as Extract<
      ObjectStoreBinding,
      { kind: 's3' }
    >;
    // Whoever holds every key of the store goes past the lake.
    const client = new S3Client({ ...place });
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    for (const { Key, VersionId } of Versions.slice(0, 3))
      await assert.rejects(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: Key!, VersionId: VersionId! })));
    client.destroy();
    // versitygw 1.8 refuses and keeps the object all the same: a gap of its own, so a stack refuses such a bucket before.
    const unlocked = openS3Store({ ...place, bucket: bucket.replace(/audit$/, 'witness') });
    await assert.rejects(unlocked.putIfAbsent('lake/x', Buffer.from('x')), (error) =>
      isLakeError(error, 'InvalidArgument'),
    );
    const { objectLock: _, ...without } = place;
    assert.throws(
      () => openS3Store({ ...without, bucket }),
      (error) => isLakeError(error, 'Unsupported'),
    );
  });
});
