import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { IdentityAnswers } from '../../identity/identity-requests';
import type { JobWork } from '../../jobs/job-runner';
import { buildMart, emptyMart } from '../../marts/build-mart';
import { martsCron, martsManifest, stagedMartsCron } from '../../marts/manifest';
import { readMarts } from '../../marts/mart-library';
import { readStagedMarts } from '../../marts/staged-mart';
import { readableFoldersOf } from '../../tables/place-file';
import { tablesTurn } from '../../tables/table-turn';
import type { FunctionParts } from '../function-parts';
import { publishTable } from './catalogue-publish';
import { type StagedMartPorts, stagedMartsFunction, takeMarts } from './staged-marts-function';

export interface MartBuild {
  readonly mart: string;
  readonly rows: number;
  readonly milliseconds: number;
  /** Of these, spent on flattening what is new. */
  readonly flattening: number;
}

export interface MartOptions {
  /** Flattens everything again instead of what is new. */
  readonly full?: boolean;
  /** What becomes of a mart that may not be built. @default 'keep' */
  readonly refused?: 'keep' | 'empty';
}

const timeZone = 'Europe/London';

/** The definitions lie beside the source, two folders up from the bundle, or beside it in the image. */
export const martLibrary =
  [
    join(__dirname, '..', '..', 'marts', 'library'),
    join(__dirname, '..', 'functions', 'marts', 'library'),
    join(__dirname, 'functions', 'marts', 'library'),
  ].find((folder) => existsSync(folder)) ?? '';

/**
 * Builds what may be built, over the ports of a host; then a mart that may not, since an opt-out list is missing or stale, is told
 * as an error. It stays as it was, or with `refused: 'empty'` keeps no row. A mart that another engine makes is not built, but what is
 * staged for it is taken.
 *
 * @param names of marts; when there is none, all that the lake builds itself
 * @param library folder of the definitions, a folder each
 */
export async function martsFunction(
  ports: StagedMartPorts,
  names: readonly string[],
  { full = false, refused = 'keep' }: MartOptions = {},
  library = martLibrary,
): Promise<readonly MartBuild[]> {
  const all = readMarts(library);
  const staged = readStagedMarts(library);
  const known = [...all, ...staged].map(({ name }) => name);
  if (names.some((name) => !known.includes(name)))
    throw new LakeError('NotFound', `There is no such mart. There are: ${known.join(', ')}.`);
  const { curated, marts, query, identity } = ports;
  const session = await query.session({
    readableFolders: [...readableFoldersOf(curated), ...readableFoldersOf(marts)],
  });
  const built: MartBuild[] = [];
  const refusals: LakeError[] = [];
  const askOptOuts = async (persons: readonly string[], purpose: string) =>
    (await identity.ask({ kind: 'opt-outs', persons, purpose })) as IdentityAnswers['opt-outs'];
  const services = { curated, marts, engine: query, session, askOptOuts };
  try {
    for (const mart of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const started = performance.now();
      try {
        const { table, rows, flattened } = await buildMart(services, mart, full);
        await publishTable({ ...ports, agent: 'marts' }, 'marts', table);
        const milliseconds = Math.round(performance.now() - started);
        built.push({ mart: mart.name, rows, milliseconds, flattening: Math.round(flattened) });
      } catch (error) {
        if (!isLakeError(error, 'PreconditionFailed')) throw error;
        if (refused === 'empty') await emptyMart(services, mart.name);
        else refusals.push(error);
      }
    }
  } finally {
    await session.close();
  }
  for (const mart of staged.filter(({ name }) => names.includes(name))) {
    const started = performance.now();
    const [taken] = await takeMarts(ports, [mart], refusals, refused === 'empty');
    const milliseconds = Math.round(performance.now() - started);
    if (taken !== undefined) built.push({ mart: mart.name, rows: taken.rows, milliseconds, flattening: 0 });
  }
  const [refusal] = refused === 'empty' ? [] : refusals;
  if (refusal !== undefined) throw refusal;
  return built;
}

/** The jobs `marts` and `staged-marts` of a process of its own, and their schedules. */
export function martsWork(parts: FunctionParts, library?: string): JobWork {
  const { queue, ...ports } = parts.ports(martsManifest);
  return {
    queue,
    handlers: {
      marts: ({ input }) => {
        const { names = [], full = false } = (input ?? {}) as { names?: readonly string[]; full?: boolean };
        return martsFunction(ports, names, { full }, library);
      },
      'staged-marts': () => stagedMartsFunction(ports, library ?? martLibrary, systemClock.now()),
    },
    schedules: [
      { name: 'marts', job: 'marts', cron: martsCron, timeZone, turn: tablesTurn },
      // Its next tick is soon: what fails is told once a tick.
      { name: 'staged-marts', job: 'staged-marts', cron: stagedMartsCron, timeZone, turn: tablesTurn, maxAttempts: 1 },
    ],
  };
}
