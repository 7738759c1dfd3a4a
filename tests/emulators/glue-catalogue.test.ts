import { randomBytes } from 'node:crypto';
import { CreateDatabaseCommand, DeleteDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { clientConfig } from '../../adapters/aws/aws-calls';
import { GlueCatalogue } from '../../adapters/aws/glue-catalogue';
import type { GlueBinding } from '../../adapters/bindings';
import { catalogueContract } from '../contract/catalogue.contract';
import { catalogueFaultsContract } from '../contract/catalogue-faults.contract';
import { type Fault, FaultProxy } from '../support/fault-proxy';
import { repeatableRandom } from '../support/repeatable-random';
import { contractEndpoints } from './contract-endpoints';
import { GlueBeforeMoto } from './glue-before-moto';

const title = 'Glue Data Catalog, moto';

/** Two databases of this run. */
async function start(given: URL) {
  const front = new GlueBeforeMoto(given.origin);
  const origin = await front.listen();
  const credentials = { accessKeyId: given.username, secretAccessKey: given.password };
  const region = 'eu-west-2';
  /** As `openGlue` opens it, with less time where that is asked. */
  const clientAt = (endpoint: string, answerTimeout?: number) => {
    const config = clientConfig({ region, endpoint });
    const timeouts = answerTimeout === undefined ? {} : { requestTimeout: answerTimeout, socketTimeout: answerTimeout };
    return new GlueClient({ ...config, credentials, requestHandler: { ...config.requestHandler, ...timeouts } });
  };
  const client = clientAt(origin);
  const run = randomBytes(4).toString('hex');
  const binding: GlueBinding = {
    kind: 'glue',
    region,
    endpoint: origin,
    curatedDatabase: `lake_${run}_curated`,
    martsDatabase: `lake_${run}_marts`,
    curated: 's3://curated',
    marts: 's3://marts',
  };
  const names = [binding.curatedDatabase, binding.martsDatabase];
  for (const Name of names) await client.send(new CreateDatabaseCommand({ DatabaseInput: { Name } }));
  return {
    origin,
    openAt: (endpoint: string, answerTimeout?: number) => new GlueCatalogue(clientAt(endpoint, answerTimeout), binding),
    stop: async () => {
      for (const Name of names) await client.send(new DeleteDatabaseCommand({ Name }));
      client.destroy();
      await front.close();
    },
  };
}

const pass: Fault = { kind: 'pass' };
const faults: Readonly<Record<string, Fault>> = {
  'a reset': { kind: 'reset' },
  'a reset in the middle of the body': { kind: 'resetMidRequest' },
  'a lost answer': { kind: 'answerLost' },
  'a truncated answer': { kind: 'truncated' },
  'no answer in time': { kind: 'silent' },
  'a slow answer': { kind: 'pass', delay: 150 },
  'a 503 with Retry-After': { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
  'a 429 with Retry-After': { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
};

for (const { url } of contractEndpoints('Catalogue', title, 'LAKE_CONTRACT_AWS')) {
  catalogueContract(title, async () => {
    const { origin, openAt, stop } = await start(url);
    return { open: async () => openAt(origin), stop };
  });
  catalogueFaultsContract(title, Object.keys(faults), async () => {
    const { origin, openAt, stop } = await start(url);
    const proxy = new FaultProxy(new URL(origin));
    const random = repeatableRandom(20_261_124);
    return {
      catalogue: openAt(await proxy.listen(), 400),
      honest: openAt(origin),
      strike: (fault, at) => {
        proxy.plan = (index) => (index === at ? faults[fault]! : pass);
        return () => proxy.requests > at;
      },
      storm: () => {
        const kinds = ['reset', 'answerLost', 'truncated', 'resetMidRequest'] as const;
        proxy.plan = () => (random() < 0.2 ? { kind: kinds[Math.floor(random() * kinds.length)]! } : pass);
      },
      silence: () => {
        proxy.plan = () => ({ kind: 'silent' });
      },
      calm: () => {
        proxy.plan = () => pass;
      },
      expire: () => {
        const headers = { 'content-type': 'application/x-amz-json-1.1' };
        const body = '{"__type":"ExpiredTokenException","message":"The security token is expired"}';
        proxy.plan = () => ({ kind: 'answer', status: 400, headers, body });
        return () => proxy.requests;
      },
      stop: async () => {
        await proxy.close();
        await stop();
      },
    };
  });
}
