import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lakeFolder, localBinding } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { ingestManifest } from '../../functions/ingest/manifest';
import type { Figure } from './figure';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };
const port = 18_431;
const runs = 10;

async function firstAnswer(bundle: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, [bundle], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await (await fetch(`http://127.0.0.1:${port}/FHIR/R4/metadata`)).text();
  const elapsed = performance.now() - started;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  return elapsed;
}

async function emptyProcess(): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.once('exit', resolve));
  return performance.now() - started;
}

async function ascending(measure: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) times.push(Math.round(await measure()));
  return times.sort((a, b) => a - b);
}

/** Milliseconds from the start of a process to the first answer of the ingest function, best and median of ten, beside an empty process. */
export async function run(): Promise<Figure[]> {
  const folder = lakeFolder(mkdtempSync(join(tmpdir(), 'bench-cold-start-')));
  const parts = new LakeParts(folder);
  await parts.prepare();
  await parts.close();
  const environment = {
    PATH: process.env.PATH,
    LAKE_FUNCTION: 'ingest',
    LAKE_BINDING: JSON.stringify(localBinding(folder, ingestManifest)),
    LAKE_ORIGIN: `http://127.0.0.1:${port}`,
    PORT: String(port),
  };
  const bundle = buildWhenStale('knative');
  const empty = await ascending(emptyProcess);
  const ingest = await ascending(() => firstAnswer(bundle, environment));
  rmSync(folder.root, { recursive: true, force: true });
  const name = 'ingest function, process start to first answer, beside an empty process';
  return [
    { name: `${name}: best of ${runs}`, value: ingest[0]!, unit: 'ms', baseline: empty[0]! },
    { name: `${name}: median`, value: ingest[runs / 2]!, unit: 'ms', baseline: empty[runs / 2]! },
  ];
}
