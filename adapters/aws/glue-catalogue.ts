import {
  CreateTableCommand,
  GetTableCommand,
  type GlueClient,
  paginateGetTables,
  type Table,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import type { GlueBinding } from '../bindings';
import {
  type Announce,
  type Catalogue,
  type CatalogueTable,
  catalogueDatabases,
  type PublishedTable,
} from '../ports/catalogue';
import { isLakeError, LakeError } from '../ports/errors';
import { hiveType } from '../shared/hive-type';
import { AwsCalls } from './aws-calls';

/** What the lake keeps of a table beside what engines need, in one parameter of it. */
interface LakeEntry
  extends Pick<CatalogueTable, 'columns' | 'partitionColumns' | 'schemaVersion' | 'tableVersion' | 'updated'> {
  /** Version of the schema that was announced last. */
  readonly announced: number;
}

const entryParameter = 'lake.entry';
/** Others may publish the same table at once; each of them loses a round to one that got through. */
const mostRounds = 64;

/**
 * Catalogue in the Glue Data Catalog, where Athena, Spark and Redshift find tables: each is registered as an external table of
 * Delta, and what the port promises beside stands in a parameter. The databases are the stack's to make. A table is replaced only
 * as the version that was read (`UpdateTable`, `VersionId`), so that no publication is lost to another.
 */
export class GlueCatalogue implements Catalogue {
  readonly #client: GlueClient;
  readonly #binding: GlueBinding;
  readonly #calls = new AwsCalls({
    NotFound: 'The catalogue has no such database. Deploy the stack, which makes it.',
    PermissionDenied: 'The role of this function may not do that in the catalogue. Check the grants of its manifest.',
    Unavailable: 'The catalogue is not reachable, or does too much already. Repeat later.',
  });

  constructor(client: GlueClient, binding: GlueBinding) {
    this.#client = client;
    this.#binding = binding;
  }

  async publish(table: PublishedTable, announce: Announce): Promise<void> {
    const { columns, partitionColumns, tableVersion, updated } = table;
    const { schemaVersion, announced } = await this.#change(table, (before) => {
      const isSame =
        before !== undefined &&
        JSON.stringify([before.columns, before.partitionColumns]) === JSON.stringify([columns, partitionColumns]);
      return {
        ...{ columns, partitionColumns, tableVersion, updated },
        schemaVersion: (before?.schemaVersion ?? 0) + (isSame ? 0 : 1),
        announced: before?.announced ?? 0,
      };
    });
    if (announced >= schemaVersion) return;
    await announce({ database: table.database, name: table.name, schemaVersion });
    await this.#change(table, (now) => {
      if (now === undefined) throw new LakeError('NotFound', 'The table was dropped while it was published.');
      return { ...now, announced: Math.max(now.announced, schemaVersion) };
    });
  }

  async tables(): Promise<readonly CatalogueTable[]> {
    const found: CatalogueTable[] = [];
    for (const database of catalogueDatabases) {
      const listed = await this.#calls.repeat(async ({ abortSignal }) => {
        const all: Table[] = [];
        const pages = paginateGetTables(
          { client: this.#client },
          { DatabaseName: this.#nameOf(database) },
          { abortSignal },
        );
        for await (const { TableList = [] } of pages) all.push(...TableList);
        return all;
      });
      for (const table of listed) {
        const entry = entryOf(table);
        if (entry === undefined) continue;
        const { announced: _, ...rest } = entry;
        found.push({ database, name: table.Name ?? '', ...rest });
      }
    }
    return found.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  }

  #nameOf(database: PublishedTable['database']): string {
    return database === 'curated' ? this.#binding.curatedDatabase : this.#binding.martsDatabase;
  }

  /**
   * Writes what `make` makes of the entry, unless another wrote meanwhile: then once more. A repeat of a write whose answer was
   * lost is refused as another's, and finds its own entry in the next round.
   */
  async #change(table: PublishedTable, make: (before: LakeEntry | undefined) => LakeEntry): Promise<LakeEntry> {
    const DatabaseName = this.#nameOf(table.database);
    for (let round = 0; round < mostRounds; round += 1) {
      const found = await this.#find(DatabaseName, table.name);
      const before = found === undefined ? undefined : entryOf(found);
      const entry = make(before);
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(entry)) return entry;
      const TableInput = this.#deltaTable(table, found, entry);
      try {
        if (found === undefined)
          await this.#calls.repeat((options) =>
            this.#client.send(new CreateTableCommand({ DatabaseName, TableInput }), options),
          );
        else
          await this.#calls.repeat((options) =>
            this.#client.send(
              new UpdateTableCommand({ DatabaseName, TableInput, VersionId: found.VersionId, SkipArchive: true }),
              options,
            ),
          );
        return entry;
      } catch (error) {
        if (!isLakeError(error, 'AlreadyExists') && !isLakeError(error, 'PreconditionFailed')) throw error;
      }
    }
    throw new LakeError('Unavailable', 'Too many publish this table at once. Publish it again later.');
  }

  async #find(DatabaseName: string, Name: string): Promise<Table | undefined> {
    try {
      const { Table: found } = await this.#calls.repeat((options) =>
        this.#client.send(new GetTableCommand({ DatabaseName, Name }), options),
      );
      return found;
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /**
   * As Athena and Spark know a Delta table: external, the provider in its parameters, its folder as location.
   *
   * @throws LakeError `InvalidArgument` when the name is taken by a table elsewhere.
   */
  #deltaTable({ database, name, columns }: PublishedTable, found: Table | undefined, entry: LakeEntry): TableInput {
    const location = `${this.#binding[database]}/${name}/`;
    const before = found?.StorageDescriptor?.Location;
    if (before !== undefined && before !== location)
      throw new LakeError(
        'InvalidArgument',
        'The catalogue has a table of that name which lies elsewhere. Drop it there, or give this lake databases of its own.',
      );
    return {
      Name: name,
      TableType: 'EXTERNAL_TABLE',
      Parameters: {
        ...found?.Parameters,
        EXTERNAL: 'TRUE',
        classification: 'delta',
        table_type: 'DELTA',
        'spark.sql.sources.provider': 'delta',
        [entryParameter]: JSON.stringify(entry),
      },
      StorageDescriptor: {
        Location: location,
        Columns: columns.map((column) => ({ Name: column.name, Type: hiveType(column.type) })),
        SerdeInfo: {
          SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
          Parameters: { path: location },
        },
      },
    };
  }
}

const keyOf = ({ database, name }: CatalogueTable): string => `${database}.${name}`;

/** Undefined when the table is not of a lake. */
function entryOf({ Parameters }: Table): LakeEntry | undefined {
  const text = Parameters?.[entryParameter];
  return text === undefined ? undefined : (JSON.parse(text) as LakeEntry);
}
