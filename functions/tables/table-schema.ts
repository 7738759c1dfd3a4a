import { randomUUID } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import { checkNames, type DeltaSchema, duckDbType } from './column-types';
import type { Action, MetaData } from './delta-actions';
import { type Snapshot, schemaOf } from './snapshot';

/** What a table is given when its first version is written. */
export interface TableOptions {
  /** Columns whose values divide the files; only few values each. */
  readonly partitionBy?: readonly string[];
  /** Properties of the table, as Delta names them. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** A column of long texts: its first rows say how many rows a file holds together, which bounds the memory of its readers. */
  readonly wideColumn?: string;
}

/**
 * The metadata a table has once rows of a schema are in it: columns may come, none may go or change its type, unless all rows
 * and with them the columns are replaced.
 */
export function metaDataWith(
  name: string,
  snapshot: Snapshot,
  schema: DeltaSchema,
  { partitionBy, configuration = {} }: TableOptions,
  replaced = false,
): MetaData {
  const { metaData } = snapshot;
  const present = schemaOf(snapshot);
  if (metaData === undefined || present === undefined) {
    return {
      id: randomUUID(),
      name: name.slice(name.lastIndexOf('/') + 1),
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify(schema),
      partitionColumns: partitionBy ?? [],
      configuration,
      createdTime: Date.now(),
    };
  }
  if (partitionBy !== undefined && partitionBy.join() !== metaData.partitionColumns.join()) {
    throw new LakeError(
      'PreconditionFailed',
      `The table ${name} is partitioned otherwise (by ${metaData.partitionColumns.join(', ') || 'nothing'}). Write it so, or make a new table.`,
    );
  }
  if (replaced) {
    const schemaString = JSON.stringify(schema);
    return schemaString === metaData.schemaString ? metaData : { ...metaData, schemaString };
  }
  const types = new Map(present.fields.map((field) => [field.name, duckDbType(field.type)]));
  for (const field of schema.fields) {
    const type = types.get(field.name);
    if (type !== undefined && type !== duckDbType(field.type)) {
      throw new LakeError(
        'PreconditionFailed',
        `Column ${field.name} of ${name} is ${type} in the table. Cast it to that, or give it a new name.`,
      );
    }
  }
  const fresh = schema.fields.filter((field) => !types.has(field.name));
  if (fresh.length === 0) return metaData;
  const fields = [...present.fields, ...fresh];
  checkNames(fields);
  return { ...metaData, schemaString: JSON.stringify({ type: 'struct', fields }) };
}

/** The actions that bring a table to some metadata: the first version declares the protocol, an unchanged one needs none. */
export function metaDataActions(snapshot: Snapshot, metaData: MetaData): Action[] {
  if (snapshot.metaData === undefined)
    return [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }];
  return snapshot.metaData === metaData ? [] : [{ metaData }];
}
