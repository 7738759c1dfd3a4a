import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { catalogueAdapters } from './catalogue-adapters';
import type { OptionalAdapters } from './lambda-parts';

/** What functions that write and publish tables need besides. */
export const tableAdapters: OptionalAdapters = {
  ...catalogueAdapters,
  query: (binding) => new DuckDbQueryEngine(binding),
};
