import { fetchToken } from '../../functions/provider-access/client-assertion';
import { serverHome } from '../emulators/server-home';
import { type KnativeHome, KnativeLake } from '../support/knative-lake';
import { volumeHome } from '../support/volume-home';
import type { Figure } from './figure';
import { HttpLoad } from './http-load';
import { observation, transaction } from './ingest-messages';

/**
 * Issue 5: what ingest takes over S3, PostgreSQL and OpenBao beside the same function over one volume (bar: half), the servers
 * on the same cores. Needs LAKE_CONTRACT_S3, LAKE_CONTRACT_POSTGRES and LAKE_CONTRACT_OPENBAO.
 */
const entries = 100;
const ods = 'L99002';
const rounds = 4;

interface Rates {
  readonly singles: number;
  readonly inTransactions: number;
}

let sent = 0;

async function ratesOver(home: KnativeHome): Promise<Rates> {
  const environment = { ...home.environment, LAKE_REQUESTS_PER_MINUTE: '999999' };
  const lake = await KnativeLake.start({ ...home, environment });
  const credentials = await lake.register(ods, ['system/*.cu']);
  const { access_token: token } = await fetchToken(credentials, lake.tokenUrl);
  const single = new HttpLoad({ url: `${lake.baseUrl}/Observation`, token: () => token }, 64);
  const bundle = new HttpLoad({ url: lake.baseUrl, token: () => token }, 8);
  /** The best of several rounds, the first of which warms up. */
  const best = async (load: HttpLoad, connections: number, requests: number, each: number, make: () => string) => {
    let most = 0;
    for (let round = 0; round <= rounds; round += 1) {
      const bodies = Array.from({ length: requests }, make);
      const { seconds } = await load.closed(connections, () => bodies.pop());
      if (round > 0) most = Math.max(most, (requests * each) / seconds);
    }
    return Math.round(most);
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
  const [s3] = (process.env.LAKE_CONTRACT_S3 ?? '').split(',');
  const { LAKE_CONTRACT_POSTGRES: postgres, LAKE_CONTRACT_OPENBAO: openbao } = process.env;
  if (!s3 || postgres === undefined || openbao === undefined) {
    console.log('Not run: set LAKE_CONTRACT_S3, LAKE_CONTRACT_POSTGRES and LAKE_CONTRACT_OPENBAO.');
    return [];
  }
  const volume = await ratesOver(await volumeHome());
  const servers = await ratesOver(await serverHome(new URL(s3), new URL(postgres), new URL(openbao)));
  const share = (one: number, other: number): number => Math.round((one / other) * 100);
  return [
    { name: 'single creates over servers', value: servers.singles, unit: 'requests/s', baseline: volume.singles },
    {
      ...{ name: `transactions of ${entries} over servers`, unit: 'resources/s' },
      ...{ value: servers.inTransactions, baseline: volume.inTransactions },
    },
    { name: 'single creates: share of one volume', value: share(servers.singles, volume.singles), unit: '%' },
    {
      name: `transactions of ${entries}: share of one volume`,
      value: share(servers.inTransactions, volume.inTransactions),
      unit: '%',
    },
  ];
}
