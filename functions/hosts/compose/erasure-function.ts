import { systemClock } from '../../../adapters/ports/clock';
import { isLakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { certify } from '../../erasure/certificate';
import { eraseLanding } from '../../erasure/erase-objects';
import { certificatesFolder, verifyCertificate } from '../../erasure/erasure-certificates';
import type { ErasureCertificate, ErasureCounts, ErasurePlan } from '../../erasure/erasure-plan';
import { erasureRecord, retentionAgent } from '../../erasure/erasure-record';
import type { erasureManifest } from '../../erasure/manifest';
import type { Failpoint } from '../../failpoint';
import type { PortsOf } from '../../manifest';
import { FlatRows } from '../../marts/flat-rows';
import { extractsFolder } from '../../research/manifest';
import { CuratedTable } from '../../tables/curated-table';
import { readableFoldersOf } from '../../tables/place-file';
import type { FoundPeople, IdentityErasure } from './identity-erasure-function';

interface ErasureServices {
  readonly lake: PortsOf<typeof erasureManifest>;
  readonly identity: IdentityErasure;
  /** Makes the marts there are anew, without a past; gives their names. */
  readonly rebuildMarts: () => Promise<readonly string[]>;
  /** Leaves no copy of deleted rows in files of databases that this process holds. */
  readonly forgetDeletedRows: () => Promise<void>;
  readonly failpoint: Failpoint;
}

const at = (id: string): string => `${certificatesFolder}${id}.json`;

/** Everything the lake holds of some people erased, in every zone, with a certificate; the identity zone does its own part. */
export class Erasure {
  readonly #services: ErasureServices;

  constructor(services: ErasureServices) {
    this.#services = services;
  }

  /**
   * Erases and certifies. Invisible at once, gone when it returns; what a crash interrupts is finished by `resume`, or by the
   * same call with the same id.
   */
  async erase(id: string, { patients, held }: FoundPeople, agent: AuditRecord['agent']): Promise<ErasureCertificate> {
    const { erasures } = this.#services.lake;
    const begun = (await erasures.unfinished()).find(({ plan }) => plan.id === id);
    if (begun !== undefined) return this.#carryOut(begun.plan, begun.requested, agent);
    const done = await this.#certificateOf(id);
    if (done !== undefined) return done;
    const record = erasureRecord('lake erase', patients.length, agent, systemClock.now());
    const plan = await erasures.begin(id, patients, held, record);
    await this.#services.failpoint('erase.planned');
    return this.#carryOut(plan, record.recorded, agent);
  }

  /** Expires records that are past their time; certified as any erasure. */
  async expire(id: string, due: ReadonlyMap<string, string>): Promise<ErasureCertificate> {
    const record = erasureRecord('job:retention.expire', due.size, retentionAgent, systemClock.now());
    const plan = await this.#services.lake.erasures.expire(id, due, record);
    await this.#services.failpoint('erase.planned');
    return this.#carryOut(plan, record.recorded, retentionAgent);
  }

  /** Finishes what a crash interrupted of an expiry, and nothing that an operator asked for. */
  async resumeExpiry(): Promise<void> {
    for (const { plan, requested } of await this.#services.lake.erasures.unfinished())
      if (plan.reason === 'retention') await this.#carryOut(plan, requested, retentionAgent);
  }

  /** Finishes what a crash interrupted. */
  async resume(agent: AuditRecord['agent']): Promise<readonly ErasureCertificate[]> {
    const certificates: ErasureCertificate[] = [];
    for (const { plan, requested } of await this.#services.lake.erasures.unfinished())
      certificates.push(await this.#carryOut(plan, requested, agent));
    return certificates;
  }

  verify(certificate: ErasureCertificate): Promise<boolean> {
    return verifyCertificate(certificate, this.#services.lake.auditKey.publicKey);
  }

  async #certificateOf(id: string): Promise<ErasureCertificate | undefined> {
    try {
      return JSON.parse(Buffer.from(await this.#services.lake.releases.read(at(id))).toString('utf8'));
    } catch (error) {
      if (isLakeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #carryOut(plan: ErasurePlan, requested: string, asked: AuditRecord['agent']): Promise<ErasureCertificate> {
    const { reason } = plan;
    // Also when a later life finishes it in an operator's name.
    const agent = reason === 'retention' ? retentionAgent : asked;
    const { lake, identity, rebuildMarts, forgetDeletedRows, failpoint } = this.#services;
    const { landing, landingKey, releases, erasures, auditKey } = lake;
    await eraseLanding({ store: landing, ...new EnvelopeEncryption(landingKey) }, plan);
    await failpoint('erase.landing');
    const originals = await this.#withOrigins(plan);
    await identity.eraseOriginals(originals);
    await failpoint('erase.originals');
    const curatedRows = await this.#eraseCurated(plan);
    await failpoint('erase.curated');
    const identityRecords = await identity.eraseRegister(plan, agent);
    await failpoint('erase.identity');
    const martsRebuilt = await rebuildMarts();
    const extractFiles = await this.#deleteExtracts();
    await failpoint('erase.marts');
    const erased: ErasureCounts = {
      ...(reason === undefined ? {} : { people: plan.patients.length }),
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
    const certificate = await certify(
      { id: plan.id, requested, completed, ...(reason === undefined ? {} : { reason }), erased },
      auditKey.sign,
    );
    await releases.put(at(plan.id), Buffer.from(`${JSON.stringify(certificate, undefined, 2)}\n`));
    await erasures.complete(plan.id, erasureRecord('job:erasure.complete', plan.patients.length, agent));
    await forgetDeletedRows();
    return certificate;
  }

  /** The plan with the requests that held and replayed messages came by first. */
  async #withOrigins(plan: ErasurePlan): Promise<ErasurePlan> {
    const { lake, identity } = this.#services;
    const origins = [...plan.held, ...(await identity.originsOf(plan.requests))];
    const more = await lake.erasures.originalsOf(origins);
    const requests = [...plan.requests, ...origins.map(({ provider, requestId }) => ({ provider, requestId }))];
    return { ...plan, requests, identityObjects: [...plan.identityObjects, ...more] };
  }

  async #eraseCurated({ resources }: ErasurePlan): Promise<number> {
    const { curated, query } = this.#services.lake;
    const session = await query.session({ readableFolders: readableFoldersOf(curated) });
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

  /** They do not say whom they hold, so all go. */
  async #deleteExtracts(): Promise<number> {
    const { releases } = this.#services.lake;
    let deleted = 0;
    for await (const { key } of releases.list(extractsFolder)) {
      await releases.delete(key);
      deleted += 1;
    }
    await releases.purgeVersionsUnder(extractsFolder);
    return deleted;
  }
}

function countsOf({ resources }: ErasurePlan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
