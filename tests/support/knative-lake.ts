import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FunctionBinding } from '../../adapters/bindings';
import { HttpEvents } from '../../adapters/cloudevents/http-events';
import { systemClock } from '../../adapters/ports/clock';
import { knativeManifests } from '../../functions/hosts/knative/manifests';
import type { Ledger } from '../../functions/ingest/ledger';
import type { Manifest } from '../../functions/manifest';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import type { GoldenHost } from '../contract/golden-host';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };

/** Where the zones, databases and keys of a lake are, and what its operator does there. */
export interface KnativeHome {
  /** Environment of each function besides its binding: credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Pick<Ledger, 'unpublished'>;
  bindingOf(manifest: Manifest): FunctionBinding;
  register(ods: string, scopes: readonly string[]): Promise<ProviderCredentials>;
  disable(ods: string): Promise<void>;
  auditVerifies(): Promise<boolean>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  remove(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** The Knative host's functions, each in a process of its own as pods are, over some home. */
export class KnativeLake implements GoldenHost {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly #home: KnativeHome;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #processes: ChildProcess[] = [];

  private constructor(home: KnativeHome, ports: Readonly<Record<string, number>>) {
    this.#home = home;
    this.#ports = ports;
    this.baseUrl = `http://127.0.0.1:${ports.ingest}/FHIR/R4`;
    this.tokenUrl = `http://127.0.0.1:${ports['provider-access']}/oauth2/token`;
  }

  static async start(home: KnativeHome): Promise<KnativeLake> {
    const ports: Record<string, number> = {};
    for (const { name } of knativeManifests) ports[name] = await freePort();
    const lake = new KnativeLake(home, ports);
    const bundle = buildWhenStale('knative');
    await Promise.all(knativeManifests.map((manifest) => lake.#run(bundle, manifest)));
    return lake;
  }

  register(ods: string, scopes: readonly string[]): Promise<ProviderCredentials> {
    return this.#home.register(ods, scopes);
  }

  disable(ods: string): Promise<void> {
    return this.#home.disable(ods);
  }

  /** The dispatcher of the lake itself empties the outbox; here is only waited for it. */
  async settle(): Promise<void> {
    const { ledger } = this.#home;
    for (let wait = 0; (await ledger.unpublished(1)).length > 0; wait += 1) {
      if (wait > 300) throw new Error('The outbox was not emptied.');
      await setTimeout(100);
    }
    // The schedule's own beat: what the identity function linked meanwhile comes into the catalogue.
    await new HttpEvents(this.#sinkOf('landed.clinical')).publish({
      id: randomUUID(),
      source: '/lake/schedule',
      type: 'uk.nhs.lake.curate.v1',
      specversion: '1.0',
      time: systemClock.now().toISOString(),
      datacontenttype: 'application/json',
      data: {},
    });
  }

  auditVerifies(): Promise<boolean> {
    return this.#home.auditVerifies();
  }

  rows(sql: string) {
    return this.#home.rows(sql);
  }

  /** Every process ends by itself on SIGTERM, as a pod must. */
  async stop(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGTERM');
    const codes = await Promise.all(
      this.#processes.map(async (child) => child.exitCode ?? (await once(child, 'exit'))[0]),
    );
    await this.#home.remove();
    if (codes.some((code) => code !== 0)) throw new Error('A function did not end cleanly on SIGTERM.');
  }

  /** Where no broker is, an event goes to the function that takes it. */
  #sinkOf(topic: string): string {
    return `http://127.0.0.1:${this.#ports[topic === 'landed.identity' ? 'identity' : 'curate']}/`;
  }

  #eventBindings({ uses }: Manifest): FunctionBinding {
    const bindings: Record<string, FunctionBinding[string]> = {};
    for (const [name, use] of Object.entries(uses))
      if (use.port === 'events') bindings[name] = { kind: 'cloudevents', sink: this.#sinkOf(use.topic) };
    return bindings;
  }

  async #run(bundle: string, manifest: Manifest): Promise<void> {
    const child = spawn(process.execPath, [bundle], {
      env: {
        PATH: process.env.PATH,
        LAKE_FUNCTION: manifest.name,
        LAKE_BINDING: JSON.stringify({ ...this.#home.bindingOf(manifest), ...this.#eventBindings(manifest) }),
        LAKE_ORIGIN: new URL(this.baseUrl).origin,
        LAKE_ISSUER: new URL(this.tokenUrl).origin,
        PORT: String(this.#ports[manifest.name]),
        ...this.#home.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#processes.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (process.env.LAKE_TEST_LOG !== undefined) process.stderr.write(`${manifest.name}: ${chunk.toString()}`);
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', () => reject(new Error(`${manifest.name} ended at start: ${said}`)));
    });
  }
}
