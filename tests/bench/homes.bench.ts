import { fetchToken } from '../../functions/provider-access/client-assertion';
import { homeServers, serverHome } from '../emulators/server-home';
import { givenServers } from '../support/given-servers';
import { type KnativeHome, KnativeLake } from '../support/knative-lake';
import { volumeHome } from '../support/volume-home';
import type { Figure } from './figure';
import { HttpLoad } from './http-load';
import { observation, transaction } from './ingest-messages';
import { cpuSecondsOf, cpuSecondsOfPrograms } from './process-cpu';

/**
 * Issue 5: what ingest takes over S3, PostgreSQL and OpenBao beside the same function over one volume (bar: half), the servers
 * on the same cores; and what each request costs of CPU, in ingest and in each server. Ingest and its issuer alone run, as their
 * pods do; the homes take turns, so that both meet the same machine. Needs LAKE_CONTRACT_S3, LAKE_CONTRACT_POSTGRES and
 * LAKE_CONTRACT_OPENBAO on this machine, best with nobody else using them.
 */
const entries = 100;
const ods = 'L99002';
const rounds = 4;

/** Whose CPU is counted beside that of ingest, by the names of their programs. */
const servers = { PostgreSQL: 'postgres', versitygw: 'versitygw', OpenBao: 'bao' } as const;

interface Kind {
  readonly name: string;
  readonly unit: string;
  readonly connections: number;
  readonly requests: number;
  readonly each: number;
  readonly make: () => string;
}

let sent = 0;
const singles: Kind = {
  ...{ name: 'single creates', unit: 'request', connections: 64, requests: 1500, each: 1 },
  make: () => JSON.stringify(observation(sent++)),
};
const transactions: Kind = {
  ...{ name: `transactions of ${entries}`, unit: 'resource', connections: 4, requests: 40, each: entries },
  make: () => transaction(sent++, entries),
};

/** Of the best of several rounds each: a second, and microseconds of CPU for each request or resource. */
type Rate = Record<'perSecond' | 'ingest' | keyof typeof servers, number>;

class BenchedHome {
  readonly #lake: KnativeLake;
  readonly #token: string;
  readonly best = new Map<Kind, Rate>();

  private constructor(lake: KnativeLake, token: string) {
    this.#lake = lake;
    this.#token = token;
  }

  static async start(home: KnativeHome): Promise<BenchedHome> {
    const environment = { ...home.environment, LAKE_REQUESTS_PER_MINUTE: '999999' };
    const serves: KnativeHome['serves'] = ({ name }) => name === 'ingest' || name === 'provider-access';
    const lake = await KnativeLake.start({ ...home, environment, serves });
    const credentials = await lake.register(ods, ['system/*.cu']);
    return new BenchedHome(lake, (await fetchToken(credentials, lake.tokenUrl)).access_token);
  }

  /** One round; the first warms up and does not count. */
  async run(kind: Kind, counts: boolean): Promise<void> {
    const { connections, requests, each, make } = kind;
    const url = kind === singles ? `${this.#lake.baseUrl}/Observation` : this.#lake.baseUrl;
    const load = new HttpLoad({ url, token: () => this.#token }, connections);
    const bodies = Array.from({ length: requests }, make);
    const before = this.#cpu();
    const { seconds } = await load.closed(connections, () => bodies.pop());
    const after = this.#cpu();
    load.close();
    if (!counts) return;
    const items = requests * each;
    const best = this.best.get(kind);
    const least = (name: keyof typeof after): number =>
      Math.min(best?.[name] ?? Number.POSITIVE_INFINITY, Math.round(((after[name] - before[name]) * 1e6) / items));
    this.best.set(kind, {
      perSecond: Math.max(best?.perSecond ?? 0, Math.round(items / seconds)),
      ...{ ingest: least('ingest'), PostgreSQL: least('PostgreSQL') },
      ...{ versitygw: least('versitygw'), OpenBao: least('OpenBao') },
    });
  }

  stop(): Promise<void> {
    return this.#lake.stop();
  }

  #cpu() {
    const { PostgreSQL, versitygw, OpenBao } = servers;
    return {
      ingest: cpuSecondsOf(this.#lake.pidOf('ingest')),
      PostgreSQL: cpuSecondsOfPrograms([PostgreSQL]),
      versitygw: cpuSecondsOfPrograms([versitygw]),
      OpenBao: cpuSecondsOfPrograms([OpenBao]),
    };
  }
}

function figures({ name, unit }: Kind, over: Rate, local: Rate): Figure[] {
  return [
    { name: `${name} over servers`, value: over.perSecond, unit: `${unit}s/s`, baseline: local.perSecond },
    { name: `${name}: share of one volume`, value: Math.round((over.perSecond / local.perSecond) * 100), unit: '%' },
    { name: `${name}: CPU of ingest`, value: over.ingest, unit: `µs/${unit}`, baseline: local.ingest },
    ...(Object.keys(servers) as (keyof typeof servers)[]).map((server) => ({
      ...{ name: `${name}: CPU of ${server}`, value: over[server], unit: `µs/${unit}` },
    })),
  ];
}

export async function run(): Promise<Figure[]> {
  const given = givenServers(...homeServers);
  if (typeof given === 'string') {
    console.log(`Not run: ${given}`);
    return [];
  }
  const volume = await BenchedHome.start(await volumeHome());
  const remote = await BenchedHome.start(await serverHome(given));
  try {
    for (const kind of [singles, transactions])
      for (let round = 0; round <= rounds; round += 1)
        for (const home of round % 2 === 0 ? [volume, remote] : [remote, volume]) await home.run(kind, round > 0);
  } finally {
    await Promise.all([volume.stop(), remote.stop()]);
  }
  return [singles, transactions].flatMap((kind) => figures(kind, remote.best.get(kind)!, volume.best.get(kind)!));
}
