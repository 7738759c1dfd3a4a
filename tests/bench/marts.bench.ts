import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { buildMart, type MartServices } from '../../functions/marts/build-mart';
import { FlatRows } from '../../functions/marts/flat-rows';
import { readMart } from '../../functions/marts/mart-library';
import { CuratedTable } from '../../functions/tables/curated-table';
import type { Figure } from './figure';
import { corpusObservation } from './observation-corpus';

const mart = readMart(join(__dirname, '../../functions/marts/library'), 'patient_timeline');
const view = [...mart.views.values()].find((one) => (one as { resource: string }).resource === 'Observation');

/** Rows as curate appends them; version 2 stands for the change. */
async function writeBatch(file: string, ids: Iterable<number>, version: number): Promise<void> {
  const stream = createWriteStream(file);
  for (const id of ids) {
    const resource = corpusObservation(id);
    const row = {
      ...{ id: resource.id, version, last_updated: '2026-01-01T00:00:00Z', provider: 'A81001' },
      ...{ patient_ref: null, deleted: false, resource: JSON.stringify(resource) },
    };
    if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}

function* range(from: number, to: number, step = 1): Generator<number> {
  for (let at = from; at < to; at += step) yield at;
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return Math.round((user + system) / 1000);
}

/**
 * `patient_timeline` over 1,000,000 Observations, then 1 % of them in a new version: CPU milliseconds of flattening and of
 * everything after it (choosing current rows, the mart's SQL, writing), from nothing and from the change.
 */
export async function run(): Promise<Figure[]> {
  const count = Number(process.env.LAKE_BENCH_OBSERVATIONS ?? '1000000');
  const folder = mkdtempSync(join(tmpdir(), 'bench-marts-'));
  const engine = new DuckDbQueryEngine({ spoolFolder: join(folder, 'spool'), memoryLimit: 2 ** 28 });
  const session = await engine.session({ readableFolders: [folder] });
  const curated = new FileObjectStore(join(folder, 'curated'));
  const services: MartServices = { curated, marts: new FileObjectStore(join(folder, 'marts')), engine, session };
  const table = new CuratedTable(curated, 'Observation', engine);
  const append = async (batch: number, ids: Iterable<number>, version: number): Promise<void> => {
    const file = join(folder, 'batch.ndjson');
    await writeBatch(file, ids, version);
    await table.appendBatch(session, batch, file);
  };
  const flatten = (anew: boolean): Promise<number> => cpuMs(() => new FlatRows(services).flatten(view, anew));
  const build = (): Promise<number> => cpuMs(() => buildMart(services, mart));
  try {
    for (const batch of range(0, 10))
      await append(batch, range(Math.round((batch * count) / 10), Math.round(((batch + 1) * count) / 10)), 1);
    const rebuilt = Math.min(await flatten(false), await flatten(true), await flatten(true));
    const nothingNew = Math.min(await flatten(false), await flatten(false));
    const rest = Math.min(await build(), await build());
    const changes: number[] = [];
    for (const batch of range(10, 13)) {
      await append(batch, range(batch, count, 100), 2);
      changes.push(await flatten(false));
    }
    const changed = Math.min(...changes);
    const rows = await differing(services, session);
    return [
      {
        name: `flattening the 1 % of ${count} Observations that changed`,
        value: changed,
        unit: 'CPU ms',
        baseline: rebuilt,
      },
      { name: 'share of a rebuild', value: Math.round((changed / rebuilt) * 1000) / 10, unit: '%', baseline: 5 },
      { name: 'with nothing new', value: nothingNew, unit: 'CPU ms', baseline: rebuilt },
      { name: 'current rows, SQL of the mart and writing it', value: rest, unit: 'CPU ms' },
      { name: 'rows in which the incremental mart differs from a rebuild', value: rows, unit: 'rows', baseline: 0 },
    ];
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function differing(services: MartServices, session: QuerySession): Promise<number> {
  const rows = async (name: string, full: boolean): Promise<void> => {
    const { table } = await buildMart(services, mart, full);
    await session.run(`CREATE TEMP TABLE ${name} AS SELECT * FROM ${await table.relation()}`);
  };
  await rows('incremental', false);
  await rows('rebuilt', true);
  const { rows: found } = await session.query(
    'SELECT (SELECT count(*) FROM (FROM incremental EXCEPT ALL FROM rebuilt)) + (SELECT count(*) FROM (FROM rebuilt EXCEPT ALL FROM incremental)) AS n',
  );
  return Number(found[0]?.n);
}
