import { LakeError } from '../../../adapters/ports/errors';

/** A text as an SQL string literal. NUL ends a statement in some engines, so it is refused. */
export function sqlText(text: string): string {
  if (text.includes('\u0000')) {
    throw new LakeError('InvalidArgument', 'A text for SQL holds the character NUL. Remove it.');
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier, whatever its characters. */
export function sqlIdentifier(name: string): string {
  if (name === '' || name.includes('\u0000')) {
    throw new LakeError('InvalidArgument', 'A name for SQL is empty or holds the character NUL. Give another name.');
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** A file path as the readers of DuckDB take it: without the glob meaning of `*`, `?` and `[`. */
export function sqlFile(path: string): string {
  return sqlText(path.replace(/[*?[]/g, '[$&]'));
}
