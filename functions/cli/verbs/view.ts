import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { runView } from '../../sql-on-fhir/run-view';
import { csvText, tableText } from '../table-text';
import { textOption, UsageError, type Verb } from '../verb';

export const viewRunVerb: Verb = {
  name: 'view run',
  usage: 'VIEW.json FILE.ndjson… [--format table|csv|json]',
  summary: 'Runs one ViewDefinition over files of resources; its rows out.',
  options: { format: { type: 'string', value: 'FORMAT', help: 'table, csv or json (default table)' } },
  async run({ positionals, options, json, terminal }) {
    const [view, ...files] = positionals;
    const format = textOption(options, 'format') ?? (json ? 'json' : 'table');
    if (view === undefined || files.length === 0) throw new UsageError('Name a ViewDefinition and at least one file.');
    if (!['table', 'csv', 'json'].includes(format)) throw new UsageError('--format is table, csv or json.');
    const spoolFolder = mkdtempSync(join(tmpdir(), 'lake-view-'));
    const engine = new DuckDbQueryEngine({ spoolFolder });
    try {
      const paths = files.map((file) => resolve(file));
      const { columns, rows } = await runView(JSON.parse(readFileSync(view, 'utf8')), paths, engine);
      const names = columns.map(({ name }) => name);
      terminal.out(
        format === 'json'
          ? `${JSON.stringify(rows)}\n`
          : format === 'csv'
            ? csvText(rows, names)
            : tableText(rows, names),
      );
      return 0;
    } finally {
      await engine.close();
      rmSync(spoolFolder, { recursive: true, force: true });
    }
  },
};
