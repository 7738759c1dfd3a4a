import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { PublicKey } from '../../../adapters/ports/key-management';
import { exportAudit } from '../../audit/audit-export';
import { AuditSealer } from '../../audit/audit-sealer';
import { type AuditReport, together, verifyAudit } from '../../audit/audit-verify';
import { auditSealerManifest, auditStreams, identityAuditSealerManifest } from '../../audit/manifest';
import type { LakeParts } from './lake-parts';

const beatMilliseconds = 2000;

export class AuditStreams {
  readonly #parts: LakeParts;
  readonly #sealers: readonly AuditSealer[];
  #sealing: Promise<void> = Promise.resolve();

  constructor(parts: LakeParts) {
    this.#parts = parts;
    const { failpoint } = parts;
    this.#sealers = [auditSealerManifest, identityAuditSealerManifest].map(
      (manifest) =>
        new AuditSealer({
          ports: parts.ports(manifest),
          clock: systemClock,
          holder: `local-${manifest.uses.log.store.database}`,
          failpoint,
        }),
    );
  }

  /** One round at a time: two rounds of this process would take the lease from each other. */
  seal(): Promise<void> {
    const round = async (): Promise<void> => {
      for (const sealer of this.#sealers) await sealer.seal();
    };
    const next = this.#sealing.then(round, round);
    this.#sealing = next.catch(() => undefined);
    return next;
  }

  /** Seals what waits, then holds the sealers back while something reads the chain and its tip together. */
  async whileHeld<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.seal();
    const next = this.#sealing.then(work, work);
    this.#sealing = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  }

  start(onFailure: (error: unknown) => void): () => Promise<void> {
    let running: Promise<void> | undefined;
    const timer = setInterval(() => {
      running ??= this.seal()
        .catch(onFailure)
        .finally(() => {
          running = undefined;
        });
    }, beatMilliseconds);
    return async () => {
      clearInterval(timer);
      await running;
      await this.seal();
      for (const sealer of this.#sealers) await sealer.release();
    };
  }

  /** Seals what waits, then verifies both chains with the public key and the witness copy alone. */
  async verify(): Promise<AuditReport> {
    await this.seal();
    const publicKeys = (await this.#publicKeys()).map(({ pem }) => pem);
    const { audit, witness } = this.#parts.folder.zones;
    const reports: AuditReport[] = [];
    for (const stream of auditStreams) {
      const at = (zone: string) => new FileObjectStore(join(zone, stream));
      reports.push(await verifyAudit({ audit: at(audit), witness: at(witness), publicKeys }));
    }
    return together(reports);
  }

  /** Seals what waits, then copies each stream into a folder of its own; the folder must not hold an export already. */
  async export(out: string): Promise<{ readonly records: number; readonly files: number }> {
    if (existsSync(out) && readdirSync(out).length > 0)
      throw new LakeError('AlreadyExists', 'The folder of --out is not empty. Name a new one.');
    await this.seal();
    const publicKeys = await this.#publicKeys();
    let [records, files] = [0, 0];
    for (const stream of auditStreams) {
      const exported = await exportAudit({
        audit: new FileObjectStore(join(this.#parts.folder.zones.audit, stream)),
        target: new FileObjectStore(join(out, stream)),
        source: { id: `nhs-data-lake:${stream}`, address: 'localhost' },
        publicKeys,
      });
      records += exported.records;
      files += Object.keys(exported.checksums).length + 1;
    }
    return { records, files };
  }

  async #publicKeys(): Promise<readonly PublicKey[]> {
    const keys = new FileKeyManagement(this.#parts.folder.keys.lake);
    const { version } = await keys.publicKey('audit');
    const all: PublicKey[] = [];
    for (let number = 1; number <= version; number += 1) all.push(await keys.publicKey('audit', number));
    return all;
  }
}
