import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLakeError } from '../../adapters/ports/errors';
import { credentialsOf } from '../../functions/cli/lake-access';
import { tokenSource } from '../../functions/cli/token-source';
import { type Failpoint, noFailpoint } from '../../functions/failpoint';
import { type LakeFolder, lakeFolder } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { LocalLake } from '../../functions/hosts/local/local-lake';
import type { ProviderInput } from '../../functions/hosts/local/local-providers';
import { Operator } from '../../functions/hosts/local/operator';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { bringIdentityKeys } from './identity-keys';

/**
 * A port that the system gives to nobody: one of those it hands out (from 32768 on Linux) may be another process's by the time a
 * lake that was halted comes back, beside others that open connections all the time.
 */
const lasting = (): number => 20_000 + Math.floor(Math.random() * 12_000);

/** A whole lake on loopback with a folder of its own, for tests that speak HTTP. */
export class RunningLake {
  readonly folder: LakeFolder;
  parts!: LakeParts;
  operator!: Operator;
  lake!: LocalLake;
  readonly failures: unknown[] = [];
  readonly #failpoint: Failpoint;
  #port = 0;

  private constructor(folder: LakeFolder, failpoint: Failpoint) {
    this.folder = folder;
    this.#failpoint = failpoint;
  }

  /** @param folder of a lake that is there already; without one, a new lake */
  static async start(folder?: string, failpoint: Failpoint = noFailpoint): Promise<RunningLake> {
    const root = folder ?? mkdtempSync(join(tmpdir(), 'lake-e2e-'));
    const running = new RunningLake(lakeFolder(root), failpoint);
    if (folder === undefined) bringIdentityKeys(running.folder);
    await running.boot();
    return running;
  }

  async boot(): Promise<void> {
    this.parts = new LakeParts(this.folder, this.#failpoint);
    await this.parts.prepare();
    this.operator = new Operator(this.parts);
    const onFailure = (error: unknown) => void this.failures.push(error);
    // The same address after a restart: a lake that moves is another lake to its senders.
    for (let attempt = 1; this.#port === 0; attempt += 1) {
      try {
        const port = lasting();
        this.lake = await LocalLake.start(this.parts, this.operator, { port, onFailure });
        this.#port = port;
        return;
      } catch (error) {
        if (attempt === 20 || !isLakeError(error, 'Unavailable')) throw error;
      }
    }
    this.lake = await LocalLake.start(this.parts, this.operator, { port: this.#port, onFailure });
  }

  async halt(): Promise<void> {
    await this.lake.stop();
    await this.parts.close();
  }

  async remove(): Promise<void> {
    await this.halt();
    rmSync(this.folder.root, { recursive: true, force: true });
  }

  /** Registers a provider and gives what its system needs to send. */
  async provider(ods: string, input: Partial<ProviderInput> = {}): Promise<Sender> {
    await this.operator.registerProvider({
      ods,
      name: `Provider ${ods}`,
      scopes: ['system/*.cu'],
      nhsNumberPolicy: 'quarantine',
      keys: [],
      ...input,
    });
    return this.sender(ods);
  }

  /** A provider that is registered already. */
  sender(ods: string): Sender {
    return new Sender(this, credentialsOf({ data: this.folder.root }, ods));
  }
}

/** A provider's system: sends with its own token. */
export class Sender {
  readonly credentials: ProviderCredentials;
  readonly #running: RunningLake;
  #token: ((fresh: boolean) => Promise<string>) | undefined;

  constructor(running: RunningLake, credentials: ProviderCredentials) {
    this.#running = running;
    this.credentials = credentials;
  }

  token(): Promise<string> {
    this.#token ??= tokenSource(this.credentials, `${this.#running.lake.origin}/oauth2/token`);
    return this.#token(false);
  }

  async request(
    method: string,
    path: string,
    body?: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    return fetch(`${this.#running.lake.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token()}`,
        ...(text === undefined ? {} : { 'content-type': 'application/fhir+json', 'x-request-id': randomUUID() }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
  }
}
