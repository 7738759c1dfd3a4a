import { openGlue } from '../../../adapters/aws/open-glue';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { unsupported } from '../function-parts';
import type { OptionalAdapters } from './lambda-parts';

/** What functions that write and publish tables need besides. */
export const tableAdapters: OptionalAdapters = {
  query: (binding) => new DuckDbQueryEngine(binding),
  catalogue: (binding) => (binding.kind === 'glue' ? openGlue(binding) : unsupported('Lambda', binding.kind)),
};
