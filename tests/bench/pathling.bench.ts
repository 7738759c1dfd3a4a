import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compileView } from '../../functions/sql-on-fhir/compile-view';
import { sparkProjection } from '../../functions/sql-on-fhir/spark-casts';
import { howToGet, readerTools } from '../spark/reader-tools';
import type { Figure } from './figure';
import { writeObservations } from './observation-corpus';
import { best, observationView } from './sql-on-fhir.bench';

/** The view of the bench `sql-on-fhir` by Pathling on Spark, once it is warm, beside the compiled one: CPU for the same rows. */
export async function run(): Promise<Figure[]> {
  const { sparkHome, sparkScript } = readerTools;
  if (sparkHome === undefined || sparkScript === undefined) {
    console.log(`skipped: no Spark here; ${howToGet.spark}.`);
    return [];
  }
  const count = Number(process.env.LAKE_BENCH_PATHLING ?? '200000');
  const root = mkdtempSync(join(tmpdir(), 'bench-pathling-'));
  try {
    const folder = join(root, 'ndjson');
    mkdirSync(folder);
    const ndjson = join(folder, 'Observation.ndjson');
    await writeObservations(ndjson, count);
    const view = observationView('DOUBLE PRECISION');
    const { columns } = compileView(view, { source: { kind: 'ndjson', files: [ndjson] }, dialect: 'duckdb' });
    const job = { folder, view, projection: sparkProjection(columns), target: join(root, 'pathling.parquet') };
    const { stdout } = await promisify(execFile)(
      sparkScript,
      [join(__dirname, 'pathling-view.py'), JSON.stringify(job)],
      { cwd: root, env: { ...process.env, SPARK_PATHLING_HOME: sparkHome, TZ: 'UTC' }, maxBuffer: 2 ** 24 },
    );
    const pathling = JSON.parse(stdout.trim().split('\n').at(-1)!) as { cpuMs: number; rows: number };
    if (pathling.rows !== count) throw new Error(`Pathling gave ${pathling.rows} rows of ${count}.`);
    const { cpuMs } = await best('compiled', ndjson, 3);
    return [
      {
        name: `view of 15 columns over ${count} Observations, beside Pathling`,
        value: cpuMs,
        unit: 'CPU ms',
        baseline: pathling.cpuMs,
      },
      {
        name: 'CPU of Pathling for that of the compiled view',
        value: Math.round((pathling.cpuMs / cpuMs) * 10) / 10,
        unit: 'times',
        baseline: 5,
      },
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
