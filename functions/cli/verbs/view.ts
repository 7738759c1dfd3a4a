import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { runView } from '../../sql-on-fhir/run-view';
import { formatOption, rowFormatOf, rowsText } from '../row-format';
import { UsageError, type Verb } from '../verb';

export const viewRunVerb: Verb = {
  name: 'view run',
  usage: 'VIEW.json FILE.ndjson… [--format table|csv|json]',
  summary: 'Runs one ViewDefinition over files of resources; its rows out.',
  options: formatOption,
  async run({ positionals, options, json, terminal }) {
    const [view, ...files] = positionals;
    if (view === undefined || files.length === 0) throw new UsageError('Name a ViewDefinition and at least one file.');
    const format = rowFormatOf(options, json);
    const spoolFolder = mkdtempSync(join(tmpdir(), 'lake-view-'));
    const engine = new DuckDbQueryEngine({ spoolFolder });
    try {
      const paths = files.map((file) => resolve(file));
      const { columns, rows } = await runView(JSON.parse(readFileSync(view, 'utf8')), paths, engine);
      terminal.out(rowsText(format, rows, columns));
      return 0;
    } finally {
      await engine.close();
      rmSync(spoolFolder, { recursive: true, force: true });
    }
  },
};
