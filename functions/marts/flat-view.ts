import { type CompiledView, compileView } from '../sql-on-fhir/compile-view';
import { limitNames } from './rows-allowed';

export const source = '_source';
/** The number of a row in its curated file (`file_row_number` of the reader). */
export const row = '_row';

/** A view over a file of a curated table, with what tells later which of its rows are current and may be used. */
export const compileFlatView = (view: unknown): CompiledView =>
  compileView(view, {
    source: { kind: 'relation', name: [source], deletedColumn: 'deleted', carried: [row, ...limitNames] },
    dialect: 'duckdb',
  });
