import { defineStateStore } from '../state-store';

export interface CatalogueColumn {
  readonly name: string;
  /** Delta type as it stands in the schema of the table. */
  readonly type: string;
}

export interface CatalogueTable {
  readonly database: 'curated' | 'marts';
  readonly name: string;
  readonly columns: readonly CatalogueColumn[];
  /** Counts up whenever the columns change. */
  readonly schemaVersion: number;
  /** Version of the Delta table that was last published. */
  readonly tableVersion: number;
  readonly updated: string;
}

export interface Catalogue {
  /** Publishes a version of a table; true when its columns changed. */
  publish(table: Omit<CatalogueTable, 'schemaVersion'>): Promise<boolean>;
  tables(): Promise<readonly CatalogueTable[]>;
}

interface Row {
  readonly database_name: 'curated' | 'marts';
  readonly table_name: string;
  readonly columns: string;
  readonly schema_version: number;
  readonly table_version: number;
  readonly updated: string;
}

/** The catalogue of one machine: which tables there are, with which columns, since when. */
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
    publish: ({ database: name, name: table, columns, tableVersion, updated }) =>
      database.transaction(async (tx) => {
        const text = JSON.stringify(columns);
        const [row] = await tx.query<Row>('SELECT * FROM catalogue_table WHERE database_name = ? AND table_name = ?', [
          name,
          table,
        ]);
        const changed = row?.columns !== text;
        const schemaVersion = (row?.schema_version ?? 0) + (changed ? 1 : 0);
        await tx.run(
          `INSERT INTO catalogue_table (database_name, table_name, columns, schema_version, table_version, updated) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (database_name, table_name) DO UPDATE SET columns = excluded.columns, schema_version = excluded.schema_version,
             table_version = excluded.table_version, updated = excluded.updated`,
          [name, table, text, schemaVersion, tableVersion, updated],
        );
        return changed;
      }),
    tables: () =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<Row>('SELECT * FROM catalogue_table ORDER BY database_name, table_name');
        return rows.map((row) => ({
          database: row.database_name,
          name: row.table_name,
          columns: JSON.parse(row.columns) as CatalogueColumn[],
          schemaVersion: row.schema_version,
          tableVersion: row.table_version,
          updated: row.updated,
        }));
      }),
  }),
});
