import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flattenedVerify, importSPKI } from 'jose';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { LakeError } from '../../../adapters/ports/errors';
import { AuditBeat } from '../../../functions/audit/audit-beat';
import { type Checkpoint, checkpointKey } from '../../../functions/audit/audit-checkpoint';
import { AuditSealer } from '../../../functions/audit/audit-sealer';
import { AuditLake } from './audit-lake';

describe('the audit on files, with the key in its own folder', () => {
  let folder: string;
  let lake: AuditLake;
  let keys: FileKeyManagement;
  let pem: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lake-audit-files-'));
    lake = await AuditLake.open(
      new FileObjectStore(join(folder, 'audit')),
      new FileObjectStore(join(folder, 'witness')),
    );
    keys = new FileKeyManagement(join(folder, 'keys'));
    keys.createKey('audit', 'sign');
    pem = (await keys.publicKey('audit')).pem;
  });
  afterEach(async () => {
    await lake.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const sealer = () => {
    const { log, audit, witness, clock } = lake;
    const key = {
      sign: (bytes: Uint8Array) => keys.sign('audit', bytes),
      publicKey: (version?: number) => keys.publicKey('audit', version),
    };
    return new AuditSealer({ ports: { log, audit, witness, key }, clock });
  };

  it('seals while the process runs and what still waits when it stops; another JOSE library trusts the checkpoint', async () => {
    const errors: unknown[] = [];
    let rounds = 0;
    const beat = new AuditBeat({
      sealer: sealer(),
      everyMilliseconds: 5,
      onError: (error) => errors.push(error),
      onSealed: () => {
        rounds += 1;
      },
    });
    beat.start();
    await lake.record(3);
    const deadline = performance.now() + 2000;
    while ((rounds < 3 || (await lake.log.waiting()).records > 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await lake.log.waiting()).records, 0);
    await lake.record(2);
    await beat.stop();
    assert.deepEqual(errors, []);
    const report = await lake.verify({ publicKeys: [pem] });
    assert.deepEqual([report.ok, report.records, report.problems], [true, 5, []]);

    const newest = Buffer.from(await lake.witness.read(checkpointKey(report.checkpoints))).toString();
    const { payload, protectedHeader } = await flattenedVerify(JSON.parse(newest), await importSPKI(pem, 'ES384'));
    const checkpoint = JSON.parse(Buffer.from(payload).toString()) as Checkpoint;
    assert.deepEqual([protectedHeader?.alg, checkpoint.size], ['ES384', 5]);

    // The lease was given up: another process need not wait.
    const { log, audit, witness, key, clock } = lake;
    const other = new AuditSealer({ ports: { log, audit, witness, key }, clock, holder: 'other' });
    assert.equal((await other.seal()).leader, true);
  });

  it('tells the operator what keeps it from sealing, and goes on trying', async () => {
    const errors: unknown[] = [];
    await lake.audit.put(checkpointKey(1), Buffer.from('{}'));
    const beat = new AuditBeat({ sealer: sealer(), everyMilliseconds: 5, onError: (error) => errors.push(error) });
    beat.start();
    const deadline = performance.now() + 2000;
    while (errors.length < 2 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    await lake.audit.delete(checkpointKey(1));
    await lake.record(1);
    await beat.stop();
    assert(errors.length >= 2);
    assert.equal((await lake.verify({ publicKeys: [pem] })).records, 1);
  });

  it('is behind once no round has done all it had to for long enough, and no longer when one does', async () => {
    const until = async (holds: () => boolean): Promise<void> => {
      const deadline = performance.now() + 5000;
      while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.ok(holds());
    };
    await lake.audit.put(checkpointKey(1), Buffer.from('{}'));
    const beat = new AuditBeat({
      sealer: sealer(),
      everyMilliseconds: 5,
      behindMilliseconds: 50,
      onError: () => undefined,
    });
    assert.equal(beat.isBehind, false);
    beat.start();
    await until(() => beat.isBehind);
    await lake.audit.delete(checkpointKey(1));
    await until(() => !beat.isBehind);
    // A witness that is not told is as bad as a record that is not sealed.
    const witness = { ...lake.witness, read: lake.witness.read.bind(lake.witness) };
    const away = async (): Promise<never> => {
      throw new LakeError('Unavailable', 'The witness is away.');
    };
    await beat.stop();
    const { log, audit, key, clock } = lake;
    const untold = new AuditBeat({
      sealer: new AuditSealer({ ports: { log, audit, witness: { ...witness, putIfAbsent: away }, key }, clock }),
      everyMilliseconds: 5,
      behindMilliseconds: 50,
      onError: () => undefined,
    });
    await lake.record(1);
    untold.start();
    await until(() => untold.isBehind);
    await untold.stop();
  });
});
