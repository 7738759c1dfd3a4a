import assert from 'node:assert/strict';
import { importJob, importStore } from '../../../functions/bulk-import/import-store';
import { anAuditRecord } from '../audit/audit-lake';
import { JobLake } from '../jobs/job-lake';

const provider = 'RX901';
const id = '00000000-0000-4000-8000-000000000001';

describe('a bulk import whose workers die', () => {
  let lake: JobLake;
  let imports: ReturnType<typeof importStore.open>;
  beforeEach(async () => {
    lake = await JobLake.open();
    await lake.database.migrate(importStore.migrations);
    imports = importStore.open(lake.database);
    await imports.create(id, provider, 'rx901-client', anAuditRecord(lake.clock));
    await imports.uploaded(id, anAuditRecord(lake.clock));
  });
  afterEach(() => lake.close());

  /** A worker takes the run and is never heard of again. */
  const die = async (): Promise<boolean> => {
    const now = lake.clock.now();
    const leaseUntil = new Date(now.getTime() + 60_000);
    const claimed = await lake.queue.claim({ worker: 'one', jobs: [importJob], now, leaseUntil });
    lake.clock.pass(120);
    return claimed !== undefined;
  };
  const stateNow = async () => (await imports.find(provider, id, lake.clock.now()))?.state;

  it('runs while a further attempt may come, and has failed for its sender after the last', async () => {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      assert.equal(await stateNow(), 'running');
      assert.ok(await die());
    }
    assert.equal(await stateNow(), 'running');
    assert.equal(await die(), false);
    const before = (await lake.audited()).length;
    assert.equal(await stateNow(), 'failed');
    const told = await imports.find(provider, id, lake.clock.now());
    assert.ok(told?.finished !== undefined);
    const records = (await lake.audited()).slice(before);
    assert.deepEqual(
      records.map(({ action, outcome }) => [action, outcome.result]),
      [['job:import', 'failed']],
    );
  });

  it('is told to nobody but its sender', async () => {
    for (let attempt = 0; attempt < 6; attempt += 1) await die();
    assert.equal(await imports.find('RX902', id, lake.clock.now()), undefined);
    assert.equal((await imports.get(id))?.state, 'running');
  });
});
