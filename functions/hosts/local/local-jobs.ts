import { importJob } from '../../bulk-import/import-store';
import { compactionCron } from '../../compaction/manifest';
import type { JobRunnerOptions } from '../../jobs/job-runner';
import { martsCron, stagedMartsCron } from '../../marts/manifest';
import { collectCron } from '../../orphans/manifest';
import { retentionCron } from '../../retention/manifest';
import type { Operator } from './operator';

const timeZone = 'Europe/London';

/** The jobs of one machine and when they begin by themselves. */
export function localJobs(operator: Operator): Pick<JobRunnerOptions, 'handlers' | 'schedules'> {
  return {
    handlers: {
      curate: async ({ progress }) => operator.curate((done) => void progress(done.rows)),
      marts: async () => operator.buildMarts([]),
      'staged-marts': async () => operator.takeStagedMarts(),
      compaction: async () => operator.compact(),
      collect: async () => operator.collectOrphans(),
      retention: async () => operator.expire(),
      [importJob]: operator.importHandler,
    },
    schedules: [
      { name: 'curate', job: 'curate', cron: '* * * * *', timeZone },
      { name: 'compaction', job: 'compaction', cron: compactionCron, timeZone },
      { name: 'collect', job: 'collect', cron: collectCron, timeZone },
      { name: 'retention', job: 'retention', cron: retentionCron, timeZone },
      { name: 'marts', job: 'marts', cron: martsCron, timeZone },
      { name: 'staged-marts', job: 'staged-marts', cron: stagedMartsCron, timeZone, maxAttempts: 1 },
    ],
  };
}
