import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { type HoldRequest, LegalHolds, patientsNamed } from '../../retention/legal-holds';
import { identityRetentionManifest, retentionManifest } from '../../retention/manifest';
import { codeOfPractice, type RetentionSchedule, readSchedule } from '../../retention/retention-schedule';
import type { LegalHold } from '../../retention/retention-store';
import { type Expired, identityRetention, Retention, type RetentionReport } from '../compose/retention-function';
import type { LakeParts } from './lake-parts';
import type { LocalErasure } from './local-erasure';

/** The retention schedule of one machine: what is past its time goes, what is under a legal hold stays. */
export class LocalRetention {
  readonly #parts: LakeParts;
  readonly #identity;
  readonly #retention: Retention;
  readonly #holds: LegalHolds;

  constructor(parts: LakeParts, erasure: Pick<LocalErasure, 'expire'>) {
    this.#parts = parts;
    const lake = parts.ports(retentionManifest);
    this.#identity = parts.ports(identityRetentionManifest);
    this.#holds = new LegalHolds(lake.retention, systemClock);
    this.#retention = new Retention({
      lake,
      identity: identityRetention(this.#identity),
      expire: (due) => erasure.expire(due),
    });
  }

  /** What would go, now or at another time. Changes nothing. */
  report({ at }: { readonly at?: string | undefined }): Promise<RetentionReport> {
    return this.#retention.report(this.#schedule(), at);
  }

  /** Expires what is past its time. Cut off, it goes on by itself at the next start, or with the next run. */
  run(now = systemClock.now()): Promise<Expired> {
    return this.#retention.run(this.#schedule(), now);
  }

  /** A hold on a person is one on each of their patients that the lake knows; one on a provider keeps all it sent. */
  async hold({
    nhsNumbers,
    patients,
    ...asked
  }: HoldRequest & { readonly nhsNumbers: readonly string[] }): Promise<readonly LegalHold[]> {
    const named = await patientsNamed(this.#identity.register, nhsNumbers);
    return this.#holds.place({ ...asked, patients: [...patients, ...named] }, 'local');
  }

  release({ id }: { readonly id: string }): Promise<readonly LegalHold[]> {
    return this.#holds.release(id, 'local');
  }

  holds(): Promise<readonly LegalHold[]> {
    return this.#holds.list();
  }

  /** Read anew each time: a schedule is changed without a restart. */
  #schedule(): RetentionSchedule {
    const file = join(this.#parts.folder.root, 'retention.json');
    return existsSync(file) ? readSchedule(readFileSync(file, 'utf8')) : codeOfPractice;
  }
}
