import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HiveBinding } from '../../adapters/bindings';
import { HiveCatalogue } from '../../adapters/hive/hive-catalogue';
import { catalogueContract } from '../contract/catalogue.contract';
import { refusedAs } from '../contract/object-store-harness';
import { freePort } from '../support/loopback-server';
import {
  hasMetastore,
  howToGetMetastore,
  type MetastoreServer,
  startMetastore,
} from './hive-metastore/metastore-server';

const bindingOf = ({ host, port, folder }: MetastoreServer): HiveBinding => ({
  kind: 'hive',
  host,
  port,
  curated: pathToFileURL(join(folder, 'curated')).href,
  marts: pathToFileURL(join(folder, 'marts')).href,
});

const title = 'Hive metastore 4.0.1';
if (hasMetastore)
  catalogueContract(title, async () => {
    const server = await startMetastore();
    return { open: async () => new HiveCatalogue(bindingOf(server)), stop: server.stop };
  });
else
  describe(`Catalogue: ${title}`, () => {
    it(`not run: ${howToGetMetastore}`, function () {
      this.skip();
    });
  });

describe('A Hive catalogue', () => {
  const columns = [{ name: 'id', type: 'string' }];
  const table = {
    database: 'marts',
    name: 'one',
    columns,
    partitionColumns: [],
    tableVersion: 0,
    updated: '',
  } as const;
  const ignore = async (): Promise<void> => undefined;

  it('is unavailable while no metastore answers', async () => {
    const nowhere = { host: '127.0.0.1', port: await freePort(), folder: '/nowhere', stop: ignore };
    const catalogue = new HiveCatalogue(bindingOf(nowhere));
    await assert.rejects(catalogue.publish(table, ignore), refusedAs('Unavailable'));
    await assert.rejects(catalogue.tables(), refusedAs('Unavailable'));
  });

  it('leaves a table of that name alone that lies elsewhere', async function () {
    if (!hasMetastore) this.skip();
    const server = await startMetastore();
    try {
      const binding = bindingOf(server);
      await new HiveCatalogue(binding).publish(table, ignore);
      const other = new HiveCatalogue({ ...binding, marts: `${binding.marts}-of-another-lake` });
      await assert.rejects(other.publish(table, ignore), refusedAs('InvalidArgument'));
      assert.equal((await other.tables()).length, 1);
    } finally {
      await server.stop();
    }
  });
});
