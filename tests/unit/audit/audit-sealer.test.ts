import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { LakeError } from '../../../adapters/ports/errors';
import type { ObjectBody, PutOptions } from '../../../adapters/ports/object-store';
import { checkpointKey } from '../../../functions/audit/audit-checkpoint';
import { appendAudit, auditStore } from '../../../functions/audit/audit-log';
import { readAuditLog, segmentKeys } from '../../../functions/audit/audit-log-reader';
import { segmentKey } from '../../../functions/audit/audit-segment';
import { AuditLake, anAuditRecord } from './audit-lake';

/** The ids of all sealed records, in the order of the log. */
async function sealedIds(lake: AuditLake): Promise<string[]> {
  const ids: string[] = [];
  for await (const { record } of readAuditLog(lake.audit, segmentKeys(lake.audit))) ids.push(record.id);
  return ids;
}

/** A store that can be cut off, as a witness in another place can. */
class FlakyStore extends MemoryObjectStore {
  reachable = true;

  override putIfAbsent(key: string, body: ObjectBody, options?: PutOptions) {
    if (this.reachable) return super.putIfAbsent(key, body, options);
    return Promise.reject(new LakeError('Unavailable', 'The witness cannot be reached.'));
  }
}

class Killed extends Error {}

const failpoints = [
  'audit.after-claim',
  'audit.before-segment',
  'audit.after-segment',
  'audit.after-checkpoint',
  'audit.after-advance',
  'audit.before-witness',
  'audit.after-witness',
];

