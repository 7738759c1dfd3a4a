import type { StructType, ThriftType } from './thrift-struct';

/**
 * The few calls of the Hive metastore that a catalogue needs, with the field ids of `hive_metastore.thrift` (Hive 4,
 * ThriftHiveMetastore). Others of its hundreds are not ours to make.
 */
const column = { name: [1, 'string'], type: [2, 'string'], comment: [3, 'string'] } satisfies StructType;

const serDe = {
  name: [1, 'string'],
  serializationLib: [2, 'string'],
  parameters: [3, { map: ['string', 'string'] }],
} satisfies StructType;

const storage = {
  cols: [1, { list: { struct: column } }],
  location: [2, 'string'],
  inputFormat: [3, 'string'],
  outputFormat: [4, 'string'],
  compressed: [5, 'bool'],
  numBuckets: [6, 'i32'],
  serdeInfo: [7, { struct: serDe }],
  bucketCols: [8, { list: 'string' }],
  parameters: [10, { map: ['string', 'string'] }],
} satisfies StructType;

const table = {
  tableName: [1, 'string'],
  dbName: [2, 'string'],
  owner: [3, 'string'],
  createTime: [4, 'i32'],
  lastAccessTime: [5, 'i32'],
  retention: [6, 'i32'],
  sd: [7, { struct: storage }],
  partitionKeys: [8, { list: { struct: column } }],
  parameters: [9, { map: ['string', 'string'] }],
  tableType: [12, 'string'],
} satisfies StructType;

const database = {
  name: [1, 'string'],
  description: [2, 'string'],
  locationUri: [3, 'string'],
  parameters: [4, { map: ['string', 'string'] }],
} satisfies StructType;

export interface HiveColumn {
  readonly name: string;
  readonly type: string;
}

export interface HiveTable {
  readonly tableName: string;
  readonly dbName: string;
  readonly owner?: string;
  readonly createTime?: number;
  readonly lastAccessTime?: number;
  readonly retention?: number;
  readonly sd: {
    readonly cols: readonly HiveColumn[];
    readonly location: string;
    readonly inputFormat: string;
    readonly outputFormat: string;
    readonly compressed: boolean;
    readonly numBuckets: number;
    readonly serdeInfo: {
      readonly name: string;
      readonly serializationLib: string;
      readonly parameters: Readonly<Record<string, string>>;
    };
    readonly bucketCols: readonly string[];
    readonly parameters: Readonly<Record<string, string>>;
  };
  readonly partitionKeys: readonly HiveColumn[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly tableType: string;
}

export interface MetastoreCall {
  readonly args: StructType;
  readonly success?: ThriftType;
  /** Names of the exceptions it declares, in the order of their ids from 1. */
  readonly exceptions: readonly string[];
}

const environment = { properties: [1, { map: ['string', 'string'] }] } satisfies StructType;

export const metastoreCalls = {
  create_database: {
    args: { database: [1, { struct: database }] },
    exceptions: ['AlreadyExistsException', 'InvalidObjectException', 'MetaException'],
  },
  create_table: {
    args: { tbl: [1, { struct: table }] },
    exceptions: ['AlreadyExistsException', 'InvalidObjectException', 'MetaException', 'NoSuchObjectException'],
  },
  alter_table_with_environment_context: {
    args: {
      dbname: [1, 'string'],
      tbl_name: [2, 'string'],
      new_tbl: [3, { struct: table }],
      environment_context: [4, { struct: environment }],
    },
    exceptions: ['InvalidOperationException', 'MetaException'],
  },
  get_table_req: {
    args: { req: [1, { struct: { dbName: [1, 'string'], tblName: [2, 'string'] } }] },
    success: { struct: { table: [1, { struct: table }] } },
    exceptions: ['MetaException', 'NoSuchObjectException'],
  },
  get_all_tables: {
    args: { db_name: [1, 'string'] },
    success: { list: 'string' },
    exceptions: ['MetaException'],
  },
  get_table_objects_by_name_req: {
    args: { req: [1, { struct: { dbName: [1, 'string'], tblNames: [2, { list: 'string' }] } }] },
    success: { struct: { tables: [1, { list: { struct: table } }] } },
    exceptions: ['MetaException', 'InvalidOperationException', 'UnknownDBException'],
  },
} satisfies Readonly<Record<string, MetastoreCall>>;

export type MetastoreCallName = keyof typeof metastoreCalls;
