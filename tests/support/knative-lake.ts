import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionBinding } from '../../adapters/bindings';
import { systemClock } from '../../adapters/ports/clock';
import type { LakeEvent } from '../../adapters/ports/events';
import { auditSealerManifest } from '../../functions/audit/manifest';
import { credentialsOf } from '../../functions/cli/lake-access';
import { curateManifest } from '../../functions/curate/manifest';
import { dispatch } from '../../functions/dispatch/dispatch';
import { dispatchManifest } from '../../functions/dispatch/manifest';
import { type LakeFolder, lakeFolder, localBinding } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { Operator } from '../../functions/hosts/local/operator';
import { identityManifest } from '../../functions/identity/manifest';
import { ingestManifest } from '../../functions/ingest/manifest';
import type { Manifest } from '../../functions/manifest';
import { providerAccessManifest } from '../../functions/provider-access/manifest';
import type { GoldenHost } from '../contract/golden-host';

const { buildWhenStale } = require('../../functions/cli/build.js') as { buildWhenStale(name: string): string };

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** CloudEvents HTTP binding, binary mode. */
async function post(port: number, { data, datacontenttype, ...attributes }: LakeEvent): Promise<void> {
  const headers: Record<string, string> = { 'content-type': datacontenttype };
  for (const [name, value] of Object.entries(attributes)) headers[`ce-${name}`] = String(value);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: JSON.stringify(data) });
  if (!answer.ok) throw new Error(`An event was answered ${answer.status}: ${await answer.text()}`);
}

/** The sealer of the lake's own stream; the identity zone's is another process with another database. */
const streamOf = ({ zones }: LakeFolder, { name }: Manifest): FunctionBinding =>
  name === auditSealerManifest.name
    ? {
        audit: { kind: 'file', root: join(zones.audit, 'lake') },
        witness: { kind: 'file', root: join(zones.witness, 'lake') },
      }
    : {};

/** The Knative host's functions, each in a process of its own as pods are, over files and SQLite on one disk. */
export class KnativeLake implements GoldenHost {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly #parts: LakeParts;
  readonly #operator: Operator;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #processes: ChildProcess[] = [];

  private constructor(parts: LakeParts, ports: Readonly<Record<string, number>>) {
    this.#parts = parts;
    this.#operator = new Operator(parts);
    this.#ports = ports;
    this.baseUrl = `http://127.0.0.1:${ports.ingest}/FHIR/R4`;
    this.tokenUrl = `http://127.0.0.1:${ports['provider-access']}/oauth2/token`;
  }

  static async start(): Promise<KnativeLake> {
    const folder = lakeFolder(mkdtempSync(join(tmpdir(), 'lake-knative-')));
    const parts = new LakeParts(folder);
    await parts.prepare();
    const manifests: readonly Manifest[] = [
      providerAccessManifest,
      ingestManifest,
      identityManifest,
      curateManifest,
      auditSealerManifest,
    ];
    const ports: Record<string, number> = {};
    for (const { name } of manifests) ports[name] = await freePort();
    const lake = new KnativeLake(parts, ports);
    const bundle = buildWhenStale('knative');
    await Promise.all(manifests.map((manifest) => lake.#run(bundle, manifest)));
    return lake;
  }

  async register(ods: string, scopes: readonly string[]) {
    await this.#operator.registerProvider({
      ods,
      name: `Provider ${ods}`,
      scopes,
      nhsNumberPolicy: 'quarantine',
      keys: [],
    });
    return credentialsOf({ data: this.#parts.folder.root }, ods);
  }

  disable(ods: string): Promise<void> {
    return this.#operator.disableProvider(ods);
  }

  async settle(): Promise<void> {
    const { ledger } = this.#parts.ports(dispatchManifest);
    const to = (name: string) => ({ publish: (event: LakeEvent) => post(this.#ports[name]!, event) });
    await dispatch({ ledger, identityLanded: to('identity'), clinicalLanded: to('curate'), clock: systemClock });
    // The schedule's own beat: what the identity function linked meanwhile comes into the catalogue.
    const beat = { id: randomUUID(), source: '/lake/schedule', type: 'uk.nhs.lake.curate.v1' };
    await to('curate').publish({
      ...beat,
      specversion: '1.0',
      time: systemClock.now().toISOString(),
      datacontenttype: 'application/json',
      data: {},
    });
  }

  async auditVerifies(): Promise<boolean> {
    return (await this.#operator.verifyAudit()).ok;
  }

  async rows(sql: string) {
    return (await this.#operator.sql(sql)).rows;
  }

  /** Every process ends by itself on SIGTERM, as a pod must. */
  async stop(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGTERM');
    const codes = await Promise.all(
      this.#processes.map(async (child) => child.exitCode ?? (await once(child, 'exit'))[0]),
    );
    await this.#parts.close();
    rmSync(this.#parts.folder.root, { recursive: true, force: true });
    if (codes.some((code) => code !== 0)) throw new Error('A function did not end cleanly on SIGTERM.');
  }

  async #run(bundle: string, manifest: Manifest): Promise<void> {
    // A spool of its own, as a pod has: an engine empties the one it is given.
    const folder = { ...this.#parts.folder, spool: join(this.#parts.folder.spool, manifest.name) };
    const child = spawn(process.execPath, [bundle], {
      env: {
        PATH: process.env.PATH,
        LAKE_FUNCTION: manifest.name,
        LAKE_BINDING: JSON.stringify({ ...localBinding(folder, manifest), ...streamOf(folder, manifest) }),
        LAKE_ORIGIN: new URL(this.baseUrl).origin,
        LAKE_ISSUER: new URL(this.tokenUrl).origin,
        LAKE_PSEUDONYM_KEY_FILE: join(this.#parts.folder.keys.lake, 'pseudonym.wrapped.json'),
        PORT: String(this.#ports[manifest.name]),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#processes.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', () => reject(new Error(`${manifest.name} ended at start: ${said}`)));
    });
  }
}
