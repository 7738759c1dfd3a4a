import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { certify, isGenuine } from '../../erasure/certificate';
import { eraseLanding, eraseOriginals } from '../../erasure/erase-objects';
import type { ErasureCertificate, ErasureCounts, ErasurePlan } from '../../erasure/erasure-plan';
import { erasureManifest, identityErasureManifest } from '../../erasure/manifest';
import { publishLinks } from '../../identity/publish-links';
import { QuarantineReview } from '../../identity/quarantine-review';
import { FlatRows } from '../../marts/flat-rows';
import { extractsFolder } from '../../research/manifest';
import { CuratedTable } from '../../tables/curated-table';
import { DeltaTable, type TableStore } from '../../tables/delta-table';
import type { LakeParts } from './lake-parts';
import type { LocalMarts } from './local-marts';

/** Whom an erasure is about: numbers never come from a command line, where others would see them. */
export interface ErasureRequest {
  readonly nhsNumbers: readonly string[];
  /** Re-keyed Patient ids, as curated tables and marts show them. */
  readonly patients: readonly string[];
}

const at = (id: string): string => `erasures/${id}.json`;

/** Erasure on one machine: everything the lake holds of some people, in every zone, with a certificate. */
export class LocalErasure {
  readonly #parts: LakeParts;
  readonly #marts: LocalMarts;
  readonly #lake;
  readonly #identity;

  constructor(parts: LakeParts, marts: LocalMarts) {
    this.#parts = parts;
    this.#marts = marts;
    this.#lake = parts.ports(erasureManifest);
    this.#identity = parts.ports(identityErasureManifest);
  }

