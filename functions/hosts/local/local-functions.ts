import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { auditStore } from '../../audit/audit-log';
import type { AuditRecord } from '../../audit/audit-record';
import { catalogueStore } from '../../catalogue/catalogue-store';
import { type CurateResult, curate } from '../../curate/curate';
import { curateManifest } from '../../curate/manifest';
import { absorb } from '../../identity/absorb';
import { identityManifest } from '../../identity/manifest';
import { publishLinks } from '../../identity/publish-links';
import { ledgerStore } from '../../ingest/ledger-store';
import { defineManifest, objectStore, onSchedule, query, state } from '../../manifest';
import type { IdentityRecord } from '../../privacy/identity-record';
import { mayLinkPerson } from '../../privacy/nhs-number';
import { CuratedTable } from '../../tables/curated-table';
import type { DeltaTable } from '../../tables/delta-table';
import type { LakeParts } from './lake-parts';

/** The outbox and the catalogue, as the jobs of one machine use them. */
const dispatchManifest = defineManifest({
  name: 'dispatch',
  trigger: onSchedule('* * * * *'),
  uses: {
    ledger: state(ledgerStore, ['unpublished', 'published', 'countSegments', 'totals']),
    catalogue: state(catalogueStore, ['publish', 'tables']),
    audit: state(auditStore, ['append']),
    curated: objectStore('curated', ['read', 'list']),
    query: query(),
  },
});

/** The digits of a verified number (status 01): of the person the record is about, not of people it mentions. */
function verifiedNhsNumberOf(record: unknown): string | undefined {
  const { people } = record as IdentityRecord;
  for (const { reading, status, use } of people[0]?.nhsNumbers ?? []) {
    if (use !== 'old' && reading.kind === 'valid' && mayLinkPerson(reading, status)) return reading.value;
  }
  return undefined;
}

/** What the jobs of one machine do, each over the ports its manifest declares. */
export class LocalFunctions {
  readonly #parts: LakeParts;
  readonly #dispatch;

  constructor(parts: LakeParts) {
    this.#parts = parts;
    this.#dispatch = parts.ports(dispatchManifest);
  }

  get ledger() {
    return this.#dispatch.ledger;
  }

  get catalogue() {
    return this.#dispatch.catalogue;
  }

  audit(record: Omit<AuditRecord, 'recorded'>): Promise<string> {
    return this.#dispatch.audit.append({ recorded: systemClock.now().toISOString(), ...record });
  }

  /** Tells the identity function what landed in its zone, then curates: the outbox is marked only when both are done. */
  async curate(progress?: (result: CurateResult) => void): Promise<CurateResult> {
    await this.absorbIdentities();
    const ports = this.#parts.ports(curateManifest);
    const { open } = new EnvelopeEncryption({ unwrap: ports.landingKey.unwrap });
    const session = await ports.query.session();
    const tables = new Map<string, CuratedTable>();
    try {
      const result = await curate(
        {
          landing: ports.landing,
          open,
          ledger: ports.ledger,
          writer: {
            append: async (type, batch, file) => {
              const table = tables.get(type) ?? new CuratedTable(ports.curated, type, ports.query);
              tables.set(type, table);
              await table.appendBatch(session, batch, file);
            },
          },
          spoolFolder: ports.query.spoolFolder,
          failpoint: this.#parts.failpoint,
        },
        progress,
      );
      for (const table of tables.values()) await this.publish('curated', table.delta);
      if (result.rows > 0) await this.audit(jobRecord('job:curate', 'curated-row', result.rows));
      return result;
    } finally {
      await session.close();
    }
  }

  /** Takes landed identity objects into the register and publishes the links they changed. */
  async absorbIdentities(): Promise<number> {
    const ports = this.#parts.ports(identityManifest);
    const { open } = new EnvelopeEncryption({ unwrap: ports.identityKey.unwrap });
    let changed = 0;
    for (;;) {
      const rows = await this.ledger.unpublished(200);
      if (rows.length === 0) break;
      for (const { zone, key, provider, requestIds } of rows) {
        if (zone !== 'identity') continue;
        changed += await absorb(
          { store: ports.identity, open, register: ports.register, verifiedNhsNumberOf },
          { key, provider, requestIds },
        );
      }
      await this.ledger.published(
        rows.map(({ id }) => id),
        systemClock.now(),
      );
    }
    if (changed > 0) await this.publish('curated', await publishLinks(ports.register, ports.curated, ports.query));
    return changed;
  }

  async publish(database: 'curated' | 'marts', table: DeltaTable): Promise<void> {
    const [schema, { version }] = [await table.schema(), await table.snapshot()];
    const columns = (schema?.fields ?? []).map(({ name, type }) => ({
      name,
      type: typeof type === 'string' ? type : JSON.stringify(type),
    }));
    await this.catalogue.publish({
      database,
      name: table.name,
      columns,
      tableVersion: version,
      updated: systemClock.now().toISOString(),
    });
  }
}

const jobRecord = (action: string, type: string, count: number): Omit<AuditRecord, 'recorded'> => ({
  event: 'job',
  action,
  agent: { kind: 'function', id: action.replace('job:', '') },
  outcome: { result: 'allowed', code: 'done' },
  entities: [{ type, count }],
  purpose: 'HOPERAT',
});
