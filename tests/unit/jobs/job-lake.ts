import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { auditStore } from '../../../functions/audit/audit-log';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import type { EnqueueRequest } from '../../../functions/jobs/job-enqueue';
import { jobStore } from '../../../functions/jobs/job-queue';
import { JobRunner, type JobRunnerOptions } from '../../../functions/jobs/job-runner';
import { anAuditRecord, HeldClock } from '../audit/audit-lake';

/** A job queue on a state database of its own. */
export class JobLake {
  readonly folder = mkdtempSync(join(tmpdir(), 'lake-jobs-'));
  readonly clock = new HeldClock();
  readonly database = new SqliteStateDatabase(join(this.folder, 'lake.sqlite'));
  readonly queue = jobStore.open(this.database);
  readonly errors: unknown[] = [];
  readonly #runners: JobRunner[] = [];

  static async open(): Promise<JobLake> {
    const lake = new JobLake();
    await lake.database.migrate([...auditStore.migrations, ...jobStore.migrations]);
    return lake;
  }

  async enqueue(request: Partial<EnqueueRequest> = {}): Promise<string> {
    const { runId } = await this.queue.enqueue({ job: 'work', origin: 'operator', now: this.clock.now(), ...request });
    return runId;
  }

  runner(options: Partial<JobRunnerOptions> = {}): JobRunner {
    const runner = new JobRunner({
      queue: this.queue,
      handlers: { work: async () => undefined },
      clock: this.clock,
      worker: 'one',
      pollMilliseconds: 10,
      progressMilliseconds: 0,
      random: () => 0.5,
      onError: (error) => this.errors.push(error),
      ...options,
    });
    this.#runners.push(runner);
    return runner;
  }

  async stateOf(runId: string): Promise<string> {
    return (await this.queue.show(runId)).state;
  }

  /** What an operator's action leaves in the audit. */
  operatorRecord(): AuditRecord {
    return anAuditRecord(this.clock, {
      event: 'restrictedFunction',
      action: 'lake jobs',
      agent: { kind: 'operator', id: 'operator-1' },
      outcome: { result: 'allowed', code: 'ok' },
      entities: undefined,
      requestId: undefined,
      purpose: 'HOPERAT',
    });
  }

  /** The audit records that wait for their seal, in their order. */
  audited(): Promise<AuditRecord[]> {
    return this.database.snapshot(async (tx) => {
      const rows = await tx.query<{ record: string }>('SELECT record FROM audit ORDER BY id');
      return rows.map(({ record }) => JSON.parse(record) as AuditRecord);
    });
  }

  async close(): Promise<void> {
    // A test that failed has not stopped its runners, and a handler of it may never end.
    const stopped = Promise.all(this.#runners.map((runner) => runner.stop(0)));
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 200))]);
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when the condition holds; fails after two seconds. */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 2000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('It did not happen within two seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
