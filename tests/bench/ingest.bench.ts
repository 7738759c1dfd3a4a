import { join } from 'node:path';
import { BenchLake } from './bench-lake';
import type { Figure } from './figure';
import { HttpLoad, type Load, percentile } from './http-load';
import { observation, transaction } from './ingest-messages';
import { ServerProcess } from './server-process';

/**
 * Issue 3, bar 5: what the whole lake takes over HTTP (token, validation, split, encryption, ledger, audit, fsync before the
 * answer) beside a bare Hono server in the same run, the generator on the same cores. Clock figures are the best of three
 * runs; those per second of the server's CPU are what a busy machine does not change.
 */
const entries = 100;
const resources = Number(process.env.LAKE_BENCH_RESOURCES ?? '1000000');

interface Kind {
  readonly name: string;
  readonly unit: string;
  readonly connections: number;
  readonly requests: number;
  /** Resources of one request. */
  readonly each: number;
  readonly make: () => string;
  /** Resources a second at which answers are timed: half of the bar. */
  readonly halfLoad: number;
}

let sent = 0;
const singles: Kind = {
  ...{ name: 'single creates', unit: 'requests', connections: 64, requests: 6000, each: 1, halfLoad: 1000 },
  make: () => JSON.stringify(observation(sent++)),
};
const transactions: Kind = {
  ...{ name: `transactions of ${entries}`, unit: 'resources', connections: 4, requests: 150, each: entries },
  ...{ halfLoad: 2500, make: () => transaction(sent++, entries) },
};

interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** As fast as answers come; messages are made before the clock starts. */
async function rateOf(server: ServerProcess, load: HttpLoad, kind: Kind): Promise<Rate> {
  const rates: Rate[] = [];
  for (let run = 0; run < 3; run += 1) {
    const bodies = Array.from({ length: kind.requests }, kind.make);
    const before = server.cpuSeconds;
    const { seconds } = await load.closed(kind.connections, () => bodies.pop());
    const amount = kind.requests * kind.each;
    rates.push({ perSecond: amount / seconds, perCpuSecond: amount / (server.cpuSeconds - before) });
  }
  return {
    perSecond: Math.round(Math.max(...rates.map(({ perSecond }) => perSecond))),
    perCpuSecond: Math.round(Math.max(...rates.map(({ perCpuSecond }) => perCpuSecond))),
  };
}

function beside(kind: Kind, lake: Rate, bare: Rate): Figure[] {
  const { name, unit } = kind;
  return [
    { name, value: lake.perSecond, unit: `${unit}/s`, baseline: bare.perSecond },
    { name, value: lake.perCpuSecond, unit: `${unit}/CPU s`, baseline: bare.perCpuSecond },
    { name: `${name}: share of the bare server`, value: share(lake.perSecond, bare.perSecond), unit: '%' },
  ];
}

const share = (one: number, other: number): number => Math.round((one / other) * 100);

async function atHalfLoad(load: HttpLoad, { name, unit, halfLoad, each, make }: Kind): Promise<Figure[]> {
  const made: Load = await load.open(halfLoad / each, 15, make);
  return [0.5, 0.99].map((part) => ({
    name: `${name} at ${halfLoad} ${unit}/s: p${part * 100}`,
    value: Math.round(percentile(made, part)),
    unit: 'ms',
  }));
}

/** Resident memory after each tenth: what a server keeps for each resource would show as a slope. */
async function endurance(lake: ServerProcess, load: HttpLoad): Promise<Figure[]> {
  const memory: number[] = [];
  const step = Math.ceil(resources / 10 / entries);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    let left = step;
    await load.closed(transactions.connections, () => (left-- > 0 ? transactions.make() : undefined));
    memory.push(Math.round(lake.memory));
  }
  const total = step * 10 * entries;
  const most = (tenths: readonly number[]): number => Math.max(...tenths);
  return [
    {
      name: `resident memory in the last half of ${total} resources, beside the first half`,
      ...{ value: most(memory.slice(5)), unit: 'MB', baseline: most(memory.slice(0, 5)) },
    },
  ];
}

export async function run(): Promise<Figure[]> {
  const lake = await BenchLake.start();
  const bare = await ServerProcess.start([
    ...['-r', join(__dirname, '..', '..', 'functions', 'cli', 'typescript.js'), join(__dirname, 'bare-server.ts')],
    join(lake.folder, 'bare.ndjson'),
  ]);
  const observations = lake.load('/Observation', 64);
  const bundles = lake.load('', 8);
  const floor = new HttpLoad({ url: bare.url, token: () => 'none' }, 64);
  const { server } = lake;
  try {
    let warming = 500;
    await observations.closed(16, () => (warming-- > 0 ? singles.make() : undefined));
    return [
      ...beside(singles, await rateOf(server, observations, singles), await rateOf(bare, floor, singles)),
      ...beside(transactions, await rateOf(server, bundles, transactions), await rateOf(bare, floor, transactions)),
      ...(await atHalfLoad(observations, singles)),
      ...(await atHalfLoad(bundles, transactions)),
      ...(await endurance(server, bundles)),
    ];
  } finally {
    for (const load of [observations, bundles, floor]) load.close();
    await Promise.all([lake.stop(), bare.stop()]);
  }
}
