import { spawn } from 'node:child_process';
import { relative } from 'node:path';
import { freePort } from '../support/loopback-server';
import { type Question, type Rendering, type Row, statementOf, type TableReader } from './table-reader';
import { TrinoClient } from './trino-client';

/** The Delta connector gives moments rounded to milliseconds. */
export const trinoRendering: Rendering = {
  hex: (value) => Buffer.from(String(value), 'base64').toString('hex'),
  roundsMoments: true,
};

/** A Trino server with the Delta connector over a folder, started by the script of the shared tools. */
export async function trinoReader(script: string, root: string): Promise<TableReader> {
  const port = await freePort();
  const server = spawn('nice', [script, root, String(port)], { stdio: 'ignore', detached: true });
  const stop = async () => {
    if (server.exitCode !== null || server.pid === undefined) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    process.kill(-server.pid, 'SIGKILL');
    await ended;
  };
  const trino = new TrinoClient(port, 'delta');
  try {
    await trino.untilUp(server);
    await trino.query("CREATE SCHEMA IF NOT EXISTS delta.lake WITH (location = 'local:///.schema')");
  } catch (error) {
    await stop();
    throw error;
  }
  let tables = 0;
  const rowsOf = async (question: Question): Promise<Row[]> => {
    const { folder, version } = question;
    tables += 1;
    await trino.query(`CALL delta.system.register_table('lake', 't${tables}', 'local:///${relative(root, folder)}')`);
    const table = `delta.lake.t${tables}${version === undefined ? '' : ` FOR VERSION AS OF ${version}`}`;
    return trino.query(
      statementOf(question, table, (iso) => `TIMESTAMP '${iso.replace('T', ' ').replace('Z', ' UTC')}'`),
    );
  };
  return {
    async rows(questions) {
      const answers = new Map<string, readonly Row[]>();
      for (const question of questions) answers.set(question.name, await rowsOf(question));
      return answers;
    },
    close: stop,
  };
}
