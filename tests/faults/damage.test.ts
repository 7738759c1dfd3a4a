import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isLakeError } from '../../adapters/ports/errors';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const observation = (id: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/p1' },
});

describe('Damaged files', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let gp: Sender;

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
    assert.equal((await gp.request('PUT', '/Patient/p1', aPatient('p1', '9990000018'))).status, 201);
    assert.equal((await gp.request('PUT', '/Observation/o1', observation('o1'))).status, 201);
  });

  const filesIn = (folder: string, ending: string): readonly string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
      .map((entry) => join(entry.parentPath, entry.name));
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = bytes[middle]! ^ 1;
    writeFileSync(file, bytes);
  };
  const cut = (file: string): void => truncateSync(file, Math.floor(readFileSync(file).length / 2));
  const ids = async (): Promise<readonly string[]> =>
    (await running.operator.sql('SELECT id FROM curated.observation')).rows.map(({ id }) => String(id));

  for (const zone of ['landing', 'identity'] as const) {
    for (const [name, damage] of [
      ['one bit changed', flip],
      ['cut short', cut],
    ] as const) {
      it(`a segment of ${zone}, ${name}: curation says what to do, senders go on, the file put back nothing is lost`, async () => {
        const kept = filesIn(running.folder.zones[zone], '.ndjson').map((file) => [file, readFileSync(file)] as const);
        for (const [file] of kept) damage(file);
        await assert.rejects(running.operator.curate(), (error) => {
          assert.ok(isLakeError(error, 'InvalidArgument'), String(error));
          assert.doesNotMatch(error.message, /9990000018|Zzq|A81001/);
          return true;
        });
        assert.equal((await gp.request('PUT', '/Observation/o2', observation('o2'))).status, 201);
        for (const [file, bytes] of kept) writeFileSync(file, bytes);
        await running.operator.curate();
        assert.equal((await ids()).length, 2);
        assert.ok((await running.operator.verifyAudit()).ok);
        await running.remove();
      });
    }
  }

  for (const [name, damage, kinds] of [
    ['changed by a bit', flip, /^(record-edited|record-malformed|segment-unreadable)$/],
    ['cut short', cut, /^(record-malformed|record-missing|tail-cut|segment-unreadable)$/],
    ['removed', (file: string) => rmSync(file), /^(segment-missing|record-missing|tail-cut)$/],
  ] as const) {
    it(`a sealed audit segment ${name} is found by the verification, which says where and what to do`, async () => {
      assert.ok((await running.operator.verifyAudit()).ok);
      const zone = join(running.folder.zones.audit, 'lake');
      const segment = filesIn(zone, '.ndjson')[0];
      assert.ok(segment !== undefined);
      const records = readFileSync(segment, 'utf8').trim().split('\n').length;
      damage(segment);
      const { ok, problems } = await running.operator.verifyAudit();
      assert.equal(ok, false);
      const [first] = problems;
      assert.ok(first !== undefined);
      assert.match(first.kind, kinds);
      assert.ok(first.position <= records + 1 && first.whatToDo.length > 20, JSON.stringify(first));
      if (first.object !== undefined && name !== 'removed') assert.equal(first.object, relative(zone, segment));
      await running.remove();
    });
  }

  it('a state database that is no database any more stops the start with an error that says what to do', async () => {
    await running.halt();
    writeFileSync(running.folder.database.lake, Buffer.alloc(8192, 'x'));
    for (const suffix of ['-wal', '-shm']) rmSync(`${running.folder.database.lake}${suffix}`, { force: true });
    await assert.rejects(running.boot(), (error) => {
      assert.ok(isLakeError(error), String(error));
      assert.match(error.message, /[Rr]estore|backup|damaged|database/);
      return true;
    });
    await running.parts.close();
    rmSync(running.folder.root, { recursive: true, force: true });
  });
});
