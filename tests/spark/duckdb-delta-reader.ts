import { DuckDBInstance } from '@duckdb/node-api';
import { type Question, type Rendering, type Row, statementOf, type TableReader } from './table-reader';

const digitsOf = (value: string): string =>
  value.replace(/\\x([0-9A-F]{2})|[\s\S]/g, (one, hex?: string) =>
    (hex ?? one.charCodeAt(0).toString(16).padStart(2, '0')).toLowerCase(),
  );

/** How DuckDB writes values as JSON; our own rows come this way too. */
export const duckDbRendering: Rendering = { hex: (value) => digitsOf(String(value)) };

/** The delta extension of DuckDB (delta-kernel-rs), from its file. */
export async function duckDbDeltaReader(extension: string): Promise<TableReader> {
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  await connection.run(`LOAD '${extension}'`);
  await connection.run("SET TimeZone = 'UTC'");
  const rowsOf = async (question: Question): Promise<Row[]> => {
    const { folder, version } = question;
    const table = `delta_scan('${folder}'${version === undefined ? '' : `, version => ${version}`})`;
    const reader = await connection.runAndReadAll(statementOf(question, table, (iso) => `TIMESTAMPTZ '${iso}'`));
    return reader.getRowsJson();
  };
  return {
    async rows(questions) {
      const answers = new Map<string, readonly Row[]>();
      for (const question of questions) answers.set(question.name, await rowsOf(question));
      return answers;
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
