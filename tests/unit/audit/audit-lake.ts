import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import type { Clock } from '../../../adapters/ports/clock';
import type { ObjectStore } from '../../../adapters/ports/object-store';
import { auditStore } from '../../../functions/audit/audit-log';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import { AuditSealer, type AuditSealerOptions } from '../../../functions/audit/audit-sealer';
import { type AuditReport, type AuditVerification, verifyAudit } from '../../../functions/audit/audit-verify';

/** A clock that stands still until it is told to move. */
export class HeldClock implements Clock {
  #now: number;

  constructor(start = '2026-03-02T09:00:00.000Z') {
    this.#now = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#now);
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

/** A P-384 signing key as KeyManagement would bind it, with versions. */
export class SigningKey {
  readonly #versions: { privateKey: KeyObject; pem: string }[] = [];

  constructor() {
    this.rotate();
  }

  rotate(): void {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
    this.#versions.push({ privateKey, pem });
  }

  get pems(): string[] {
    return this.#versions.map(({ pem }) => pem);
  }

  readonly sign = async (bytes: Uint8Array) => ({
    keyName: 'audit',
    version: this.#versions.length,
    algorithm: 'ES384' as const,
    bytes: sign('sha384', bytes, { key: this.#versions.at(-1)!.privateKey, dsaEncoding: 'ieee-p1363' }),
  });

  readonly publicKey = async (version = this.#versions.length) => ({
    keyName: 'audit',
    version,
    pem: this.#versions[version - 1]!.pem,
  });
}

export function anAuditRecord(clock: Clock, change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    recorded: clock.now().toISOString(),
    event: 'create',
    action: 'POST /FHIR/R4/{type}',
    agent: { kind: 'provider', id: 'provider-Y01234', address: '192.0.2.7' },
    outcome: { result: 'allowed', code: 'created', status: 201 },
    entities: [{ type: 'Observation', id: 'rk-5f0c', version: 1 }],
    requestId: '5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5',
    purpose: 'TREAT',
    ...change,
  };
}

/** State database, audit zone, witness and key of a small lake. */
export class AuditLake {
  readonly folder = mkdtempSync(join(tmpdir(), 'lake-audit-'));
  readonly clock = new HeldClock();
  readonly key = new SigningKey();
  readonly database = new SqliteStateDatabase(join(this.folder, 'lake.sqlite'));
  readonly log = auditStore.open(this.database);
  readonly audit: ObjectStore;
  readonly witness: ObjectStore;

  constructor(audit: ObjectStore, witness: ObjectStore) {
    this.audit = audit;
    this.witness = witness;
  }

  static async open(
    audit: ObjectStore = new MemoryObjectStore(),
    witness: ObjectStore = new MemoryObjectStore(),
  ): Promise<AuditLake> {
    const lake = new AuditLake(audit, witness);
    await lake.database.migrate(auditStore.migrations);
    return lake;
  }

  sealer(options: Partial<AuditSealerOptions> = {}): AuditSealer {
    const { log, audit, witness, key, clock } = this;
    return new AuditSealer({
      ports: { log, audit, witness, key },
      clock,
      holder: 'one',
      beatSeconds: 60,
      segmentRecords: 4,
      ...options,
    });
  }

  async record(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) ids.push(await this.log.append(anAuditRecord(this.clock)));
    return ids;
  }

  verify(options: Partial<AuditVerification> = {}): Promise<AuditReport> {
    const { audit, witness } = this;
    return verifyAudit({ audit, witness, publicKeys: this.key.pems, settleMilliseconds: 0, ...options });
  }

  async close(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Every object of a store, so that two states can be compared or one be put back. */
export async function contentsOf(store: ObjectStore): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for await (const { key } of store.list('')) contents.set(key, await store.read(key));
  return contents;
}

export async function storeWith(contents: ReadonlyMap<string, Uint8Array>): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  for (const [key, bytes] of contents) await store.put(key, bytes);
  return store;
}
