import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Question, type Rendering, type Row, statementOf, type TableReader } from './table-reader';

/** The Delta connector gives moments rounded to milliseconds. */
export const trinoRendering: Rendering = {
  hex: (value) => Buffer.from(String(value), 'base64').toString('hex'),
  roundsMoments: true,
};

const startMilliseconds = 240_000;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Numbers as the text they came in: JavaScript would round 64-bit integers. */
const exact = (_: string, value: unknown, context: { source?: string }): unknown =>
  typeof value === 'number' ? context.source : value;

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
  const origin = `http://127.0.0.1:${port}`;
  const headers = { 'X-Trino-User': 'reader', 'X-Trino-Catalog': 'delta', 'X-Trino-Time-Zone': 'UTC' };
  const until = Date.now() + startMilliseconds;
  const query = async (sql: string): Promise<Row[]> => {
    const rows: Row[] = [];
    let answer = await fetch(`${origin}/v1/statement`, { method: 'POST', headers, body: sql });
    for (;;) {
      const page = JSON.parse(await answer.text(), exact as (key: string, value: unknown) => unknown) as {
        nextUri?: string;
        data?: Row[];
        error?: { errorName: string; message: string };
      };
      // A server that has started refuses work until its own node has announced itself, on a busy machine seconds later.
      if (page.error?.errorName === 'NO_NODES_AVAILABLE' && Date.now() < until) {
        await pause(500);
        return query(sql);
      }
      if (page.error !== undefined) throw new Error(`Trino: ${page.error.message}: ${sql}`);
      rows.push(...(page.data ?? []));
      if (page.nextUri === undefined) return rows;
      answer = await fetch(page.nextUri, { headers });
    }
  };
  const isUp = async () =>
    fetch(`${origin}/v1/info`)
      .then((answer) => answer.json())
      .then((info) => (info as { starting: boolean }).starting === false)
      .catch(() => false);
  try {
    while (!(await isUp())) {
      if (server.exitCode !== null || Date.now() > until) throw new Error('Trino did not start');
      await pause(500);
    }
    await query("CREATE SCHEMA IF NOT EXISTS delta.lake WITH (location = 'local:///.schema')");
  } catch (error) {
    await stop();
    throw error;
  }
  let tables = 0;
  const rowsOf = async (question: Question): Promise<Row[]> => {
    const { folder, version } = question;
    tables += 1;
    await query(`CALL delta.system.register_table('lake', 't${tables}', 'local:///${relative(root, folder)}')`);
    const table = `delta.lake.t${tables}${version === undefined ? '' : ` FOR VERSION AS OF ${version}`}`;
    return query(statementOf(question, table, (iso) => `TIMESTAMP '${iso.replace('T', ' ').replace('Z', ' UTC')}'`));
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
