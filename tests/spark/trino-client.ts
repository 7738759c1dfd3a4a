import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from './table-reader';

const startMilliseconds = 240_000;

interface Page {
  readonly nextUri?: string;
  readonly data?: readonly Row[];
  readonly error?: { readonly errorName: string; readonly message: string };
}

/** Numbers as the text they came in: JavaScript would round 64-bit integers. */
const exact = (_: string, value: unknown, context: { source?: string }): unknown =>
  typeof value === 'number' ? context.source : value;

/** Asks a Trino server on loopback by its client protocol (Trino documentation, "Trino client REST API"). */
export class TrinoClient {
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #until = Date.now() + startMilliseconds;

  constructor(port: number, catalogue: string) {
    this.#origin = `http://127.0.0.1:${port}`;
    this.#headers = { 'X-Trino-User': 'reader', 'X-Trino-Catalog': catalogue, 'X-Trino-Time-Zone': 'UTC' };
  }

  /** Waits until this server takes requests. */
  async untilUp(server: ChildProcess): Promise<void> {
    while (!(await this.#isUp())) {
      if (server.exitCode !== null || Date.now() > this.#until) throw new Error('Trino did not start');
      await pause(500);
    }
  }

  /** The rows of a statement; numbers are text. */
  async query(sql: string): Promise<Row[]> {
    const rows: Row[] = [];
    const headers = this.#headers;
    for (let answer = await fetch(`${this.#origin}/v1/statement`, { method: 'POST', headers, body: sql }); ; ) {
      const page = JSON.parse(await answer.text(), exact as (key: string, value: unknown) => unknown) as Page;
      // A server that has started refuses work until its own node has announced itself, on a busy machine seconds later.
      if (page.error?.errorName === 'NO_NODES_AVAILABLE' && Date.now() < this.#until) {
        await pause(500);
        return this.query(sql);
      }
      if (page.error !== undefined) throw new Error(`Trino: ${page.error.message}: ${sql}`);
      rows.push(...(page.data ?? []));
      if (page.nextUri === undefined) return rows;
      answer = await fetch(page.nextUri, { headers });
    }
  }

  #isUp(): Promise<boolean> {
    return fetch(`${this.#origin}/v1/info`)
      .then((answer) => answer.json())
      .then((info) => (info as { starting: boolean }).starting === false)
      .catch(() => false);
  }
}
