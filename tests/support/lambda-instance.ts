import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };

/** A function of the Lambda host in a process of its own, from the bundle that would be uploaded. */
export class LambdaInstance {
  readonly #name: string;
  readonly #child: ChildProcess;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
  }

  /**
   * @param remaining milliseconds that each invocation has.
   * @param script in place of the function's own bundle
   */
  static async start(
    name: string,
    environment: NodeJS.ProcessEnv,
    remaining: number,
    script = buildWhenStale(`aws-lambda/${name}/index`),
  ): Promise<LambdaInstance> {
    const child = fork(join(__dirname, 'lambda-process.ts'), [script, String(remaining)], {
      execArgv: ['-r', join(__dirname, '..', '..', 'functions', 'cli', 'typescript.js')],
      env: { PATH: process.env.PATH, LAKE_FUNCTION: name, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (process.env.LAKE_TEST_LOG !== undefined) process.stderr.write(`${name}: ${chunk.toString()}`);
    });
    await once(child, 'message');
    return new LambdaInstance(name, child);
  }

  /**
   * One event after the other, as an instance takes them. Rejects when the instance dies under it.
   *
   * @param alias by which it is invoked
   */
  invoke<Answer>(event: unknown, alias?: string): Promise<Answer> {
    const own = `arn:aws:lambda:eu-west-2:123456789012:function:${this.#name}`;
    const invocation = { event, invokedFunctionArn: alias === undefined ? own : `${own}:${alias}` };
    const turn = this.#turn.then(async () => {
      const over = new AbortController();
      try {
        if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('The instance is gone.');
        this.#child.send(invocation, () => undefined);
        const [message] = (await Promise.race([
          once(this.#child, 'message', over),
          once(this.#child, 'exit', over).then(() => [{ failure: 'The instance died.' }]),
        ])) as [{ answer?: Answer; failure?: string }];
        if (message.failure !== undefined) throw new Error(message.failure);
        return message.answer as Answer;
      } finally {
        over.abort();
      }
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when it has died. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** Whatever it is doing. */
  async kill(): Promise<void> {
    const ended = this.ended();
    this.#child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.#turn;
    await this.kill();
  }
}
