import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BuildOptions, buildSync } from 'esbuild';
import { credentialsOf } from '../../functions/cli/lake-access';
import { tokenSource } from '../../functions/cli/token-source';
import type { FailpointName } from '../../functions/failpoint';
import type { OperatorMethod } from '../../functions/hosts/local/operator-records';
import { callOperator } from '../../functions/hosts/local/operator-socket';
import { RunningLake } from '../support/running-lake';

const { optionsOf } = require('../../functions/cli/build.js') as { optionsOf(name: string): BuildOptions };

export const provider = 'L99001';

/**
 * How a life differs from the product's: re-splits by `looser` rules, which let the senders' local codes stay; collects orphans
 * all the time and knows no safety age (`hasty`); has a clock that can be moved (`clock`).
 */
export type Way = 'plain' | 'looser' | 'hasty' | 'clock';

/** One life of the process, from its start to its SIGKILL. */
export interface Life {
  readonly isOver: () => boolean;
  /** Resolves with the signal that ended it. */
  readonly over: Promise<string | null>;
  readonly kill: () => void;
  /** Moves the clock of the process this many milliseconds from the true time. */
  readonly shiftClock: (milliseconds: number) => void;
  /** Undefined when the line broke before an answer came. */
  readonly request: (
    method: string,
    path: string,
    body?: string,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; headers: Headers; text: string } | undefined>;
  /** Undefined when the process died before it answered. */
  readonly operate: (method: OperatorMethod, ...args: unknown[]) => Promise<unknown>;
}

/** A lake in a process of its own over one data folder, which outlives its processes. */
export class KillableLake {
  readonly folder: string;
  readonly #script: string;

  private constructor(folder: string, script: string) {
    this.folder = folder;
    this.#script = script;
  }

  /** @param folder of its data; a temporary one unless given. */
  static async make(folder?: string): Promise<KillableLake> {
    const script = join(__dirname, '..', '..', 'dist', 'faults-lake-process.js');
    buildSync({ ...optionsOf('lake'), entryPoints: [join(__dirname, 'lake-process.ts')], outfile: script });
    const running = await RunningLake.start(folder);
    await running.provider(provider);
    await running.halt();
    return new KillableLake(running.folder.root, script);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a life that ends when it passes a named place for the given time; with `none` it goes on. */
  async start(name: FailpointName | 'none', pass = 1, way: Way = 'plain'): Promise<Life> {
    const child = spawn(process.execPath, [this.#script, this.folder, name, String(pass), way], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const over = once(child, 'exit').then(([, signal]) => signal as string | null);
    const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), over.then(() => [''])]);
    const baseUrl = /^lake ready (\S+)$/.exec(String(line))?.[1] ?? '';
    assert.ok(baseUrl !== '' || isOver(), 'The lake did not start.');
    const { origin } = baseUrl === '' ? { origin: '' } : new URL(baseUrl);
    const token = tokenSource(credentialsOf({ data: this.folder }, provider), `${origin}/oauth2/token`);
    return {
      isOver,
      over,
      kill: () => void child.kill('SIGKILL'),
      shiftClock: (milliseconds) => void child.stdin.write(`${milliseconds}\n`),
      request: async (method, path, body, headers = {}) => {
        try {
          const response = await fetch(`${baseUrl}${path}`, {
            method,
            headers: {
              authorization: `Bearer ${await token(false)}`,
              ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
              ...headers,
            },
            ...(body === undefined ? {} : { body }),
          });
          return { status: response.status, headers: response.headers, text: await response.text() };
        } catch {
          return undefined;
        }
      },
      operate: (method, ...args) =>
        callOperator(join(this.folder, 'lake.sock'), method, args).then(
          (answer) => answer?.result,
          () => undefined,
        ),
    };
  }
}
