import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BenchLake } from './bench-lake';
import type { Figure } from './figure';
import { HttpLoad } from './http-load';
import { transaction } from './ingest-messages';
import { ServerProcess } from './server-process';

/** Where HAPI's JPA server lies once `hapi-jpa/run` of the shared tools has built it: classes in `cls`, jars in `lib`. */
const home = process.env.HAPI_JPA_HOME ?? join(homedir(), '.cache', 'hapi-jpa');
const port = 18_490;
const entries = 100;

interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

/** The best of three runs of 40 transactions, two at a time, after as many to warm up. */
async function rateOf(server: ServerProcess, load: HttpLoad): Promise<Rate> {
  const rates: Rate[] = [];
  for (let run = 0; run < 4; run += 1) {
    const bodies = Array.from({ length: 40 }, (_, index) => transaction(run * 40 + index, entries));
    const before = server.cpuSeconds;
    const { seconds } = await load.closed(2, () => bodies.pop());
    const cpu = server.cpuSeconds - before;
    if (run > 0) rates.push({ perSecond: (40 * entries) / seconds, perCpuSecond: (40 * entries) / cpu });
  }
  const best = (of: (rate: Rate) => number): number => Math.round(Math.max(...rates.map(of)));
  return { perSecond: best((rate) => rate.perSecond), perCpuSecond: best((rate) => rate.perCpuSecond) };
}

/** The same transactions to the lake (durable, validated, split, encrypted) and to HAPI's JPA server (in memory, unchecked). */
export async function run(): Promise<Figure[]> {
  if (!existsSync(join(home, 'cls', 'JpaMain.class'))) {
    console.log(
      'skipped: no HAPI JPA server here. Run hapi-jpa/run of the shared tools once; HAPI_JPA_HOME names its place.',
    );
    return [];
  }
  const java = ['-Xmx3g', '-cp', `${home}/cls:${home}/lib/*`, 'JpaMain', String(port)];
  const hapi = await ServerProcess.startAt(`http://127.0.0.1:${port}/fhir/metadata`, 'java', java);
  const lake = await BenchLake.start();
  const loads = [
    new HttpLoad({ url: `http://127.0.0.1:${port}/fhir`, token: () => 'none' }, 2),
    lake.load('', 2),
  ] as const;
  try {
    const theirs = await rateOf(hapi, loads[0]);
    const ours = await rateOf(lake.server, loads[1]);
    const name = `transactions of ${entries}, beside HAPI JPA on H2 in memory`;
    return [
      { name, value: ours.perSecond, unit: 'resources/s', baseline: theirs.perSecond },
      { name, value: ours.perCpuSecond, unit: 'resources/CPU s', baseline: theirs.perCpuSecond },
      {
        name: 'the lake for one of HAPI, by CPU',
        value: Math.round((ours.perCpuSecond / theirs.perCpuSecond) * 10) / 10,
        unit: 'times',
        baseline: 10,
      },
    ];
  } finally {
    for (const load of loads) load.close();
    await Promise.all([lake.stop(), hapi.stop()]);
  }
}
