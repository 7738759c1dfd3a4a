import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { FunctionBinding } from '../../adapters/bindings';
import { HttpEvents } from '../../adapters/cloudevents/http-events';
import { systemClock } from '../../adapters/ports/clock';
import { knativeManifests } from '../../functions/hosts/knative/manifests';
import { scheduledFunction } from '../../functions/hosts/knative/scheduled-functions';
import type { Ledger } from '../../functions/ingest/ledger';
import type { Manifest } from '../../functions/manifest';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import type { GoldenHost } from '../contract/golden-host';
import { freePort } from './loopback-server';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };

/** Milliseconds within which a function says that it listens, eighteen of them starting at once on two processors. */
const slowestStart = 100_000;

/** Where the zones, databases and keys of a lake are, and what its operator does there. */
export interface KnativeHome {
  /** Environment of each function besides its binding: credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ledger: Pick<Ledger, 'unpublished'>;
  /** Where senders get tokens, where it is not the lake's own issuer. */
  readonly tokenUrl?: string;
  /** Whether its servers are enough for this function. */
  serves(manifest: Manifest): boolean;
  bindingOf(manifest: Manifest): FunctionBinding;
  register(ods: string, scopes: readonly string[]): Promise<ProviderCredentials>;
  disable(ods: string): Promise<void>;
  auditVerifies(): Promise<boolean>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  remove(): Promise<void>;
}

/** A function of the host that dies at a place of its own (tests/emulators/mortal-function.ts). */
export interface MortalFunction {
  readonly script: string;
  readonly diesAt: string;
}

/** The Knative host's functions, each in a process of its own as pods are, over some home. */
export class KnativeLake implements GoldenHost {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly #home: KnativeHome;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #processes = new Map<string, ChildProcess>();

  private constructor(home: KnativeHome, ports: Readonly<Record<string, number>>) {
    this.#home = home;
    this.#ports = ports;
    this.baseUrl = `http://127.0.0.1:${ports.ingest}/FHIR/R4`;
    this.tokenUrl = home.tokenUrl ?? `http://127.0.0.1:${ports['provider-access']}/oauth2/token`;
  }

  static async start(home: KnativeHome): Promise<KnativeLake> {
    const ports: Record<string, number> = {};
    const served = knativeManifests.filter(
      (manifest) => scheduledFunction(manifest.name) === undefined && home.serves(manifest),
    );
    for (const { name } of served) ports[name] = await freePort();
    const lake = new KnativeLake(home, ports);
    try {
      await Promise.all(served.map((manifest) => lake.#run(manifest)));
    } catch (error) {
      // Those that run would keep the test's process alive.
      for (const child of lake.#processes.values()) child.kill('SIGKILL');
      throw error;
    }
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
    const children = [...this.#processes.values()];
    for (const child of children) child.kill('SIGTERM');
    await Promise.all([...this.#processes.keys()].map((name) => this.ended(name)));
    await this.#home.remove();
    if (children.some(({ exitCode }) => exitCode !== 0)) throw new Error('A function did not end cleanly on SIGTERM.');
  }

  /** Where no broker is, an event goes to the function that takes it. */
  #sinkOf(topic: string): string {
    return `http://127.0.0.1:${this.#ports[topic === 'landed.identity' ? 'identity' : 'curate']}/`;
  }

  /** Where another function of this lake listens. */
  originOf(name: string): string {
    return `http://127.0.0.1:${this.#ports[name]}`;
  }

  /** What a home cannot know: where the functions listen. */
  #bindingOf(manifest: Manifest): FunctionBinding {
    const bindings: Record<string, FunctionBinding[string]> = { ...this.#home.bindingOf(manifest) };
    for (const [name, use] of Object.entries(manifest.uses)) {
      if (use.port === 'events') bindings[name] = { kind: 'cloudevents', sink: this.#sinkOf(use.topic) };
      const given = bindings[name];
      if (use.port === 'requests' && given?.kind === 'http')
        bindings[name] = { ...given, address: this.originOf(use.to) };
    }
    return bindings;
  }

  pidOf(name: string): number {
    return this.#processes.get(name)!.pid!;
  }

  /**
   * Ends a function's process as a lost machine does, and starts it again.
   *
   * @param instead of the host's own bundle: another script, told where to die
   */
  async kill(name: string, instead?: MortalFunction): Promise<void> {
    const child = this.#processes.get(name)!;
    child.kill('SIGKILL');
    await this.ended(name);
    await this.#run(knativeManifests.find((one) => one.name === name)!, instead);
  }

  /** Waits for a function's process to die. */
  async ended(name: string): Promise<void> {
    const child = this.#processes.get(name)!;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** One tick of a function that lives for a tick only; gives its exit code. */
  async tick(name: string): Promise<number | null> {
    const manifest = knativeManifests.find((one) => one.name === name)!;
    const child = this.#spawn(manifest, 0);
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }

  #spawn(
    manifest: Manifest,
    port: number,
    instead?: MortalFunction,
  ): ChildProcess & { readonly stdout: Readable; readonly stderr: Readable } {
    return spawn(process.execPath, [instead?.script ?? buildWhenStale('knative')], {
      env: {
        PATH: process.env.PATH,
        LAKE_FUNCTION: manifest.name,
        LAKE_BINDING: JSON.stringify(this.#bindingOf(manifest)),
        LAKE_ORIGIN: new URL(this.baseUrl).origin,
        LAKE_ISSUER: new URL(this.tokenUrl).origin,
        PORT: String(port),
        ...this.#home.environment,
        ...(instead === undefined ? {} : { LAKE_DIES_AT: instead.diesAt }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async #run(manifest: Manifest, instead?: MortalFunction): Promise<void> {
    const child = this.#spawn(manifest, this.#ports[manifest.name]!, instead);
    this.#processes.set(manifest.name, child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (process.env.LAKE_TEST_LOG !== undefined) process.stderr.write(`${manifest.name}: ${chunk.toString()}`);
    });
    await new Promise<void>((resolve, reject) => {
      const silent = setInterval(() => reject(new Error(`${manifest.name} does not start: ${said}`)), slowestStart);
      const over = (settle: () => void) => () => {
        clearInterval(silent);
        settle();
      };
      child.stdout.once('data', over(resolve));
      child.once(
        'exit',
        over(() => reject(new Error(`${manifest.name} ended at start: ${said}`))),
      );
    });
  }
}
