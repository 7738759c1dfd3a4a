import assert from 'node:assert/strict';
import { type AuditLog, auditStore } from '../../../functions/audit/audit-log';
import { type JobQueue, jobStore } from '../../../functions/jobs/job-queue';
import type { StateStore } from '../../../functions/state-store';
import { anAuditRecord } from '../audit/audit-lake';
import { JobLake } from './job-lake';
import { privilegesOf, RecordingDatabase } from './recording-database';

/** Runs one operation after another through its public form and compares what it needed with what it declared. */
class GrantCheck<Operations extends object> {
  readonly #recording: RecordingDatabase;
  readonly #store: StateStore<Operations>;
  readonly #operations: Operations;
  readonly #needed = new Map<keyof Operations, Set<string>>();

  constructor(lake: JobLake, store: StateStore<Operations>) {
    this.#recording = new RecordingDatabase(lake.database);
    this.#store = store;
    this.#operations = store.open(this.#recording);
  }

  async run<Name extends keyof Operations, Result>(
    name: Name,
    call: (operation: Operations[Name]) => Promise<Result>,
  ): Promise<Result> {
    this.#recording.needed.clear();
    const result = await call(this.#operations[name]);
    this.#needed.set(name, (this.#needed.get(name) ?? new Set()).union(this.#recording.needed));
    return result;
  }

  /** Every operation ran, needed nothing it had not declared, and declared nothing it did not need. */
  check(): void {
    for (const name of Object.keys(this.#store.grants) as (keyof Operations & string)[]) {
      const declared = new Set(this.#store.grants[name].map(({ privilege, table }) => `${privilege} ${table}`));
      assert.deepEqual([...(this.#needed.get(name) ?? [])].sort(), [...declared].sort(), name);
    }
  }
}

describe('the grants that state stores declare', () => {
  let lake: JobLake;
  beforeEach(async () => {
    lake = await JobLake.open();
  });
  afterEach(() => lake.close());

  it('are exactly what the operations of the audit store need', async () => {
    const check = new GrantCheck<AuditLog>(lake, auditStore);
    const now = lake.clock.now();
    const until = new Date(now.getTime() + 60_000);
    await check.run('append', (append) => append(anAuditRecord(lake.clock)));
    await check.run('waiting', (waiting) => waiting());
    const lease = (await check.run('takeLease', (take) => take('one', now, until)))!;
    const { tip } = await check.run('claimSegment', (claim) => claim(lease, 10, until));
    await check.run('advance', (advance) => advance(lease, { ...tip, segment: 1 }));
    await check.run('follow', (follow) => follow(lease, tip, ['00000000-0000-7000-8000-000000000000']));
    await check.run('witnessedUpTo', (witnessed) => witnessed(lease, 1));
    await check.run('releaseLease', (release) => release(lease));
    check.check();
  });

  it('are exactly what the operations of the job store need', async () => {
    const check = new GrantCheck<JobQueue>(lake, jobStore);
    const audit = lake.operatorRecord();
    const failure = { code: 'Unknown', message: '' };
    const now = () => lake.clock.now();
    const leaseUntil = () => new Date(now().getTime() + 60_000);
    const take = () =>
      check.run('claim', (claim) => claim({ worker: 'one', jobs: ['work'], now: now(), leaseUntil: leaseUntil() }));
    const enqueue = async (request: { uniqueKey?: string; dependsOn?: string[]; maxAttempts?: number } = {}) =>
      (
        await check.run('enqueue', (operation) =>
          operation({ job: 'work', origin: 'operator', now: now(), ...request }),
        )
      ).runId;

    const done = await enqueue({ uniqueKey: 'k' });
    await enqueue({ uniqueKey: 'k' });
    const given = (await take())!;
    await check.run('heartbeat', (beat) => beat(given, { leaseUntil: leaseUntil() }));
    await check.run('release', (release) => release(given, now()));
    const completed = (await take())!;
    await check.run('complete', (complete) => complete(completed, undefined, now()));
    // A run given back while somebody wants it cancelled, with a dependant.
    const unwanted = await enqueue();
    await enqueue({ dependsOn: [unwanted] });
    const cancelled = (await take())!;
    await check.run('cancel', (cancel) => cancel(unwanted, now(), audit));
    await check.run('release', (release) => release(cancelled, now()));
    const neverBegun = await enqueue();
    await check.run('cancel', (cancel) => cancel(neverBegun, now(), audit));
    // A last attempt that fails, is lost with its worker, or is found at the worker's start; each with a dependant.
    for (const end of ['fail', 'claim', 'abandon'] as const) {
      await enqueue({ dependsOn: [await enqueue({ maxAttempts: 1 })] });
      const last = (await take())!;
      if (end === 'fail') await check.run('fail', (fail) => fail(last, failure, now(), undefined));
      if (end === 'abandon') await check.run('abandon', (abandon) => abandon('one', now()));
      if (end === 'claim') {
        lake.clock.pass(61);
        assert.equal(await take(), undefined);
      }
      assert.equal(await lake.stateOf(last.id), 'failed');
    }
    const [notice, another] = await check.run('notices', (notices) => notices());
    await check.run('acknowledge', (acknowledge) => acknowledge(notice!.id, now(), audit));
    await check.run('retry', (retry) => retry(another!.runId, now(), audit));
    const schedule = { name: 'hourly', job: 'work', cron: '0 * * * *', timeZone: 'UTC' };
    await check.run('declare', (declare) => declare([schedule], now()));
    for (const coalesced of [false, true]) {
      lake.clock.pass(3600);
      assert.equal((await check.run('tick', (tick) => tick(schedule, now())))?.coalesced, coalesced);
    }
    await check.run('schedules', (schedules) => schedules());
    await check.run('list', (list) => list());
    await check.run('show', (show) => show(done));
    await check.run('counts', (counts) => counts());
    await check.run('prune', (prune) => prune(now()));
    check.check();
  });

  it('are read from statements as PostgreSQL reads them', () => {
    const cases: [string, string[]][] = [
      ['INSERT INTO a (x) VALUES (?)', ['INSERT a']],
      ['UPDATE a SET x = 1', ['UPDATE a']],
      ['UPDATE a SET x = 1 WHERE y = 2', ['SELECT a', 'UPDATE a']],
      ['DELETE FROM a WHERE y = (SELECT 1 FROM b)', ['DELETE a', 'SELECT a', 'SELECT b']],
      ['INSERT INTO a (x) VALUES (?) ON CONFLICT (x) DO UPDATE SET y = 1', ['INSERT a', 'SELECT a', 'UPDATE a']],
    ];
    for (const [sql, privileges] of cases) assert.deepEqual([...privilegesOf(sql)].sort(), privileges);
  });
});
