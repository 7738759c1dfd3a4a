import { systemClock } from '../../../adapters/ports/clock';
import { compactTables } from '../../compaction/compact-tables';
import { compactionCron, compactionManifest } from '../../compaction/manifest';
import { readableFoldersOf } from '../../tables/place-file';
import { tablesTurn } from '../../tables/table-turn';
import type { HostParts } from '../host-parts';
import { publishTable } from './catalogue-publish';

export interface CompactionResult {
  readonly tables: number;
  /** Of these, written anew in part or whole. */
  readonly folded: number;
  readonly removedFiles: number;
}

/**
 * Compacts every table over the ports of a host, and tells the catalogue of those that changed. Where no job runner records the
 * run, this does. `partitionAbove`: bytes from which on a curated table is divided by the clinical year; default 10 GB.
 */
export async function compactionFunction(
  parts: HostParts,
  {
    recorded = false,
    partitionAbove,
  }: { readonly recorded?: boolean; readonly partitionAbove?: number | undefined } = {},
): Promise<CompactionResult> {
  const { curated, marts, catalogue, audit, query } = parts.ports(compactionManifest);
  const session = await query.session({
    readableFolders: [...readableFoldersOf(curated), ...readableFoldersOf(marts)],
    // Each would have rows of its own in memory, and nobody waits for the nightly run.
    threads: 1,
  });
  try {
    const services = { curated, marts, engine: query, session, failpoint: parts.failpoint, partitionAbove };
    const compacted = await compactTables(services, await catalogue.tables(), systemClock.now());
    const changed = compacted.filter((one) => one.changed);
    for (const { database, table } of changed)
      await publishTable({ catalogue, audit, agent: 'compaction' }, database, table);
    if (!recorded) {
      await audit.append({
        recorded: systemClock.now().toISOString(),
        event: 'job',
        action: 'job:compaction',
        agent: { kind: 'function', id: 'compaction' },
        outcome: { result: 'allowed', code: 'done' },
        purpose: 'HOPERAT',
      });
    }
    const removedFiles = compacted.reduce((sum, one) => sum + one.removedFiles, 0);
    return { tables: compacted.length, folded: changed.length, removedFiles };
  } finally {
    await session.close();
  }
}

/** The job `compaction` of a process of its own, and its schedule. */
export const compactionWork = (parts: HostParts) => ({
  queue: parts.ports(compactionManifest).queue,
  handlers: { compaction: () => compactionFunction(parts) },
  schedules: [
    { name: 'compaction', job: 'compaction', cron: compactionCron, timeZone: 'Europe/London', turn: tablesTurn },
  ],
});
