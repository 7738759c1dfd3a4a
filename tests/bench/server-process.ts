import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpuSecondsOf } from './process-cpu';

/** A server as a process of its own, with what it costs (Linux: read from /proc). */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Starts a Node program and waits until it prints `lake ready <url>`. */
  static async start(args: readonly string[]): Promise<ServerProcess> {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const ready = /^lake ready (\S+)$/m.exec(text)?.[1];
        if (ready !== undefined) resolve(ready);
      });
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    return new ServerProcess(url, child);
  }

  /** Starts any other program and waits until its address answers. */
  static async startAt(url: string, command: string, args: readonly string[]): Promise<ServerProcess> {
    const child = spawn(command, args, { stdio: 'ignore' });
    for (let attempt = 0; attempt < 600 && child.exitCode === null; attempt += 1) {
      if (
        await fetch(url).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return new ServerProcess(url, child);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    child.kill('SIGKILL');
    throw new Error(`${command} did not answer.`);
  }

  /** Seconds of CPU that its threads have used. */
  get cpuSeconds(): number {
    return cpuSecondsOf(this.#child.pid!);
  }

  /** Resident memory in MB. */
  get memory(): number {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}
