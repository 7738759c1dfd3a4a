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
 * on the same cores; and what each request costs of CPU, in ingest and in the servers. Needs LAKE_CONTRACT_S3,
 * LAKE_CONTRACT_POSTGRES and LAKE_CONTRACT_OPENBAO on this machine, best with nobody else using them.
 */
const servers = ['versitygw', 'postgres', 'bao'];
const entries = 100;
const ods = 'L99002';
const rounds = 4;

/** Of the best of several rounds each. */
interface Rate {
  readonly perSecond: number;
  /** Microseconds of CPU for each request or resource: of ingest, and of all the servers. */
  readonly ingest: number;
  readonly servers: number;
}

interface Rates {
  readonly singles: Rate;
  readonly inTransactions: Rate;
}

let sent = 0;

async function ratesOver(home: KnativeHome): Promise<Rates> {
  const environment = { ...home.environment, LAKE_REQUESTS_PER_MINUTE: '999999' };
  const lake = await KnativeLake.start({ ...home, environment });
  const credentials = await lake.register(ods, ['system/*.cu']);
  const { access_token: token } = await fetchToken(credentials, lake.tokenUrl);
  const single = new HttpLoad({ url: `${lake.baseUrl}/Observation`, token: () => token }, 64);
  const bundle = new HttpLoad({ url: lake.baseUrl, token: () => token }, 8);
  const cpu = () => [cpuSecondsOf(lake.pidOf('ingest')), cpuSecondsOfPrograms(servers)] as const;
  /** The best of several rounds, the first of which warms up. */
  const best = async (load: HttpLoad, connections: number, requests: number, each: number, make: () => string) => {
    let found: Rate = { perSecond: 0, ingest: Number.POSITIVE_INFINITY, servers: Number.POSITIVE_INFINITY };
    const items = requests * each;
    for (let round = 0; round <= rounds; round += 1) {
      const bodies = Array.from({ length: requests }, make);
      const before = cpu();
      const { seconds } = await load.closed(connections, () => bodies.pop());
      const after = cpu();
      if (round === 0) continue;
      found = {
        perSecond: Math.max(found.perSecond, Math.round(items / seconds)),
        ingest: Math.min(found.ingest, Math.round(((after[0] - before[0]) * 1e6) / items)),
        servers: Math.min(found.servers, Math.round(((after[1] - before[1]) * 1e6) / items)),
      };
    }
    return found;
  };
  try {
    return {
      singles: await best(single, 64, 1500, 1, () => JSON.stringify(observation(sent++))),
      inTransactions: await best(bundle, 4, 40, entries, () => transaction(sent++, entries)),
    };
  } finally {
    single.close();
    bundle.close();
    await lake.stop();
  }
}

export async function run(): Promise<Figure[]> {
  const given = givenServers(...homeServers);
  if (typeof given === 'string') {
    console.log(`Not run: ${given}`);
    return [];
  }
  const volume = await ratesOver(await volumeHome());
  const remote = await ratesOver(await serverHome(given));
  const figures = (what: string, unit: string, over: Rate, local: Rate): Figure[] => [
    { name: `${what} over servers`, value: over.perSecond, unit: `${unit}s/s`, baseline: local.perSecond },
    { name: `${what}: share of one volume`, value: Math.round((over.perSecond / local.perSecond) * 100), unit: '%' },
    { name: `${what}: CPU of ingest`, value: over.ingest, unit: `µs/${unit}`, baseline: local.ingest },
    { name: `${what}: CPU of the servers`, value: over.servers, unit: `µs/${unit}` },
  ];
  return [
    ...figures('single creates', 'request', remote.singles, volume.singles),
    ...figures(`transactions of ${entries}`, 'resource', remote.inTransactions, volume.inTransactions),
  ];
}
