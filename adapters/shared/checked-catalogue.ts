import { type Catalogue, catalogueDatabases, type PublishedTable } from '../ports/catalogue';
import { LakeError } from '../ports/errors';

const tableName = /^[a-z][a-z0-9_]{0,127}$/;

/** A catalogue that refuses, whatever adapter is below, what another could not hold or would quietly change. */
export function checkedCatalogue(catalogue: Catalogue): Catalogue {
  return {
    publish: async (table, announce) => {
      const problem = problemOf(table);
      if (problem !== undefined)
        throw new LakeError(
          'InvalidArgument',
          `The table cannot be published: ${problem}. Mend that and publish again.`,
        );
      await catalogue.publish(table, announce);
    },
    tables: () => catalogue.tables(),
  };
}

function problemOf({ database, name, columns, partitionColumns }: PublishedTable): string | undefined {
  if (!catalogueDatabases.includes(database)) return `its database is none of ${catalogueDatabases.join(', ')}`;
  // Hive and Glue fold names to lower case, engines ask for quotes around anything else.
  if (!tableName.test(name)) return 'its name is not lower case letters, digits and underscores after a letter';
  const known = new Set(columns.map((column) => column.name));
  if (known.size !== columns.length) return 'two of its columns have one name';
  return partitionColumns.every((column) => known.has(column)) ? undefined : 'it is partitioned by what is no column';
}
