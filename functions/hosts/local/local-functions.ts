import { systemClock } from '../../../adapters/ports/clock';
import { auditStore } from '../../audit/audit-log';
import type { AuditRecord } from '../../audit/audit-record';
import type { CurateResult } from '../../curate/curate';
import { ledgerStore } from '../../ingest/ledger-store';
import { catalogue, defineManifest, objectStore, onSchedule, query, state } from '../../manifest';
import { curateFunction } from '../compose/curate-function';
import { identityFunction } from '../compose/identity-function';
import type { LakeParts } from './lake-parts';

/** The outbox and the catalogue, as the jobs of one machine use them. */
const dispatchManifest = defineManifest({
  name: 'dispatch',
  trigger: onSchedule('* * * * *'),
  uses: {
    ledger: state(ledgerStore, ['unpublished', 'published', 'countSegments', 'totals', 'deadLetters', 'redrive']),
    catalogue: catalogue(['tables']),
    audit: state(auditStore, ['append']),
    curated: objectStore('curated', ['read', 'list']),
    query: query(),
  },
});

/** Milliseconds: each publishing writes the whole table of links. */
const betweenLinks = 5000;
const together = 8;

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
    return curateFunction(this.#parts, { progress, recorded: true });
  }

  /** Takes landed identity objects into the register and publishes the links they changed. */
  async absorbIdentities(): Promise<number> {
    const identity = identityFunction(this.#parts);
    let changed = 0;
    let published = performance.now();
    for (;;) {
      const rows = await this.ledger.unpublished(200);
      if (rows.length === 0) break;
      const landed = rows.filter(({ zone }) => zone === 'identity');
      // A few at a time share the commit of the identity database; each may be a group of large messages in memory.
      for (let from = 0; from < landed.length; from += together) {
        const counts = await Promise.all(landed.slice(from, from + together).map((row) => identity.absorb(row)));
        changed += counts.reduce((sum, count) => sum + count, 0);
      }
      await this.ledger.published(
        rows.map(({ id }) => id),
        systemClock.now(),
      );
      // Under a steady load there is always more: links do not wait for its end.
      if (performance.now() - published < betweenLinks) continue;
      await identity.publishLinks();
      published = performance.now();
    }
    await identity.publishLinks();
    return changed;
  }
}
