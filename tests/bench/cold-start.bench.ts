import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { lakeFolder, localBinding } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { ingestManifest } from '../../functions/ingest/manifest';
import type { Figure } from './figure';
import { cpuSecondsOf } from './process-cpu';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };
const port = 18_431;
const runs = 10;

interface Start {
  /** Milliseconds by the clock, and of processor time: others use the cores too. */
  readonly wall: number;
  readonly cpu: number;
}

async function firstAnswer(bundle: string, environment: NodeJS.ProcessEnv): Promise<Start> {
  const started = performance.now();
  const child = spawn(process.execPath, [bundle], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await (await fetch(`http://127.0.0.1:${port}/FHIR/R4/metadata`)).text();
  const start = { wall: performance.now() - started, cpu: cpuSecondsOf(child.pid!) * 1000 };
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  return start;
}

async function emptyProcess(): Promise<Start> {
  const started = performance.now();
  const child = spawn(process.execPath, ['-e', 'console.log(JSON.stringify(process.cpuUsage()))']);
  const told = await text(child.stdout);
  const { user, system } = JSON.parse(told) as NodeJS.CpuUsage;
  return { wall: performance.now() - started, cpu: (user + system) / 1000 };
}

/** Of several starts, each column by itself, ascending. */
async function startsOf(measure: () => Promise<Start>): Promise<Readonly<Record<keyof Start, readonly number[]>>> {
  const starts: Start[] = [];
  for (let run = 0; run < runs; run += 1) starts.push(await measure());
  const ascending = (which: keyof Start) => starts.map((start) => Math.round(start[which])).sort((a, b) => a - b);
  return { wall: ascending('wall'), cpu: ascending('cpu') };
}

/** From the start of a process to the first answer of the ingest function, best and median of ten, beside an empty process. */
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
  const empty = await startsOf(emptyProcess);
  const ingest = await startsOf(() => firstAnswer(bundle, environment));
  rmSync(folder.root, { recursive: true, force: true });
  const name = 'ingest function, process start to first answer, beside an empty process';
  const figure = (which: keyof Start, called: string, at: number): Figure => ({
    name: `${name}: ${called}`,
    value: ingest[which][at]!,
    unit: which === 'cpu' ? 'ms CPU' : 'ms',
    baseline: empty[which][at]!,
  });
  return [
    figure('wall', `best of ${runs}`, 0),
    figure('wall', 'median', runs / 2),
    figure('cpu', `best of ${runs}`, 0),
    figure('cpu', 'median', runs / 2),
  ];
}
