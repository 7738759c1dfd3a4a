import type { Catalogue, CatalogueDatabase, CatalogueTable } from '../../adapters/ports/catalogue';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { defineStateStore } from '../state-store';

interface Row {
  readonly database_name: CatalogueDatabase;
  readonly table_name: string;
  readonly columns: string;
  readonly partition_columns: string;
  readonly schema_version: number;
  readonly announced_version: number;
  readonly table_version: number;
  readonly updated: string;
}

/** The catalogue that a lake keeps in its own state database, where no metastore is. */
export const catalogueStore = defineStateStore<Catalogue>({
  name: 'catalogue',
  database: 'lake',
  migrations: [
    {
      id: 'catalogue-0001-tables',
      statements: [
        `CREATE TABLE catalogue_table (
           database_name TEXT NOT NULL, table_name TEXT NOT NULL, columns TEXT NOT NULL, schema_version INTEGER NOT NULL,
           table_version INTEGER NOT NULL, updated TEXT NOT NULL, PRIMARY KEY (database_name, table_name))`,
      ],
    },
    {
      id: 'catalogue-0002-partitions-and-announcements',
      statements: [
        "ALTER TABLE catalogue_table ADD COLUMN partition_columns TEXT NOT NULL DEFAULT '[]'",
        'ALTER TABLE catalogue_table ADD COLUMN announced_version INTEGER NOT NULL DEFAULT 0',
      ],
    },
  ],
  grants: {
    publish: [
      { table: 'catalogue_table', privilege: 'SELECT' },
      { table: 'catalogue_table', privilege: 'INSERT' },
      { table: 'catalogue_table', privilege: 'UPDATE' },
    ],
    tables: [{ table: 'catalogue_table', privilege: 'SELECT' }],
  },
  open: (database) => ({
    publish: async (table, announce) => {
      const { schemaVersion, announced } = await put(database, table);
      if (announced >= schemaVersion) return;
      const { database: databaseName, name } = table;
      await announce({ database: databaseName, name, schemaVersion });
      // Whoever announced a later one meanwhile has the last word.
      await database.transaction((tx) =>
        tx.run(
          `UPDATE catalogue_table SET announced_version = ?
           WHERE database_name = ? AND table_name = ? AND announced_version < ?`,
          [schemaVersion, databaseName, name, schemaVersion],
        ),
      );
    },
    tables: () =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<Row>('SELECT * FROM catalogue_table ORDER BY database_name, table_name');
        return rows.map((row) => ({
          database: row.database_name,
          name: row.table_name,
          columns: JSON.parse(row.columns) as CatalogueTable['columns'],
          partitionColumns: JSON.parse(row.partition_columns) as string[],
          schemaVersion: row.schema_version,
          tableVersion: row.table_version,
          updated: row.updated,
        }));
      }),
  }),
});

function put(
  database: StateDatabase,
  {
    database: databaseName,
    name,
    columns,
    partitionColumns,
    tableVersion,
    updated,
  }: Parameters<Catalogue['publish']>[0],
): Promise<{ readonly schemaVersion: number; readonly announced: number }> {
  const schema = [JSON.stringify(columns), JSON.stringify(partitionColumns)] as const;
  return database.transaction(async (tx) => {
    const [row] = await tx.query<Row>('SELECT * FROM catalogue_table WHERE database_name = ? AND table_name = ?', [
      databaseName,
      name,
    ]);
    const changed = row?.columns !== schema[0] || row.partition_columns !== schema[1];
    const schemaVersion = (row?.schema_version ?? 0) + (changed ? 1 : 0);
    await tx.run(
      `INSERT INTO catalogue_table
         (database_name, table_name, columns, partition_columns, schema_version, table_version, updated)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (database_name, table_name) DO UPDATE SET columns = excluded.columns,
         partition_columns = excluded.partition_columns, schema_version = excluded.schema_version,
         table_version = excluded.table_version, updated = excluded.updated`,
      [databaseName, name, ...schema, schemaVersion, tableVersion, updated],
    );
    return { schemaVersion, announced: row?.announced_version ?? 0 };
  });
}
