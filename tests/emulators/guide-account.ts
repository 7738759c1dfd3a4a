import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '../support/loopback-server';
import { pulumiEnvironment, repository, toolPath } from '../support/machine-tools';
import { awsEnvironment } from '../support/provider-answers';
import { programParts } from '../support/pulumi-stack';
import { pythonTool } from '../support/python-tool';

/** The AWS command line as PyPI has it; the second major version is no package. */
const commandLine = { name: 'awscli', version: '1.45.11', command: 'aws' } as const;

/** An empty account of an emulator of its own, and a checkout, for somebody who goes by the guide. */
export class GuideAccount {
  readonly #folder: string;
  readonly #emulators: string;
  readonly #emulator: NodeJS.ProcessEnv;
  #environment: NodeJS.ProcessEnv;

  private constructor(emulators: string, emulator: NodeJS.ProcessEnv, environment: NodeJS.ProcessEnv, folder: string) {
    this.#folder = folder;
    this.#emulators = emulators;
    this.#emulator = emulator;
    this.#environment = environment;
  }

  /** @returns what is missing on this machine, in words, where it cannot be had */
  static async open(): Promise<GuideAccount | string> {
    const emulators = toolPath('emulators');
    if (emulators === undefined) return 'no emulator of AWS here (../shared/tools/emulators brings one)';
    const pulumi = pulumiEnvironment();
    if (pulumi === undefined) return 'no Pulumi engine here (../shared/tools/pulumi-engine builds one)';
    const aws = pythonTool(commandLine.name, commandLine.version, commandLine.command);
    if (aws === undefined) return 'no AWS command line: Python 3 and PyPI are needed';
    const folder = mkdtempSync(join(tmpdir(), 'lake-guide-'));
    const port = await freePort();
    // A second emulator: what this one is told to make would stand in the way of other suites.
    const emulator = {
      ...process.env,
      LAKE_EMULATORS_STATE: join(folder, 'emulator'),
      LAKE_MOTO_PORT: String(port),
      // The policies that AWS maintains are in every account.
      MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
      // A certificate is issued when its record is seen, here at once.
      MOTO_ACM_VALIDATION_WAIT: '0',
    };
    execFileSync(emulators, ['up', 'moto'], { env: emulator, stdio: 'ignore' });
    const project = join(folder, 'project');
    for (const part of [...programParts, 'docs/account', 'Pulumi.prod-aws.yaml'])
      cpSync(join(repository, part), join(project, part), { recursive: true });
    mkdirSync(join(project, 'dist'));
    for (const made of ['node_modules', join('dist', 'aws-lambda')])
      symlinkSync(join(repository, made), join(project, made));
    // Nobody is signed in but by the file, and no region is said but by the guide.
    const others = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(AWS_(REGION|DEFAULT|ACCESS|SECRET|SESSION|PROFILE)|PULUMI_BACKEND)/.test(name),
      ),
    );
    const credentials = join(folder, 'credentials');
    writeFileSync(credentials, '[default]\naws_access_key_id = test\naws_secret_access_key = test\n');
    const environment = {
      ...others,
      ...awsEnvironment(pulumi),
      PATH: [dirname(aws), pulumi.PATH].join(delimiter),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      // One state a command, written when it ends. Written after each resource, as the engine does where nothing is said, several hundred
      // states of megabytes go to a bucket with versions for every `up`, and an emulator keeps all in memory.
      PULUMI_EXPERIMENTAL: 'true',
      PULUMI_SKIP_CHECKPOINTS: 'true',
      // `npx` links this folder as a package, and would first build all of it again, into the repository's own `dist`.
      npm_config_ignore_scripts: 'true',
      // Where `pulumi login` writes down who is signed in.
      PULUMI_CREDENTIALS_PATH: join(folder, 'signed-in'),
    };
    return new GuideAccount(emulators, emulator, environment, folder);
  }

  /**
   * Runs a line as a person's shell would: what it exports is there for the next.
   *
   * @returns what it printed
   * @throws with what it said where it failed
   */
  run(line: string): string {
    const kept = join(this.#folder, 'exported');
    // Not under an option: an export whose command fails does not fail in a shell.
    const script = `set -euo pipefail\n${line.replace(/^export (\w+)=(\$\(.*\))$/, '$1=$2; export $1')}\nenv -0 > '${kept}'`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
      cwd: join(this.#folder, 'project'),
      env: this.#environment,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    // What a policy cannot say before something is made, the engine says by the hundred.
    const said = (text: string): string => text.replaceAll(/^.*\[advisory\].*\n.*\n/gm, '').slice(-8000);
    if (status !== 0) throw new Error(`${line}\n${said(stdout)}\n${said(stderr)}`);
    this.#environment = Object.fromEntries(
      readFileSync(kept, 'utf8')
        .split('\0')
        .filter((entry) => entry !== '')
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    return stdout;
  }

  close(): void {
    execFileSync(this.#emulators, ['down', 'moto'], { env: this.#emulator, stdio: 'ignore' });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
