/** Columns of every curated table (design section 9), with their types in DuckDB and as catalogues write them, in Hive's. */
export const curatedColumns = [
  { name: 'id', duckDb: 'VARCHAR', type: 'string' },
  { name: 'version', duckDb: 'BIGINT', type: 'bigint' },
  { name: 'last_updated', duckDb: 'TIMESTAMPTZ', type: 'timestamp' },
  { name: 'provider', duckDb: 'VARCHAR', type: 'string' },
  { name: 'patient_ref', duckDb: 'VARCHAR', type: 'string' },
  { name: 'deleted', duckDb: 'BOOLEAN', type: 'boolean' },
  { name: 'resource', duckDb: 'VARCHAR', type: 'string' },
] as const;
