import type { Migration } from '../../adapters/ports/state-database';

export const jobMigrations: readonly Migration[] = [
  {
    id: 'jobs-0001-runs-attempts-dependencies-schedules-notices',
    statements: [
      `CREATE TABLE job_run (
         id TEXT PRIMARY KEY, job TEXT NOT NULL, state TEXT NOT NULL, input TEXT NOT NULL, origin TEXT NOT NULL,
         unique_key TEXT, coalesce_key TEXT,
         attempts INTEGER NOT NULL, max_attempts INTEGER NOT NULL, backoff_seconds INTEGER NOT NULL,
         not_before TEXT NOT NULL, worker TEXT, lease_until TEXT, fence INTEGER NOT NULL,
         cancel_requested INTEGER NOT NULL, done INTEGER, total INTEGER, result TEXT, code TEXT, message TEXT,
         created TEXT NOT NULL, started TEXT, finished TEXT)`,
      // Two NULLs are never equal in a unique index, in SQLite and PostgreSQL alike: the key is set only while a run has
      // not begun, so that at most one such run exists per key.
      'CREATE UNIQUE INDEX job_run_coalesced ON job_run (job, coalesce_key)',
      `CREATE INDEX job_run_queued ON job_run (id) WHERE state = 'queued'`,
      `CREATE INDEX job_run_running ON job_run (job, unique_key) WHERE state = 'running'`,
      'CREATE INDEX job_run_finished ON job_run (finished) WHERE finished IS NOT NULL',
      `CREATE TABLE job_dependency (
         run_id TEXT NOT NULL, depends_on TEXT NOT NULL, PRIMARY KEY (run_id, depends_on))`,
      'CREATE INDEX job_dependants ON job_dependency (depends_on)',
      `CREATE TABLE job_attempt (
         run_id TEXT NOT NULL, attempt INTEGER NOT NULL, fence INTEGER NOT NULL, worker TEXT NOT NULL,
         started TEXT NOT NULL, finished TEXT, code TEXT, PRIMARY KEY (run_id, fence))`,
      `CREATE TABLE job_notice (
         id TEXT PRIMARY KEY, run_id TEXT NOT NULL, job TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
         created TEXT NOT NULL, acknowledged TEXT)`,
      'CREATE INDEX job_notice_run ON job_notice (run_id)',
      `CREATE TABLE job_schedule (
         name TEXT PRIMARY KEY, job TEXT NOT NULL, cron TEXT NOT NULL, time_zone TEXT NOT NULL,
         next_tick TEXT NOT NULL, last_tick TEXT)`,
      // One row: the fencing number, which only grows, over all runs of all jobs.
      'CREATE TABLE job_fence (name TEXT PRIMARY KEY, value INTEGER NOT NULL)',
      `INSERT INTO job_fence (name, value) VALUES ('fence', 0)`,
    ],
  },
  { id: 'jobs-0002-turns', statements: ['ALTER TABLE job_run ADD COLUMN turn TEXT'] },
];
