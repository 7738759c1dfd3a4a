import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { isolatedIngestManifest } from '../../functions/ingest/manifest';
import { awsHome } from '../emulators/aws-home';
import { givenServers } from '../support/given-servers';
import type { Figure } from './figure';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };
const runs = 10;

/** What Lambda does with a new instance: loads the bundle and hands it the first event. Times without Node's own start. */
const instance = `
const begun = performance.now();
const { handler } = require(process.env.BUNDLE);
const loaded = performance.now();
const event = { httpMethod: 'GET', path: '/FHIR/R4/metadata', multiValueHeaders: { Host: ['lake.example.nhs.uk'] } };
handler(event, { getRemainingTimeInMillis: () => 29_000 }).then(({ statusCode }) => {
  const { user, system } = process.cpuUsage();
  const times = { statusCode, load: loaded - begun, first: performance.now() - begun, cpu: (user + system) / 1000 };
  process.stdout.write(JSON.stringify(times), () => process.exit(0));
});`;

interface Times {
  readonly statusCode: number;
  readonly load: number;
  readonly first: number;
  readonly cpu: number;
}

async function output(script: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, ['-e', script], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return said;
}

const best = (values: readonly number[]): number => Math.round(Math.min(...values));
const median = (values: readonly number[]): number => Math.round(values.toSorted((a, b) => a - b)[runs / 2]!);

/**
 * Milliseconds from the start of loading the ingest bundle to its first answer in a fresh process, with the calls that a start
 * makes: PostgreSQL for the wrapped pseudonym key, KMS to open it. Against the servers of the emulator suite, else not run.
 */
export async function run(): Promise<Figure[]> {
  const servers = givenServers('aws', 'postgres');
  if (typeof servers === 'string') {
    console.log(`  not run: ${servers}`);
    return [];
  }
  const home = await awsHome(servers);
  const environment = {
    PATH: process.env.PATH,
    BUNDLE: buildWhenStale('aws-lambda/ingest/index'),
    LAKE_FUNCTION: 'ingest',
    LAKE_BINDING: JSON.stringify(home.bindingOf(isolatedIngestManifest)),
    LAKE_ORIGIN: 'https://lake.example.nhs.uk',
    ...home.environment,
  };
  const times: Times[] = [];
  const empty: number[] = [];
  try {
    for (let n = 0; n < runs; n += 1) {
      const one = JSON.parse(await output(instance, environment)) as Times;
      if (one.statusCode !== 200) throw new Error(`The first answer was ${one.statusCode}.`);
      times.push(one);
      const cpu = 'const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));';
      empty.push(Number(await output(cpu, environment)));
    }
  } finally {
    await home.remove();
  }
  const name = 'ingest on Lambda in a fresh process';
  const first = times.map((one) => one.first);
  const load = times.map((one) => one.load);
  const cpu = times.map((one) => one.cpu);
  return [
    {
      name: `${name}, load and first answer, beside loading alone: best of ${runs}`,
      value: best(first),
      unit: 'ms',
      baseline: best(load),
    },
    {
      name: `${name}, load and first answer, beside loading alone: median`,
      value: median(first),
      unit: 'ms',
      baseline: median(load),
    },
    {
      name: `${name}, processor time of the process, beside an empty one: best of ${runs}`,
      value: best(cpu),
      unit: 'ms',
      baseline: best(empty),
    },
  ];
}
