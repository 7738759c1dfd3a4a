import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExtractFormat } from '../../research/write-extract';
import { operate } from '../lake-access';
import { operatorOptions, requiredOption, textOption, UsageError, type Verb } from '../verb';

export const extractVerb: Verb = {
  name: 'extract',
  usage: '(MART | --definition DIR) --project NAME [--out DIR] [--format parquet|csv] [--json]',
  long: true,
  most: 1,
  summary:
    "Writes the rows of a mart, or of a query of your own, into a file for a research project, under the project's own pseudonyms: people, resources, references and organisations share no name with any other project. Opt-outs hold as for research. A manifest lies beside it.",
  options: {
    ...operatorOptions,
    project: { type: 'string', value: 'NAME', help: 'the project (`lake identity project create`)' },
    definition: { type: 'string', value: 'DIR', help: 'folder of a Library (sql-query), its SQL and ViewDefinitions' },
    out: { type: 'string', value: 'DIR', help: "a folder outside of the lake (default: the lake's zone of releases)" },
    format: { type: 'string', value: 'FORMAT', help: 'parquet or csv (default parquet)' },
  },
  async run({ positionals: [mart], options, json, terminal }) {
    const [definition, out] = [textOption(options, 'definition'), textOption(options, 'out')];
    if ((mart === undefined) === (definition === undefined))
      throw new UsageError('Name a mart, or the folder of a definition with --definition.');
    // Here and not in the running lake, which says of a folder that is not there only that it failed.
    if (definition !== undefined) readdirSync(definition);
    const made = await operate(options, 'extract', {
      project: requiredOption(options, 'project'),
      mart: mart ?? '',
      definition: definition === undefined ? undefined : resolve(definition),
      format: (textOption(options, 'format') ?? 'parquet') as ExtractFormat,
      out: out === undefined ? undefined : resolve(out),
    });
    const { rows, columns } = made.manifest;
    terminal.out(json ? `${JSON.stringify(made)}\n` : `${rows} rows of ${columns.length} columns: ${made.place}\n`);
    return 0;
  },
};
