import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { migrationsOf } from '../../../functions/hosts/state-stores';
import { wrappedKeyStore } from '../../../functions/ingest/wrapped-key-store';
import { keyRotationStepOf } from '../../../functions/key-rotation/key-rotation-request';
import { keyRotationStore } from '../../../functions/key-rotation/key-rotation-store';
import { anAuditRecord, HeldClock } from '../audit/audit-lake';

const goneOn = { code: 'PreconditionFailed' };

describe('How far a rotation of the pseudonym key has come', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-rotation-'));
  const database = new SqliteStateDatabase(join(folder, 'lake.sqlite'));
  const rotation = keyRotationStore.open(database);
  const audit = anAuditRecord(new HeldClock());
  before(async () => {
    await database.migrate(migrationsOf('lake'));
    await wrappedKeyStore.open(database).add('pseudonym', { version: 1, wrapped: 'one', remapped: true }, audit);
  });
  after(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('adds one version however often the same rotation is begun, and no other while it goes on', async () => {
    const begun = await rotation.begin('first', 'two', audit);
    assert.deepEqual(begun, { version: 2, position: { version: 2, step: 'resources', after: [] } });
    assert.deepEqual(await rotation.begin('first', 'never', audit), begun);
    await assert.rejects(rotation.begin('second', 'three', audit), goneOn);
    const keys = await wrappedKeyStore.open(database).current('pseudonym');
    assert.deepEqual(
      keys.map(({ wrapped, remapped }) => [wrapped, remapped]),
      [
        ['two', false],
        ['one', true],
      ],
    );
  });

  it('is told by the process that carries it out, not by one that it overtook', async () => {
    const slow = (await rotation.position())!;
    await rotation.move(slow, { step: 'resources', after: ['A81001'] });
    await rotation.move(slow, { step: 'landing', after: [] });
    // Its place in another step would be taken for one in this: what lies before it would be left out.
    await assert.rejects(rotation.move(slow, { step: 'resources', after: ['Z99999'] }), goneOn);
    await assert.rejects(rotation.complete(slow, audit), goneOn);
    assert.deepEqual(await rotation.position(), { version: 2, step: 'landing', after: [] });
    await rotation.complete({ version: 2, step: 'landing', after: [] }, audit);
    assert.deepEqual(await rotation.begin('first', 'never', audit), { version: 2 });
    assert.equal((await rotation.begin('second', 'three', audit)).version, 3);
    await assert.rejects(
      rotation.move({ version: 2, step: 'resources', after: [] }, { step: 'marts', after: [] }),
      goneOn,
    );
    assert.equal((await rotation.position())?.step, 'resources');
  });

  it('is asked of the identity zone whole or not at all', () => {
    const keys = [{ version: 2, wrapped: 'two', remapped: false }];
    for (const step of [
      { kind: 'originals', keys, after: '' },
      { kind: 'register', keys, after: [] },
      { kind: 'links', version: 2 },
    ])
      assert.equal(keyRotationStepOf(step), step);
    for (const step of [
      undefined,
      { kind: 'originals', keys: [], after: '' },
      { kind: 'originals', keys, after: ['MARKER'] },
      { kind: 'register', keys: [{ version: 'MARKER', wrapped: 'two' }], after: [] },
      { kind: 'register', keys: [null], after: [] },
      { kind: 'links', version: 'MARKER' },
      { kind: 'everything', keys, after: '' },
    ])
      assert.throws(
        () => keyRotationStepOf(step),
        (error: Error & { code?: string }) => error.code === 'InvalidArgument' && !error.message.includes('MARKER'),
      );
  });
});
