import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HiveBinding } from '../../adapters/bindings';
import { HiveCatalogue } from '../../adapters/hive/hive-catalogue';
import { catalogueContract } from '../contract/catalogue.contract';
import { catalogueFaultsContract } from '../contract/catalogue-faults.contract';
import { refusedAs } from '../contract/object-store-harness';
import { urlsIn } from '../support/given-servers';
import { repeatableRandom } from '../support/repeatable-random';
import { TcpFaultProxy } from '../support/tcp-fault-proxy';
import { contractEndpoints } from './contract-endpoints';
import { hasMetastore, howToGetMetastore, startMetastore } from './hive-metastore/metastore-server';

interface Metastore {
  readonly name: string;
  /** Empty when it is asked for the first time. */
  readonly start: () => Promise<{ readonly binding: HiveBinding; readonly stop: () => Promise<void> }>;
}

const variable = 'LAKE_CONTRACT_HIVE';
const ignore = async (): Promise<void> => undefined;

/** Those that are given, or one of our own. */
function metastores(): readonly Metastore[] {
  if (urlsIn(variable).length === 0 && hasMetastore) return [{ name: 'Hive metastore 4.0.1', start: ownMetastore }];
  return contractEndpoints('Catalogue', 'Hive metastore', variable, howToGetMetastore).map(({ url, name, facts }) => {
    const [curated, marts] = [facts.get('curated'), facts.get('marts')];
    assert.ok(curated !== null && marts !== null, `${variable}: name the folders of both databases (curated=, marts=)`);
    const binding = { kind: 'hive', host: url.hostname, port: Number(url.port || 9083), curated, marts } as const;
    return { name, start: async () => ({ binding, stop: ignore }) };
  });
}

async function ownMetastore() {
  const { host, port, folder, stop } = await startMetastore();
  const at = (zone: string): string => pathToFileURL(join(folder, zone)).href;
  return { binding: { kind: 'hive', host, port, curated: at('curated'), marts: at('marts') } as const, stop };
}

for (const { name, start } of metastores()) {
  let metastore: ReturnType<Metastore['start']> | undefined;
  const started = () => (metastore ??= start());
  after(async () => (await metastore)?.stop());

  catalogueContract(name, async () => {
    const { binding } = await started();
    return { open: async () => new HiveCatalogue(binding), stop: ignore };
  });

  catalogueFaultsContract(name, ['a reset', 'a lost answer'], async () => {
    const { binding } = await started();
    const proxy = new TcpFaultProxy(binding);
    const through = { ...binding, host: '127.0.0.1', port: await proxy.listen(), timeoutMilliseconds: 2500 };
    const random = repeatableRandom(20_261_125);
    return {
      catalogue: new HiveCatalogue(through),
      honest: new HiveCatalogue(binding),
      strike: (fault, at) => {
        let exchanges = 0;
        const struck = fault === 'a lost answer' ? 'answer' : 'request';
        proxy.plan = (direction) => {
          return direction === struck && exchanges++ === at ? 'reset' : 'pass';
        };
        return () => exchanges > at;
      },
      storm: () => {
        proxy.plan = () => (random() < 0.1 ? 'reset' : 'pass');
      },
      silence: () => {
        proxy.plan = () => 'stall';
      },
      calm: () => {
        proxy.plan = () => 'pass';
      },
      stop: () => proxy.close(),
    };
  });

  describe(`A table in ${name}`, () => {
    it('is left alone when it lies elsewhere', async () => {
      const { binding } = await started();
      const table = { database: 'marts', name: 'elsewhere', columns: [{ name: 'id', type: 'string' }] } as const;
      const published = { ...table, partitionColumns: [], tableVersion: 0, updated: '' };
      await new HiveCatalogue(binding).publish(published, ignore);
      const before = await new HiveCatalogue(binding).tables();
      const other = new HiveCatalogue({ ...binding, marts: `${binding.marts}-of-another-lake` });
      await assert.rejects(other.publish({ ...published, tableVersion: 1 }, ignore), refusedAs('InvalidArgument'));
      assert.deepEqual(await other.tables(), before);
    });
  });
}