describe('AuditSealer', () => {
  let lake: AuditLake;
  beforeEach(async () => {
    lake = await AuditLake.open(new MemoryObjectStore(), new FlakyStore());
  });
  afterEach(() => lake.close());

  it('seals what waits into segments, with a checkpoint for each on the witness, and forgets the rows', async () => {
    const ids = await lake.record(10);
    assert.equal((await lake.log.waiting()).records, 10);
    assert.deepEqual(await lake.sealer().seal(), {
      leader: true,
      records: 10,
      checkpoints: 3,
      witnessError: undefined,
    });
    assert.deepEqual(await lake.log.waiting(), { records: 0, oldest: undefined });
    assert.deepEqual(await sealedIds(lake), ids);
    const report = await lake.verify();
    assert.deepEqual([report.ok, report.records, report.checkpoints], [true, 10, 3]);
  });

  it('ends a round although records keep coming, and seals those in the next', async () => {
    await lake.record(2);
    const sealer = lake.sealer({
      failpoint: async (name) => {
        if (name === 'audit.after-segment') await lake.record(1);
      },
    });
    assert.equal((await sealer.seal()).checkpoints, 2);
    assert.ok((await lake.log.waiting()).records > 0);
    assert.equal((await sealer.seal()).checkpoints, 2);
    await lake.sealer().seal();
    assert.deepEqual([(await lake.verify()).ok, (await lake.log.waiting()).records], [true, 0]);
  });

  it('beats when nothing happens, once per beat, also when the clock steps back', async () => {
    const sealer = lake.sealer();
    const checkpoints: number[] = [];
    for (const seconds of [0, 59, 1, 5, 60, -3600, 10]) {
      lake.clock.pass(seconds);
      checkpoints.push((await sealer.seal()).checkpoints);
    }
    assert.deepEqual(checkpoints, [1, 0, 1, 0, 1, 1, 0]);
    assert.equal((await lake.verify()).ok, true);
  });

  it('seals a record that committed after younger ones', async () => {
    await lake.record(2);
    await lake.sealer().seal();
    await lake.database.transaction((tx) =>
      tx.run('INSERT INTO audit (id, recorded, record) VALUES (?, ?, ?)', [
        '00000000-0000-7000-8000-000000000000',
        lake.clock.now().toISOString(),
        JSON.stringify(anAuditRecord(lake.clock)),
      ]),
    );
    await lake.sealer().seal();
    assert((await sealedIds(lake)).includes('00000000-0000-7000-8000-000000000000'));
    assert.equal((await lake.verify()).records, 3);
  });

  for (const name of failpoints) {
    for (const occurrence of [1, 2, 3]) {
      it(`loses and repeats nothing when killed at ${name}, time ${occurrence}`, async () => {
        let passed = 0;
        const failpoint = (reached: string) => {
          if (reached === name) passed += 1;
          if (reached === name && passed === occurrence) throw new Killed();
        };
        const ids = await lake.record(6);
        await assert.rejects(
          async () => {
            for (let round = 0; round < 3; round += 1) {
              await lake.sealer({ failpoint }).seal();
              ids.push(...(await lake.record(3)));
              lake.clock.pass(60);
            }
          },
          Killed,
          `${name} was not reached ${occurrence} times`,
        );
        ids.push(...(await lake.record(2)));
        await lake.sealer().seal();
        assert.deepEqual(await sealedIds(lake), ids);
        const report = await lake.verify();
        assert.deepEqual([report.ok, report.records, report.problems], [true, ids.length, []]);
      });
    }
  }

  it('goes on from a beat that was killed between its checkpoint and its note', async () => {
    await assert.rejects(
      lake
        .sealer({ failpoint: (name) => (name === 'audit.after-checkpoint' ? Promise.reject(new Killed()) : undefined) })
        .seal(),
      Killed,
    );
    // The next sealer wants to sign a segment where the beat already stands.
    await lake.record(1);
    lake.clock.pass(7);
    assert.deepEqual((await lake.sealer().seal()).checkpoints, 2);
    assert.equal((await lake.verify()).ok, true);
  });

  it('lets one of two sealers seal; the other takes over when the lease ends', async () => {
    const [one, two] = [lake.sealer({ holder: 'one' }), lake.sealer({ holder: 'two' })];
    await lake.record(3);
    assert.equal((await one.seal()).records, 3);
    await lake.record(3);
    assert.equal((await two.seal()).leader, false);
    lake.clock.pass(61);
    assert.equal((await two.seal()).records, 3);
    await two.release();
    await lake.record(1);
    assert.equal((await one.seal()).records, 1);
    assert.deepEqual([(await lake.verify()).ok, (await lake.verify()).records], [true, 7]);
  });

  it('is not locked out by a lease written before the clock jumped back', async () => {
    assert.equal((await lake.sealer({ holder: 'one' }).seal()).leader, true);
    lake.clock.pass(-86_400);
    assert.equal((await lake.sealer({ holder: 'two' }).seal()).leader, true);
  });

  for (const name of failpoints) {
    it(`a sealer that slept at ${name} while another took over changes nothing any more`, async () => {
      const ids = await lake.record(10);
      let reached: () => void = () => undefined;
      let wake: () => void = () => undefined;
      const asleep = new Promise<void>((resolve) => {
        reached = resolve;
      });
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const sleeper = lake.sealer({
        holder: 'sleeper',
        failpoint: (at) => {
          if (at !== name) return;
          reached();
          return woken;
        },
      });
      const sleeping = sleeper.seal();
      await asleep;
      lake.clock.pass(61);
      ids.push(...(await lake.record(3)));
      assert.equal((await lake.sealer({ holder: 'other' }).seal()).leader, true);
      wake();
      await assert.rejects(sleeping, { name: 'LakeError', code: 'PreconditionFailed' });
      await lake.sealer({ holder: 'other' }).seal();
      assert.deepEqual(await sealedIds(lake), ids);
      const report = await lake.verify();
      assert.deepEqual([report.ok, report.problems], [true, []]);
    });
  }

  it('loses nothing with eight sealers at once over a stream of records', async () => {
    const ids: string[] = [];
    const writing = (async () => {
      for (let index = 0; index < 60; index += 1) ids.push(...(await lake.record(1)));
    })();
    const sealing = Array.from({ length: 8 }, async (_, index) => {
      for (let round = 0; round < 12; round += 1) {
        // Each steals the lease from the others by taking their name.
        await lake
          .sealer({ holder: 'shared', beatSeconds: 0.001 * (index + 1) })
          .seal()
          .catch((error: unknown) => {
            assert(error instanceof LakeError && error.code === 'PreconditionFailed', String(error));
          });
        lake.clock.pass(1);
      }
    });
    await Promise.all([writing, ...sealing]);
    await lake.sealer({ holder: 'shared' }).seal();
    assert.deepEqual((await sealedIds(lake)).sort(), ids.sort());
    const report = await lake.verify();
    assert.deepEqual([report.ok, report.problems], [true, []]);
  });

  describe('when the state database comes from a backup', () => {
    const others: SqliteStateDatabase[] = [];
    afterEach(async () => {
      for (const database of others.splice(0)) await database.close();
    });
    /** A sealer over another state of the same lake. */
    const sealerOver = async (file: string) => {
      const database = new SqliteStateDatabase(join(lake.folder, file));
      others.push(database);
      await database.migrate(auditStore.migrations);
      const { audit, witness, key } = lake;
      const log = auditStore.open(database);
      return { log, sealer: lake.sealer({ ports: { log, audit, witness, key } }) };
    };

    it('follows the log that went on meanwhile, and seals nothing a second time', async () => {
      await lake.record(6);
      await lake.sealer().seal();
      const waiting = await lake.record(5);
      for (const end of ['', '-wal'])
        copyFileSync(join(lake.folder, `lake.sqlite${end}`), join(lake.folder, `old.sqlite${end}`));
      lake.key.rotate();
      await lake.sealer().seal();
      const lost = await lake.record(2);
      await lake.sealer().seal();
      const { log, sealer } = await sealerOver('old.sqlite');
      assert.equal((await log.waiting()).records, 5);
      const added = await log.append(anAuditRecord(lake.clock));
      await sealer.seal();
      const ids = await sealedIds(lake);
      assert.deepEqual(ids.slice(6), [...waiting, ...lost, added]);
      const report = await lake.verify();
      assert.deepEqual([report.ok, report.records, report.problems], [true, 14, []]);
    });

    it('goes on with the same log when the state was lost altogether', async () => {
      await lake.record(6);
      await lake.sealer().seal();
      const { log, sealer } = await sealerOver('new.sqlite');
      await log.append(anAuditRecord(lake.clock));
      await sealer.seal();
      const report = await lake.verify();
      assert.deepEqual([report.ok, report.records, report.problems], [true, 7, []]);
    });

    it('follows nothing that the log did not write', async () => {
      await lake.record(6);
      await lake.sealer().seal();
      const lines = Buffer.from(await lake.audit.read(segmentKey(2))).toString();
      await lake.audit.put(segmentKey(2), Buffer.from(lines.replace('"allowed"', '"denied"')));
      const { log, sealer } = await sealerOver('new.sqlite');
      await log.append(anAuditRecord(lake.clock));
      await assert.rejects(sealer.seal(), { name: 'LakeError', code: 'PreconditionFailed' });
      await lake.audit.delete(segmentKey(2));
      await assert.rejects(sealer.seal(), { name: 'LakeError', code: 'PreconditionFailed' });
      assert.equal((await log.waiting()).records, 1);
    });
  });

  it('goes on sealing while the witness cannot be reached, says so, and copies everything later', async () => {
    const witness = lake.witness as FlakyStore;
    witness.reachable = false;
    await lake.record(9);
    const outcome = await lake.sealer().seal();
    assert.deepEqual([outcome.records, outcome.witnessError?.code], [9, 'Unavailable']);
    assert.deepEqual(
      (await lake.verify()).problems.map(({ kind }) => kind),
      ['witness-missing'],
    );
    witness.reachable = true;
    assert.equal((await lake.sealer().seal()).witnessError, undefined);
    assert.equal((await lake.verify()).ok, true);
  });

  it('stops and keeps the records when somebody else wrote where the next segment belongs', async () => {
    await lake.record(2);
    await lake.audit.put(segmentKey(1), Buffer.from('{}\n'));
    await assert.rejects(lake.sealer().seal(), { name: 'LakeError', code: 'PreconditionFailed' });
    assert.equal((await lake.log.waiting()).records, 2);
    await lake.audit.delete(segmentKey(1));
    assert.equal((await lake.sealer().seal()).records, 2);
    assert.equal((await lake.verify()).ok, true);
  });

  it('stops at a checkpoint that it did not sign, or that the witness holds differently', async () => {
    await lake.audit.put(checkpointKey(1), Buffer.from('{}\n'));
    await assert.rejects(lake.sealer().seal(), { name: 'LakeError', code: 'PreconditionFailed' });
    await lake.audit.delete(checkpointKey(1));
    await lake.witness.put(checkpointKey(1), Buffer.from('{}\n'));
    await assert.rejects(lake.sealer().seal(), { name: 'LakeError', code: 'PreconditionFailed' });
  });

  it('signs with a rotated key; verifying wants the public keys of both versions', async () => {
    await lake.record(1);
    await lake.sealer().seal();
    lake.key.rotate();
    await lake.record(1);
    await lake.sealer().seal();
    assert.equal((await lake.verify()).ok, true);
    const newestOnly = await lake.verify({ publicKeys: lake.key.pems.slice(1) });
    assert.deepEqual(newestOnly.problems[0]?.kind, 'checkpoint-forged');
  });
});

describe('appendAudit', () => {
  let lake: AuditLake;
  beforeEach(async () => {
    lake = await AuditLake.open();
  });
  afterEach(() => lake.close());

  it('exists with what it records or not at all', async () => {
    await assert.rejects(
      lake.database.transaction(async (tx) => {
        await appendAudit(tx, anAuditRecord(lake.clock));
        throw new LakeError('PreconditionFailed', 'The change lost.');
      }),
    );
    assert.equal((await lake.log.waiting()).records, 0);
    await lake.database.transaction((tx) => appendAudit(tx, anAuditRecord(lake.clock)));
    assert.deepEqual(await lake.log.waiting(), { records: 1, oldest: lake.clock.now().toISOString() });
  });

  it('fails the transaction when the record holds what audit must not hold', async () => {
    await assert.rejects(
      lake.database.transaction(async (tx) => {
        await appendAudit(tx, anAuditRecord(lake.clock));
        await appendAudit(tx, anAuditRecord(lake.clock, { correlationId: 'Ann Example' }));
      }),
      { name: 'LakeError', code: 'InvalidArgument' },
    );
    assert.equal((await lake.log.waiting()).records, 0);
  });
});
