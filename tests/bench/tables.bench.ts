import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { DeltaTable } from '../../functions/tables/delta-table';
import type { Figure } from './figure';

const versions = 10_000;
const rows = 200_000;
const files = 20;
const smallAppends = 50;
const rounds = 7;

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: Math.round(performance.now() - wall), cpu: Math.round((user + system) / 1000) };
}

/** The best of several runs, wall and processor each: others use the cores too. */
async function bestOf(times: number, work: (round: number) => Promise<unknown>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < times; round += 1) costs.push(await costOf(() => work(round)));
  return { wall: Math.min(...costs.map(({ wall }) => wall)), cpu: Math.min(...costs.map(({ cpu }) => cpu)) };
}

/** A commit as an append makes it, without the file, which nobody opens. */
const commit = (version: number): string => {
  const stats = `{"numRecords":1,"minValues":{"id":"r-${version}"},"maxValues":{"id":"r-${version}"},"nullCount":{"id":0}}`;
  const add = { path: `part-${version}.zstd.parquet`, partitionValues: {}, size: 1000, modificationTime: 1 };
  return `${JSON.stringify({ add: { ...add, dataChange: true, stats } })}\n${JSON.stringify({ txn: { appId: 'curate', version } })}\n`;
};

/** Opening a table of ten thousand versions, and what a table costs beside bare Parquet files. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tables-'));
  const engine = new DuckDbQueryEngine({ spoolFolder: join(folder, 'spool'), threads: 1 });
  const session = await engine.session({ readableFolders: [folder] });
  const store = new FileObjectStore(folder);
  const table = (name: string): DeltaTable => new DeltaTable(store, name, engine);
  const select = (from: number, count: number): string =>
    `SELECT 'r-' || lpad(n::VARCHAR, 9, '0') AS id, n AS version, md5(n::VARCHAR) || md5((n + 1)::VARCHAR) AS resource FROM range(${from}, ${from + count}) AS r(n)`;
  const bare = (name: string, query: string): Promise<void> =>
    session.run(`COPY (${query}) TO '${join(folder, name)}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`);
  try {
    await table('long').append(session, "SELECT 'r-0' AS id");
    for (let version = 1; version <= versions; version += 1)
      writeFileSync(join(folder, 'long', '_delta_log', `${String(version).padStart(20, '0')}.json`), commit(version));
    const replayed = await bestOf(2, () => table('long').snapshot());
    const checkpointing = await costOf(() => table('long').checkpoint(session));
    const opened = await bestOf(rounds, () => table('long').snapshot());

    const appended = await bestOf(rounds, (round) => table(`large-${round}`).append(session, select(0, rows)));
    const copied = await bestOf(rounds, () => bare('bare.parquet', select(0, rows)));

    const small = await costOf(async () => {
      const one = table('small');
      for (let n = 0; n < smallAppends; n += 1) await one.append(session, select(n, 1));
    });
    const smallBare = await costOf(async () => {
      for (let n = 0; n < smallAppends; n += 1) await bare('bare.parquet', select(n, 1));
    });

    const part = rows / files;
    for (let n = 0; n < files; n += 1) await table('erased').append(session, select(n * part, part));
    const ids = ['r-000000007', `r-${String(rows - 1).padStart(9, '0')}`];
    const erased = await costOf(() => table('erased').erase(session, { column: 'id', in: ids }));
    const rewritten = await bestOf(2, (round) =>
      table(`rewritten-${round}`).append(
        session,
        `${select(0, rows)} WHERE 'r-' || lpad(n::VARCHAR, 9, '0') NOT IN ('${ids.join("', '")}')`,
      ),
    );
    return [
      {
        name: `opening a table of ${versions + 1} versions (bar: 200 ms; beside: replayed from its first)`,
        value: opened.wall,
        unit: 'ms',
        baseline: replayed.wall,
      },
      { name: 'the same, processor', value: opened.cpu, unit: 'CPU ms', baseline: replayed.cpu },
      {
        name: `its checkpoint of ${versions + 1} files, the log replayed first`,
        value: checkpointing.cpu,
        unit: 'CPU ms',
      },
      { name: `appending ${rows} rows (beside: bare COPY)`, value: appended.cpu, unit: 'CPU ms', baseline: copied.cpu },
      {
        name: `${smallAppends} appends of one row, five checkpoints with them (beside: bare COPY)`,
        value: small.cpu,
        unit: 'CPU ms',
        baseline: smallBare.cpu,
      },
      {
        name: `erasing two ids of ${rows} in ${files} files (beside: writing all rows anew)`,
        value: erased.cpu,
        unit: 'CPU ms',
        baseline: rewritten.cpu,
      },
    ];
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
