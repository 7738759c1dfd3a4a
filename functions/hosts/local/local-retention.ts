import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { judgeRecords } from '../../retention/judge-records';
import { type HoldRequest, LegalHolds, patientsNamed } from '../../retention/legal-holds';
import { identityRetentionManifest, retentionManifest } from '../../retention/manifest';
import { codeOfPractice, type RetentionSchedule, readSchedule } from '../../retention/retention-schedule';
import type { LegalHold } from '../../retention/retention-store';
import { type Expired, identityRetention, Retention, samePersonIn } from '../compose/retention-function';
import type { LakeParts } from './lake-parts';
import type { LocalErasure } from './local-erasure';

/** How many records stand how, and what else is past its time. Counts only. */
export interface RetentionReport {
  /** RFC 3339: judged as of this moment. */
  readonly at: string;
  /** A record is what one provider holds of one person. `undecided` are those of `kept` that nothing ends. */
  readonly records: { readonly kept: number; readonly undecided: number; readonly due: number; readonly held: number };
  /** When the next record ends, of those that are kept. */
  readonly next: string | undefined;
  readonly quarantine: number;
  readonly imports: number;
}

/** The retention schedule of one machine: what is past its time goes, what is under a legal hold stays. */
export class LocalRetention {
  readonly #parts: LakeParts;
  readonly #lake;
  readonly #identity;
  readonly #retention: Retention;
  readonly #holds: LegalHolds;

  constructor(parts: LakeParts, erasure: Pick<LocalErasure, 'expire'>) {
    this.#parts = parts;
    this.#lake = parts.ports(retentionManifest);
    this.#identity = parts.ports(identityRetentionManifest);
    this.#holds = new LegalHolds(this.#lake.retention, systemClock);
    this.#retention = new Retention({
      lake: this.#lake,
      identity: identityRetention(this.#identity),
      expire: (due) => erasure.expire(due),
    });
  }

  /** What would go, now or at another time. Changes nothing. */
  async report(input: { readonly at?: string | undefined }): Promise<RetentionReport> {
    const now = input.at === undefined ? systemClock.now() : new Date(input.at);
    if (Number.isNaN(now.getTime())) throw new LakeError('InvalidArgument', 'A time is given as RFC 3339 says.');
    const schedule = this.#schedule();
    const records = { kept: 0, undecided: 0, due: 0, held: 0 };
    let next: Date | undefined;
    for await (const page of judgeRecords(this.#judge, schedule, now)) {
      for (const { verdict, end } of page) {
        records[verdict] += 1;
        if (end === undefined) records.undecided += 1;
        else if (verdict === 'kept' && (next === undefined || end < next)) next = end;
      }
    }
    const { messages, uploads } = await this.#retention.overdue(await this.#retention.questionOf(schedule, now));
    const waiting = { quarantine: messages.length, imports: uploads.length };
    return { at: now.toISOString(), records, next: next?.toISOString(), ...waiting };
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

  get #judge() {
    const { register } = this.#identity;
    return { retention: this.#lake.retention, lifespansOf: register.lifespansOf, samePerson: samePersonIn(register) };
  }

  /** Read anew each time: a schedule is changed without a restart. */
  #schedule(): RetentionSchedule {
    const file = join(this.#parts.folder.root, 'retention.json');
    return existsSync(file) ? readSchedule(readFileSync(file, 'utf8')) : codeOfPractice;
  }
}
