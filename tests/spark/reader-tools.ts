import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const shared = process.env.LAKE_SHARED ?? join(__dirname, '..', '..', '..', 'shared');
const firstOf = (...places: readonly (string | undefined)[]): string | undefined =>
  places.find((place) => place !== undefined && existsSync(place));

/** Where the engines of the extended suite lie on this machine; undefined when one is not there. */
export const readerTools = {
  /** The file of the delta extension, of DuckDB's own version (PyPI `duckdb-extension-delta`). */
  duckDbDelta: firstOf(
    process.env.LAKE_DUCKDB_DELTA,
    join(cache, 'lake-tools', 'duckdb-extension-delta-1.5.5', 'delta.duckdb_extension'),
  ),
  /** The environment that `spark-pathling --install` makes: Python with delta-rs, Spark, and its jars. */
  sparkHome: firstOf(
    process.env.SPARK_PATHLING_HOME,
    join(cache, 'lake-tools', 'spark-pathling'),
    join(cache, 'spark-pathling'),
  ),
  sparkScript: firstOf(join(shared, 'tools', 'spark-pathling')),
  trinoScript:
    firstOf(join(process.env.TRINO_HOME ?? join(cache, 'trino-476'), 'trino-server-476', 'plugin', 'delta-lake')) &&
    firstOf(join(shared, 'tools', 'trino-delta')),
};

export const howToGet = {
  duckDbDelta:
    'set LAKE_DUCKDB_DELTA to delta.duckdb_extension of DuckDB 1.5.5 (pip download --no-deps duckdb-extension-delta==1.5.5, unzip)',
  spark: 'run spark-pathling --install of the shared tools (LAKE_SHARED), and set SPARK_PATHLING_HOME to its place',
  trino: 'run trino-delta of the shared tools (LAKE_SHARED) once, so that its server is there (TRINO_HOME)',
};
