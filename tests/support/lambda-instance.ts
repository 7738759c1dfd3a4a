import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };

/** A function of the Lambda host in a process of its own, from the bundle that would be uploaded. */
export class LambdaInstance {
  readonly #child: ChildProcess;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @param remaining milliseconds that each invocation has. */
  static async start(name: string, environment: NodeJS.ProcessEnv, remaining: number): Promise<LambdaInstance> {
    const child = fork(
      join(__dirname, 'lambda-process.ts'),
      [buildWhenStale(`aws-lambda/${name}/index`), String(remaining)],
      {
        execArgv: ['-r', 'ts-node/register/transpile-only'],
        env: { PATH: process.env.PATH, LAKE_FUNCTION: name, ...environment },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      },
    );
    child.stderr?.on('data', (chunk: Buffer) => {
      if (process.env.LAKE_TEST_LOG !== undefined) process.stderr.write(`${name}: ${chunk.toString()}`);
    });
    await once(child, 'message');
    return new LambdaInstance(child);
  }

  /** One event after the other, as an instance takes them. */
  invoke<Answer>(event: unknown): Promise<Answer> {
    const turn = this.#turn.then(async () => {
      this.#child.send(event as object);
      const [{ answer, failure }] = (await once(this.#child, 'message')) as [{ answer?: Answer; failure?: string }];
      if (failure !== undefined) throw new Error(failure);
      return answer as Answer;
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async stop(): Promise<void> {
    await this.#turn;
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
