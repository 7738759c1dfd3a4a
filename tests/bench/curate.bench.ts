import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { type JsonObject, parseJson } from '../../functions/fhir/json';
import { curateFunction } from '../../functions/hosts/compose/curate-function';
import { ingestUseCase } from '../../functions/hosts/compose/ingest-function';
import { lakeFolder } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { transactionOf } from '../../functions/ingest/interaction';
import type { Figure } from './figure';
import { transaction } from './ingest-messages';
import { writeObservations } from './observation-corpus';

const entries = 100;
const sender = { clientId: 'bench', ods: 'L99001', nhsNumberPolicy: 'flag', defaultProfile: undefined } as const;

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 };
}

/** Lands resources as ingest does, by transactions of 100, four at a time. */
async function land(parts: LakeParts, resources: number): Promise<void> {
  const { ingest, groupCommit } = await ingestUseCase(parts, []);
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < resources / entries) {
      const body = transaction(next++, entries);
      const interaction = transactionOf(parseJson(Buffer.from(body)) as JsonObject);
      const ids = { requestId: randomUUID(), correlationId: undefined };
      await ingest.accept({ sender, ...ids, interaction, route: 'POST /FHIR/R4', body });
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  await groupCommit.drained();
}

/** The floor: DuckDB reads NDJSON of as many resources and writes their text to Parquet, as curated tables hold it. */
async function readingNdjson(folder: string, resources: number): Promise<Cost> {
  const file = join(folder, 'observations.ndjson');
  await writeObservations(file, resources);
  const engine = new DuckDbQueryEngine({ spoolFolder: join(folder, 'spool') });
  const session = await engine.session({ readableFolders: [folder] });
  const sql = `COPY (SELECT json->>'$.id' AS id, CAST(json AS VARCHAR) AS resource
    FROM read_json_objects('${file}', format = 'newline_delimited')) TO '${join(folder, 'floor.parquet')}' (FORMAT parquet, COMPRESSION zstd)`;
  const cost = await costOf(() => session.run(sql));
  await engine.close();
  return cost;
}

/**
 * Curating what ingest landed (decrypt, match with the ledger, write Delta tables) beside DuckDB reading NDJSON of as many
 * Observations. Then once more with nothing new.
 */
export async function run(): Promise<Figure[]> {
  const resources = Number(process.env.LAKE_BENCH_CURATED ?? '200000');
  const folder = mkdtempSync(join(tmpdir(), 'bench-curate-'));
  const parts = new LakeParts(lakeFolder(join(folder, 'lake')));
  try {
    await parts.prepare();
    await land(parts, resources);
    const curated = await costOf(async () => {
      const { rows } = await curateFunction(parts);
      if (rows !== resources) throw new Error(`${rows} of ${resources} resources were curated.`);
    });
    const nothing = await costOf(() => curateFunction(parts));
    const floor = await readingNdjson(folder, resources);
    const rate = (milliseconds: number): number => Math.round(resources / (milliseconds / 1000));
    const name = `curate ${resources} resources, beside reading NDJSON`;
    return [
      { name, value: rate(curated.cpuMs), unit: 'resources/CPU s', baseline: rate(floor.cpuMs) },
      { name, value: rate(curated.wallMs), unit: 'resources/s', baseline: rate(floor.wallMs) },
      { name: 'curate nothing new', value: Math.round(nothing.cpuMs), unit: 'CPU ms' },
    ];
  } finally {
    await parts.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
