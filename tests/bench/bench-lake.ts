import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf } from '../../functions/cli/lake-access';
import { fetchToken } from '../../functions/provider-access/client-assertion';
import { HttpLoad } from './http-load';
import { ServerProcess } from './server-process';

const lakeCommand = join(__dirname, '../../functions/cli/lake.js');
const ods = 'L99001';
/** A token lives five minutes. */
const renewMilliseconds = 120_000;

/** A whole lake as a process of its own (`lake up`) on a folder that goes with it, and one provider that may send all it can. */
export class BenchLake {
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-lake-'));
  readonly #data = join(this.folder, 'lake');
  #server: ServerProcess | undefined;
  #token = '';
  #renewal: NodeJS.Timeout | undefined;

  static async start(): Promise<BenchLake> {
    const lake = new BenchLake();
    const data = ['--data', lake.#data];
    execFileSync(process.execPath, [lakeCommand, 'provider', 'register', '--ods', ods, '--name', 'Bench', ...data]);
    lake.#server = await ServerProcess.start([
      ...[lakeCommand, 'up', '--no-demo', ...data, '--port', '0', '--requests-per-minute', '999999'],
    ]);
    await lake.#renew();
    lake.#renewal = setInterval(() => void lake.#renew(), renewMilliseconds);
    return lake;
  }

  get server(): ServerProcess {
    return this.#server!;
  }

  /** A sender to an address below the FHIR base. */
  load(path: string, connections: number): HttpLoad {
    return new HttpLoad({ url: `${this.server.url}${path}`, token: () => this.#token }, connections);
  }

  async stop(): Promise<void> {
    clearInterval(this.#renewal);
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #renew(): Promise<void> {
    const credentials = credentialsOf({ data: this.#data }, ods);
    this.#token = (await fetchToken(credentials, `${new URL(this.server.url).origin}/oauth2/token`)).access_token;
  }
}
