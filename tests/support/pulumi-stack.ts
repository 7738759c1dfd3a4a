import { execFile } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './machine-tools';

/** What of a checkout the engine runs. */
export const programParts = [
  'Pulumi.yaml',
  'package.json',
  'tsconfig.json',
  'stacks',
  'components',
  'adapters',
  'functions',
] as const;

/** One operation of a plan or an update, as the engine reports it. */
export interface Step {
  readonly op: string;
  readonly urn: string;
}

/** A stack of this program in a folder of its own: settings and state never touch the repository. */
export class PulumiStack {
  readonly #folder: string;
  readonly name: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, name: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.name = name;
    this.#environment = environment;
  }

  /**
   * @param settings text of the stack's settings file; without it the repository's own of this name
   * @param secret the deployment secret, where the target takes one
   */
  static async create(
    name: string,
    environment: Readonly<Record<string, string>>,
    {
      settings,
      secret,
      program = repository,
    }: { readonly settings?: string; readonly secret?: string; readonly program?: string } = {},
  ): Promise<PulumiStack> {
    const folder = mkdtempSync(join(tmpdir(), 'lake-stack-'));
    mkdirSync(join(folder, 'state'));
    const stack = new PulumiStack(folder, name, {
      ...process.env,
      ...environment,
      PULUMI_BACKEND_URL: `file://${join(folder, 'state')}`,
    });
    stack.use(program);
    const file = join(stack.#project, `Pulumi.${name}.yaml`);
    if (settings === undefined) cpSync(join(repository, `Pulumi.${name}.yaml`), file);
    else writeFileSync(file, settings);
    await stack.pulumi('stack', 'init', name);
    if (secret !== undefined) await stack.pulumi('config', 'set', '--secret', 'deploymentSecret', secret);
    return stack;
  }

  get #project(): string {
    return join(this.#folder, 'project');
  }

  /** Runs the program of another checkout from now on, on the same state. */
  use(program: string): void {
    mkdirSync(this.#project, { recursive: true });
    for (const part of programParts) {
      rmSync(join(this.#project, part), { recursive: true, force: true });
      cpSync(join(program, part), join(this.#project, part), { recursive: true });
    }
    mkdirSync(join(this.#project, 'dist'), { recursive: true });
    // What the build made is uploaded, whatever program uploads it; the bundle of the program is its own.
    for (const made of ['node_modules', join('dist', 'aws-lambda')]) {
      const link = join(this.#project, made);
      // A link whose target was never built is there as well.
      if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(join(repository, made), link);
    }
  }

  /** Changes a source of the program it runs, not of this checkout. */
  edit(file: string, change: (text: string) => string): void {
    const path = join(this.#project, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`Nothing changed in ${file}: the text it looks for is not there.`);
    writeFileSync(path, after);
  }

  /** Runs a program beside the stack's settings, as somebody who is signed in to its backend. */
  command(
    file: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
    return new Promise((resolve) => {
      const settings = { cwd: this.#project, env: { ...this.#environment, ...environment } };
      execFile(file, [...args], settings, (failure, out, error) => {
        resolve({ code: failure === null ? 0 : Number(failure.code ?? 1), out, error });
      });
    });
  }

  pulumi(...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      execFile(
        'pulumi',
        [...args, '--non-interactive'],
        { cwd: this.#project, env: this.#environment, maxBuffer: 256 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`pulumi ${args.join(' ')} failed:\n${stdout.slice(-8000)}\n${stderr.slice(-4000)}`));
        },
      );
    });
  }

  set(key: string, value: string): Promise<string> {
    return this.pulumi('config', 'set', key, value);
  }

  /** What an `up` would do, without what stays the same. */
  async plan(): Promise<readonly Step[]> {
    const { steps } = JSON.parse(await this.pulumi('preview', '--json', '-s', this.name)) as {
      readonly steps?: readonly Step[];
    };
    return (steps ?? []).filter(({ op }) => op !== 'same' && op !== 'read' && op !== 'refresh');
  }

  up(): Promise<string> {
    return this.pulumi('up', '--yes', '--skip-preview', '-s', this.name);
  }

  refresh(): Promise<string> {
    return this.pulumi('refresh', '--yes', '--skip-preview', '-s', this.name);
  }

  destroy(): Promise<string> {
    return this.pulumi('destroy', '--yes', '--skip-preview', '-s', this.name);
  }

  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.pulumi('stack', 'output', '--json', '-s', this.name)) as Record<string, unknown>;
  }

  /** The state as it lies in the backend, secrets encrypted. */
  state(): string {
    return readFileSync(join(this.#folder, 'state', '.pulumi', 'stacks', 'nhs-data-lake', `${this.name}.json`), 'utf8');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
