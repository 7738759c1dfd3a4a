import { dirname, resolve } from 'node:path';
import { isLakeError } from '../../adapters/ports/errors';
import type { QueryEngine, QueryResult, QuerySession } from '../../adapters/ports/query-engine';
import { type CompiledColumn, compileView } from './compile-view';
import { sqlFile } from './duckdb/quoting';
import type { ViewSource } from './duckdb/source-sql';

export interface ViewRows {
  readonly columns: readonly CompiledColumn[];
  readonly rows: QueryResult['rows'];
}

/** One JSON object may be this large; a larger Bundle raises the limit up to the maximum. */
const usualObjectBytes = 16 * 1024 * 1024;
const maximumObjectBytes = 256 * 1024 * 1024;

/**
 * Runs one ViewDefinition over files: NDJSON, single resources, arrays and Bundles, of any mix of resource types. Files that
 * hold nothing but resources of the view's type, one a line, are read by the fast typed reader.
 *
 * Errors: `InvalidArgument` (the view, with the place; a file that is not JSON), `Unavailable` (a file that is missing).
 */
export async function runView(view: unknown, files: readonly string[], engine: QueryEngine): Promise<ViewRows> {
  const paths = files.map((file) => resolve(file));
  // Faults of the view are told before any file is opened.
  const { columns, resource } = compileView(view, { source: { kind: 'ndjson', files: paths }, dialect: 'duckdb' });
  if (paths.length === 0) return { columns, rows: [] };
  const session = await engine.session({ readableFolders: [...new Set(paths.map((path) => dirname(path)))] });
  try {
    const source = await sourceOf(session, paths, resource);
    const { sql } = compileView(view, { source, dialect: 'duckdb' });
    const { rows } = await session.query(sql);
    return { columns, rows };
  } finally {
    await session.close();
  }
}

async function sourceOf(session: QuerySession, files: readonly string[], resource: string): Promise<ViewSource> {
  try {
    const types = await resourceTypesOf(session, files);
    if (types.every((type) => type === resource)) return { kind: 'ndjson', files };
  } catch (error) {
    // Not one object a line, or a large one: read as documents, where a real fault of a file shows again.
    if (!isLakeError(error)) throw error;
  }
  const list = files.map(sqlFile).join(', ');
  const { rows } = await session.query(`SELECT max(size) AS size FROM read_text([${list}])`);
  const largest = Number(rows[0]?.size ?? 0);
  const bytes = Math.min(Math.max(largest + 1, usualObjectBytes), maximumObjectBytes);
  return { kind: 'documents', files, maximumObjectBytes: bytes };
}

async function resourceTypesOf(session: QuerySession, files: readonly string[]): Promise<unknown[]> {
  const { rows } = await session.query(
    `SELECT DISTINCT "resourceType" AS type FROM read_json([${files.map(sqlFile).join(', ')}], ` +
      `format = 'newline_delimited', maximum_object_size = ${usualObjectBytes}, columns = {'resourceType': 'VARCHAR'})`,
  );
  return rows.map(({ type }) => type);
}
