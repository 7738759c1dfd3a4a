import type { HiveBinding } from '../bindings';
import {
  type Announce,
  type Catalogue,
  type CatalogueTable,
  catalogueDatabases,
  type PublishedTable,
} from '../ports/catalogue';
import { isLakeError, LakeError } from '../ports/errors';
import { Retry } from '../shared/retry';
import { deltaTable, entryOf, type LakeEntry, withEntry } from './delta-registration';
import type { HiveTable } from './metastore-calls';
import { type MetastoreAddress, MetastoreClient } from './metastore-client';

/** Others may publish the same table at once; each of them loses a round to one that got through. */
const mostRounds = 64;
/** A try ends by the silence that the client allows: a publication under contention has many calls. */
const retries = { attempts: 4, firstPause: 200, attemptTimeout: 120_000, deadline: 120_000 };

/**
 * Catalogue in a Hive metastore, where Trino and Spark find tables: each is registered as an external table of Delta, as those
 * engines register one themselves, and what the port promises beside stands in its parameters. Needs Hive 4.0 or later, whose
 * `alter_table` can be conditional.
 */
export class HiveCatalogue implements Catalogue {
  readonly #binding: HiveBinding & MetastoreAddress;
  readonly #retry = new Retry(retries);

  constructor(binding: HiveBinding & MetastoreAddress) {
    this.#binding = binding;
  }

  publish(table: PublishedTable, announce: Announce): Promise<void> {
    return this.#talk(async (client) => {
      const entry = await this.#put(client, table);
      const { schemaVersion } = entry;
      if (entry.announced >= schemaVersion) return;
      await announce({ database: table.database, name: table.name, schemaVersion });
      await this.#change(client, table, (found) => {
        const now = found && entryOf(found);
        if (found === undefined || now === undefined || now.announced >= schemaVersion) return undefined;
        return withEntry(found, { ...now, announced: schemaVersion });
      });
    });
  }

  tables(): Promise<readonly CatalogueTable[]> {
    return this.#talk(async (client) => {
      const found: CatalogueTable[] = [];
      for (const dbName of catalogueDatabases) {
        const tblNames = (await client.call('get_all_tables', { db_name: dbName })) as readonly string[];
        if (tblNames.length === 0) continue;
        const { tables } = (await client.call('get_table_objects_by_name_req', { req: { dbName, tblNames } })) as {
          readonly tables: readonly HiveTable[];
        };
        for (const table of tables) {
          const entry = entryOf(table);
          if (entry === undefined) continue;
          const { announced: _, revision: __, ...rest } = entry;
          found.push({ database: dbName, name: table.tableName, ...rest });
        }
      }
      return found.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
    });
  }

  /** All of it again when a connection fails: whatever was written is found, and changed no further. */
  #talk<Result>(work: (client: MetastoreClient) => Promise<Result>): Promise<Result> {
    return this.#retry.run(() => MetastoreClient.with(this.#binding, work));
  }

  async #put(client: MetastoreClient, table: PublishedTable): Promise<LakeEntry> {
    const { columns, partitionColumns, tableVersion, updated } = table;
    const changed = await this.#change(client, table, (found) => {
      const before = found && entryOf(found);
      const isSame =
        before !== undefined &&
        JSON.stringify([before.columns, before.partitionColumns]) === JSON.stringify([columns, partitionColumns]);
      return deltaTable(table, this.#binding[table.database], found, {
        columns,
        partitionColumns,
        tableVersion,
        updated,
        schemaVersion: (before?.schemaVersion ?? 0) + (isSame ? 0 : 1),
        announced: before?.announced ?? 0,
        revision: before?.revision ?? 0,
      });
    });
    return entryOf(changed as HiveTable) as LakeEntry;
  }

  /** Replaces a table by what `make` makes of it, unless another did meanwhile: then once more. */
  async #change(
    client: MetastoreClient,
    { database, name }: PublishedTable,
    make: (found: HiveTable | undefined) => HiveTable | undefined,
  ): Promise<HiveTable | undefined> {
    for (let round = 0; round < mostRounds; round += 1) {
      const found = await find(client, database, name);
      const table = make(found);
      if (table === undefined) return undefined;
      try {
        if (found === undefined) await this.#create(client, table);
        else await replace(client, table, entryOf(found)?.revision);
        return table;
      } catch (error) {
        // Two that create it at once: the metastore tells the second one about a key of its own database.
        const wasBeaten =
          found === undefined
            ? (await find(client, database, name)) !== undefined
            : isLakeError(error, 'PreconditionFailed');
        if (!wasBeaten) throw error;
      }
    }
    throw new LakeError('Unavailable', 'Too many publish this table at once. Publish it again later.');
  }

  async #create(client: MetastoreClient, tbl: HiveTable): Promise<void> {
    try {
      await client.call('create_table', { tbl });
    } catch (error) {
      // Hive 4 tells of a database that is not there as an object that is not valid.
      if (!isLakeError(error, 'NotFound') && !isLakeError(error, 'InvalidArgument')) throw error;
      if (!(await this.#createDatabase(client, tbl.dbName))) throw error;
      await client.call('create_table', { tbl });
    }
  }

  /** False when it was there. */
  async #createDatabase(client: MetastoreClient, name: string): Promise<boolean> {
    const locationUri = `${this.#binding[name as PublishedTable['database']]}/`;
    try {
      await client.call('create_database', {
        database: { name, description: `The ${name} zone of a data lake`, locationUri, parameters: {} },
      });
      return true;
    } catch (error) {
      if (isLakeError(error, 'AlreadyExists')) return false;
      throw error;
    }
  }
}

const keyOf = ({ database, name }: CatalogueTable): string => `${database}.${name}`;

async function find(client: MetastoreClient, dbName: string, tblName: string): Promise<HiveTable | undefined> {
  try {
    const { table } = (await client.call('get_table_req', { req: { dbName, tblName } })) as { table: HiveTable };
    return table;
  } catch (error) {
    if (isLakeError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function replace(client: MetastoreClient, table: HiveTable, revision: number | undefined): Promise<void> {
  const expected =
    revision === undefined
      ? {}
      : { expected_parameter_key: 'lake.revision', expected_parameter_value: String(revision) };
  await client.call('alter_table_with_environment_context', {
    dbname: table.dbName,
    tbl_name: table.tableName,
    new_tbl: table,
    environment_context: { properties: expected },
  });
}