  /**
   * Erases and certifies. Invisible at once, gone when it returns; what a crash interrupts is finished by `resume`.
   *
   * @throws LakeError `NotFound` when the lake holds nothing of them.
   */
  async erase({ nhsNumbers, patients }: ErasureRequest): Promise<ErasureCertificate> {
    const found = new Set(patients.map((one) => one.replace(/^Patient\//, '')));
    for (const number of nhsNumbers) {
      for (const reference of await this.#identity.register.patientsOf(number))
        found.add(reference.replace(/^Patient\//, ''));
    }
    // Asked before anything is erased: afterwards nobody knows the numbers any more.
    const numbers = new Set([...nhsNumbers, ...(await this.#identity.register.numbersOf([...found]))]);
    const held = numbers.size === 0 ? [] : await this.#review().naming([...numbers]);
    if (found.size === 0 && held.length === 0)
      throw new LakeError('NotFound', 'The lake holds nothing of these people.');
    const record = auditOf('lake erase', found.size);
    const plan = await this.#lake.erasures.begin(randomUUID(), [...found], held, record);
    await this.#parts.failpoint('erase.planned');
    return this.#carryOut(plan, record.recorded);
  }

  /** Finishes what a crash interrupted. */
  async resume(): Promise<readonly ErasureCertificate[]> {
    const certificates: ErasureCertificate[] = [];
    for (const { plan, requested } of await this.#lake.erasures.unfinished())
      certificates.push(await this.#carryOut(plan, requested));
    return certificates;
  }

  async verify(certificate: ErasureCertificate): Promise<boolean> {
    const { pem } = await this.#lake.auditKey.publicKey(certificate.signature.keyVersion);
    return isGenuine(certificate, pem);
  }

  async #carryOut(plan: ErasurePlan, requested: string): Promise<ErasureCertificate> {
    const { failpoint } = this.#parts;
    const { landing, landingKey, releases, erasures, auditKey } = this.#lake;
    const { identity, identityKey, register, curated, query } = this.#identity;
    await eraseLanding({ store: landing, ...new EnvelopeEncryption(landingKey) }, plan);
    await failpoint('erase.landing');
    const originals = await this.#withOrigins(plan);
    await eraseOriginals({ store: identity, ...new EnvelopeEncryption(identityKey) }, originals);
    for (const message of plan.held) await this.#review().remove(message);
    await failpoint('erase.originals');
    const curatedRows = await this.#eraseCurated(plan);
    await failpoint('erase.curated');
    const identityRecords = await register.erase(
      plan.resources,
      plan.patients,
      auditOf('job:erasure.identity', plan.patients.length),
    );
    const links = await publishLinks(register, curated, query);
    await this.#forgetHistory(curated, [links.name]);
    await failpoint('erase.identity');
    const martsRebuilt = await this.rebuildMarts();
    const extractFiles = await this.#deleteExtracts();
    await failpoint('erase.marts');
    const erased: ErasureCounts = {
      resources: countsOf(plan),
      segments: plan.segments.length,
      originals: originals.requests.length,
      curatedRows,
      identityRecords,
      heldMessages: plan.held.length,
      martsRebuilt,
      extractFiles,
    };
    const completed = systemClock.now().toISOString();
    const certificate = await certify({ id: plan.id, requested, completed, erased }, auditKey.sign);
    await releases.put(at(plan.id), Buffer.from(`${JSON.stringify(certificate, undefined, 2)}\n`));
    await erasures.complete(plan.id, auditOf('job:erasure.complete', plan.patients.length));
    await this.#parts.forgetDeletedRows();
    return certificate;
  }

  /** The plan with the requests that held and replayed messages came by first. */
  async #withOrigins(plan: ErasurePlan): Promise<ErasurePlan> {
    const origins = [...plan.held, ...(await this.#identity.register.originsOf(plan.requests))];
    const more = await this.#lake.erasures.originalsOf(origins);
    const requests = [...plan.requests, ...origins.map(({ provider, requestId }) => ({ provider, requestId }))];
    return { ...plan, requests, identityObjects: [...plan.identityObjects, ...more] };
  }

  async #eraseCurated({ resources }: ErasurePlan): Promise<number> {
    const { curated, query } = this.#lake;
    const session = await query.session({ readableFolders: [this.#parts.folder.zones.curated] });
    try {
      let rows = 0;
      for (const type of new Set(resources.map((one) => one.type))) {
        const ids = resources.filter((one) => one.type === type).map(({ id }) => id);
        rows += (await new CuratedTable(curated, type, query).erase(session, ids)).rows;
        await new FlatRows({ curated, engine: query, session }).prune(type);
      }
      return rows;
    } finally {
      await session.close();
    }
  }

  /** Marts are made anew from what is left; versions before that are deleted, so that no reader goes back to them. */
  async rebuildMarts(): Promise<readonly string[]> {
    const { marts } = this.#lake;
    const built = (await this.#marts.list()).filter((mart) => mart.built !== undefined).map(({ mart }) => mart);
    if (built.length === 0) return [];
    // Of a mart that may not be built now, because an opt-out list is stale, nothing stays: the person's rows must go today.
    await this.#marts.build(built, { refused: 'empty' });
    await this.#forgetHistory(marts, built);
    return built;
  }

  async #deleteExtracts(): Promise<number> {
    const { releases } = this.#lake;
    let deleted = 0;
    for await (const { key } of releases.list(extractsFolder)) {
      await releases.delete(key);
      deleted += 1;
    }
    await releases.purgeVersionsUnder(extractsFolder);
    return deleted;
  }

  /** What was erased must not be readable a minute longer, also not by time travel. */
  async #forgetHistory(store: TableStore, tables: readonly string[]): Promise<void> {
    const { query } = this.#lake;
    const session = await query.session();
    try {
      for (const table of tables) await new DeltaTable(store, table, query).forgetHistory(session);
    } finally {
      await session.close();
    }
  }

  #review(): QuarantineReview {
    const { identity, identityKey } = this.#identity;
    const { open } = new EnvelopeEncryption({ unwrap: identityKey.unwrap });
    return new QuarantineReview({ store: identity, open, register: this.#identity.register });
  }
}

function countsOf({ resources }: ErasurePlan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

const auditOf = (action: string, people: number): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'erase',
  action,
  agent: { kind: 'operator', id: 'local' },
  outcome: { result: 'allowed', code: 'erased' },
  entities: [{ type: 'Patient', count: people }],
  purpose: 'PATRQT',
});
