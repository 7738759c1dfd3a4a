import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** The command line against a deployed lake: a `pulumi` that shows these outputs stands before the real one. */
export class StackCommand {
  readonly #folder = mkdtempSync(join(tmpdir(), 'lake-stack-'));
  readonly #environment: NodeJS.ProcessEnv;

  constructor(outputs: object, environment: Readonly<Record<string, string>>) {
    const pulumi = `#!/bin/sh\ncat <<'OUTPUTS'\n${JSON.stringify(outputs)}\nOUTPUTS\n`;
    writeFileSync(join(this.#folder, 'pulumi'), pulumi, { mode: 0o755 });
    const { PATH, HOME } = process.env;
    this.#environment = { HOME, PATH: `${this.#folder}${delimiter}${PATH}`, ...environment };
  }

  run(...args: readonly string[]): Promise<Said> {
    const lake = join(__dirname, '..', '..', 'functions', 'cli', 'lake.js');
    return new Promise((resolve) => {
      execFile(process.execPath, [lake, ...args], { env: this.#environment }, (failure, out, error) => {
        resolve({ code: failure === null ? 0 : Number(failure.code), out, error });
      });
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
