import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { QueryEngine } from '../../../adapters/ports/query-engine';
import type { AuditRecord } from '../../audit/audit-record';
import type { IdentityAnswers } from '../../identity/identity-requests';
import type { PortsOf } from '../../manifest';
import type { MartServices } from '../../marts/build-mart';
import type { martsManifest } from '../../marts/manifest';
import { readStagedMarts, type StagedMart } from '../../marts/staged-mart';
import { discardRun, stagedRuns } from '../../marts/staged-runs';
import { patientsOf, type TakenRuns, takeStaged } from '../../marts/take-staged';
import { stagingPrefix } from '../../spark/manifest';
import type { TableStore } from '../../tables/delta-table';
import { readableFoldersOf } from '../../tables/place-file';
import { publishTable } from './catalogue-publish';

export interface StagedMartRuns extends Pick<TakenRuns, 'runs' | 'rows' | 'leftOut' | 'repeated'> {
  readonly mart: string;
}

export interface StagedMartsResult {
  readonly marts: readonly StagedMartRuns[];
  /** Runs that nobody will take, deleted. */
  readonly swept: number;
}

export type StagedMartPorts = Omit<PortsOf<typeof martsManifest>, 'queue'>;

const hour = 3_600_000;
/** After which nobody will end or mend what lies in staging. */
const longestStagedMilliseconds = 7 * 24 * hour;
/** A job may still be at it. */
const longestJobMilliseconds = 24 * hour;

/**
 * Takes what jobs have staged, over the ports of a host, and sweeps staging. Then what is wrong is told as one error, which a failed run
 * of the job shows and the log of the host tells: a run that was refused, a mart whose opt-out list is missing, and a mart for which no
 * run has ended in its time, whatever kept the job from it.
 */
export async function stagedMartsFunction(
  ports: StagedMartPorts,
  library: string,
  now: Date,
): Promise<StagedMartsResult> {
  const marts = readStagedMarts(library);
  const problems: LakeError[] = [];
  const taken: StagedMartRuns[] = [];
  for (const [index, done] of (await takeMarts(ports, marts, problems)).entries()) {
    const { name: mart, everyHours } = marts[index]!;
    if (done === undefined) continue;
    const { lastFinished, runs, rows, leftOut, repeated } = done;
    taken.push({ mart, runs, rows, leftOut, repeated });
    if (lastFinished === undefined || now.getTime() - lastFinished.getTime() > everyHours * hour)
      problems.push(
        new LakeError(
          'PreconditionFailed',
          `No run of the mart ${mart} has ended ${lastFinished === undefined ? 'yet' : `since ${lastFinished.toISOString()}`}; one is due every ${everyHours} hours. Look at the job that writes ${stagingPrefix}${mart}/.`,
        ),
      );
  }
  const swept = await sweep(ports, now, longestStagedMilliseconds, longestStagedMilliseconds);
  if (swept > 0) await ports.audit.append(recordOf('sweep', now, [{ type: 'run', count: swept }]));
  const [problem] = problems;
  if (problem !== undefined) throw new LakeError(problem.code, problems.map(({ message }) => message).join(' '));
  return { marts: taken, swept };
}

/**
 * Takes the runs of some marts and publishes them. Undefined for a mart whose opt-outs nobody knows now; `erasing`: it still loses whom
 * the lake no longer knows.
 */
export async function takeMarts(
  ports: StagedMartPorts,
  marts: readonly StagedMart[],
  problems: LakeError[],
  erasing = false,
): Promise<readonly (TakenRuns | undefined)[]> {
  if (marts.length === 0) return [];
  const { curated, marts: store, query, identity } = ports;
  const session = await query.session({
    readableFolders: [...readableFoldersOf(curated), ...readableFoldersOf(store)],
  });
  const askOptOuts = async (persons: readonly string[], purpose: string) =>
    (await identity.ask({ kind: 'opt-outs', persons, purpose })) as IdentityAnswers['opt-outs'];
  const services: MartServices = { curated, marts: store, engine: query, session, askOptOuts };
  try {
    const all: (TakenRuns | undefined)[] = [];
    const runs = await stagedRuns(store);
    for (const mart of marts) {
      try {
        const done = await takeStaged(services, mart, runs, await patientsOf(services, mart));
        problems.push(...done.refusals);
        all.push(done);
        if ((await done.table.snapshot()).version >= 0)
          await publishTable({ ...ports, agent: 'marts' }, 'marts', done.table);
        if (done.runs + done.repeated + done.leftOut > 0)
          await ports.audit.append(
            recordOf('take', new Date(), [
              { type: 'table', id: `marts.${mart.name}`, count: done.rows },
              { type: 'run', count: done.runs },
              { type: 'left-out', count: done.leftOut },
            ]),
          );
      } catch (error) {
        if (!isLakeError(error, 'PreconditionFailed')) throw error;
        problems.push(error);
        all.push(undefined);
        if (erasing) await takeStaged(services, mart, [], await patientsOf(services, onlyKnown(mart)));
      }
    }
    return all;
  } finally {
    await session.close();
  }
}

/** As for a purpose that opt-outs do not limit. */
const onlyKnown = (mart: StagedMart): StagedMart => ({ ...mart, use: { ...mart.use, purpose: 'individual-care' } });

/**
 * What erased people may still have in staging goes: every run that has ended and was not taken, and what is so old that no job is at it
 * any more. What a job writes now is taken without them.
 */
export async function forgetStaged(
  ports: { readonly marts: TableStore; readonly query: Pick<QueryEngine, 'spoolFolder'> },
  now: Date,
): Promise<void> {
  await sweep(ports, now, 0, longestJobMilliseconds);
  await ports.marts.purgeVersionsUnder?.(stagingPrefix);
}

async function sweep(
  { marts, query }: { readonly marts: TableStore; readonly query: Pick<QueryEngine, 'spoolFolder'> },
  now: Date,
  finishedMilliseconds: number,
  otherMilliseconds: number,
): Promise<number> {
  let swept = 0;
  for (const run of await stagedRuns(marts)) {
    const longest = run.finished === undefined ? otherMilliseconds : finishedMilliseconds;
    if (now.getTime() - run.newest.getTime() < longest) continue;
    await discardRun(marts, query, run);
    swept += 1;
  }
  return swept;
}

const recordOf = (what: string, now: Date, entities: AuditRecord['entities']): AuditRecord => ({
  recorded: now.toISOString(),
  event: 'job',
  action: `job:staged-marts.${what}`,
  agent: { kind: 'function', id: 'marts' },
  outcome: { result: 'allowed', code: what },
  entities,
  purpose: 'HSYSADMIN',
});
