import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDbQueryEngine } from '../../../adapters/duckdb/duckdb-query-engine';
import { runView } from '../../sql-on-fhir/run-view';
import { readJsonFile } from '../json-file';
import { formatOption, rowFormatOf, rowsText } from '../row-format';
import { UsageError, type Verb } from '../verb';

export const viewRunVerb: Verb = {
  name: 'view run',
  usage: 'VIEW.json FILE.ndjson… [--format table|csv|json]',
  long: true,
  most: Number.POSITIVE_INFINITY,
  summary: 'Runs one ViewDefinition over files of resources; its rows out.',
  options: formatOption,
  async run({ positionals, options, json, terminal }) {
    const [view, ...files] = positionals;
    const format = rowFormatOf(options, json);
    if (view === undefined || files.length === 0) throw new UsageError('Name a ViewDefinition and at least one file.');
    const spoolFolder = mkdtempSync(join(tmpdir(), 'lake-view-'));
    const engine = new DuckDbQueryEngine({ spoolFolder });
    try {
      const paths = files.map((file) => resolve(file));
      for (const path of paths) accessSync(path, constants.R_OK);
      terminal.out(rowsText(format, await runView(readJsonFile(view), paths, engine)));
      return 0;
    } finally {
      await engine.close();
      rmSync(spoolFolder, { recursive: true, force: true });
    }
  },
};
