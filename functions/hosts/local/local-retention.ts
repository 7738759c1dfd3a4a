import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { QuarantineReview } from '../../identity/quarantine-review';
import { type JudgedRecord, judgeRecords } from '../../retention/judge-records';
import { identityRetentionManifest, retentionManifest } from '../../retention/manifest';
import { codeOfPractice, type RetentionSchedule, readSchedule } from '../../retention/retention-schedule';
import type { LegalHold } from '../../retention/retention-store';
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

export interface Expired {
  readonly records: number;
  /** Ids of the certificates in the zone of releases. */
  readonly certificates: readonly string[];
  readonly quarantine: number;
  readonly imports: number;
}

const day = 86_400_000;
const recordsAtOnce = 500;
const ended = ['completed', 'cancelled', 'failed'];

/** The retention schedule of one machine: what is past its time goes, what is under a legal hold stays. */
export class LocalRetention {
  readonly #parts: LakeParts;
  readonly #erasure: Pick<LocalErasure, 'expire'>;
  readonly #lake;
  readonly #identity;
  readonly #review: QuarantineReview;

  constructor(parts: LakeParts, erasure: Pick<LocalErasure, 'expire'>) {
    this.#parts = parts;
    this.#erasure = erasure;
    this.#lake = parts.ports(retentionManifest);
    this.#identity = parts.ports(identityRetentionManifest);
    const { open } = new EnvelopeEncryption({ unwrap: this.#identity.identityKey.unwrap });
    this.#review = new QuarantineReview({ store: this.#identity.held, open, register: this.#identity.register });
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
    const quarantine = (await this.#heldMessages(schedule, now)).length;
    const imports = (await this.#endedImports(schedule, now)).length;
    return { at: now.toISOString(), records, next: next?.toISOString(), quarantine, imports };
  }

  /** Expires what is past its time. Cut off, it goes on by itself at the next start, or with the next run. */
  async run(now = systemClock.now()): Promise<Expired> {
    const schedule = this.#schedule();
    const certificates: string[] = [];
    let records = 0;
    let due = new Map<string, string>();
    const expire = async (): Promise<void> => {
      if (due.size === 0) return;
      const { id, erased } = await this.#erasure.expire(due);
      certificates.push(id);
      records += erased.people ?? 0;
      due = new Map();
    };
    for await (const page of judgeRecords(this.#judge, schedule, now)) {
      for (const { patient, contact } of page.filter(({ verdict }: JudgedRecord) => verdict === 'due'))
        due.set(patient, contact);
      if (due.size >= recordsAtOnce) await expire();
    }
    await expire();
    const held = await this.#heldMessages(schedule, now);
    for (const message of held) await this.#review.remove(message);
    const imports = await this.#endedImports(schedule, now);
    for (const key of imports) await this.#identity.inbox.delete(key);
    if (held.length + imports.length > 0) {
      const entities = [
        { type: 'held-message', count: held.length },
        { type: 'import-object', count: imports.length },
      ];
      await this.#identity.register.record({ ...auditOf('job:retention.identity', 'expired'), entities });
    }
    return { records, certificates, quarantine: held.length, imports: imports.length };
  }

  /** A hold on a person is one on each of their patients that the lake knows; one on a provider keeps all it sent. */
  async hold(input: {
    readonly nhsNumbers: readonly string[];
    readonly patients: readonly string[];
    readonly provider: string | undefined;
    readonly reference: string;
  }): Promise<readonly LegalHold[]> {
    if (!/^[A-Za-z0-9][A-Za-z0-9 ._/-]{2,79}$/.test(input.reference) || /\d{6}/.test(input.reference))
      throw new LakeError(
        'InvalidArgument',
        'A reference names an inquiry or a case, nobody: 3 to 80 letters, digits, spaces, dots, strokes, not six digits in a row.',
      );
    const patients = new Set(input.patients.map(bare));
    for (const number of input.nhsNumbers)
      for (const one of await this.#identity.register.patientsOf(number)) patients.add(bare(one));
    const { reference, provider } = input;
    const holds = [
      ...[...patients].map((subject) => ({ kind: 'patient' as const, subject, reference })),
      ...(provider === undefined ? [] : [{ kind: 'provider' as const, subject: provider, reference }]),
    ];
    if (holds.length === 0)
      throw new LakeError('NotFound', 'The lake knows no such person. Give --patient as curated tables show it.');
    await this.#lake.retention.hold(holds, operatorAudit('lake retention hold'));
    return this.#lake.retention.holds();
  }

  async release(input: { readonly id: string }): Promise<readonly LegalHold[]> {
    await this.#lake.retention.release(input.id, operatorAudit('lake retention release'));
    return this.#lake.retention.holds();
  }

  holds(): Promise<readonly LegalHold[]> {
    return this.#lake.retention.holds();
  }

  get #judge() {
    const { register } = this.#identity;
    const samePerson = async (patient: string): Promise<readonly string[]> => {
      const numbers = await register.numbersOf([patient]);
      return (await Promise.all(numbers.map((number) => register.patientsOf(number)))).flat().map(bare);
    };
    return { retention: this.#lake.retention, lifespansOf: register.lifespansOf, samePerson };
  }

  /** Read anew each time: a schedule is changed without a restart. */
  #schedule(): RetentionSchedule {
    const file = join(this.#parts.folder.root, 'retention.json');
    return existsSync(file) ? readSchedule(readFileSync(file, 'utf8')) : codeOfPractice;
  }

  /** Messages that have waited too long, of nobody and no provider under a hold. */
  async #heldMessages({ quarantineDays }: RetentionSchedule, now: Date) {
    if (quarantineDays === undefined) return [];
    const { providers, patients } = await this.#subjects();
    const numbers = patients.length === 0 ? [] : await this.#identity.register.numbersOf(patients);
    const kept = new Set(
      numbers.length === 0 ? [] : (await this.#review.naming(numbers)).map(({ tracking }) => tracking),
    );
    const found: { provider: string; tracking: string }[] = [];
    for await (const { key, lastModified } of this.#identity.held.list('')) {
      const [provider = '', name = ''] = key.split('/');
      const tracking = name.replace(/\.json$/, '');
      const over = lastModified.getTime() + quarantineDays * day <= now.getTime();
      if (over && !kept.has(tracking) && !providers.has(provider)) found.push({ provider, tracking });
    }
    return found;
  }

  /** Objects of imports that have ended, of no provider under a hold. */
  async #endedImports({ importDays }: RetentionSchedule, now: Date): Promise<readonly string[]> {
    if (importDays === undefined) return [];
    const { providers } = await this.#subjects();
    const keys: string[] = [];
    for await (const { key, lastModified } of this.#identity.inbox.list('')) {
      const [provider = '', id = ''] = key.split('/');
      if (lastModified.getTime() + importDays * day > now.getTime() || providers.has(provider)) continue;
      const found = await this.#lake.imports.get(id);
      if (found === undefined || ended.includes(found.state)) keys.push(key);
    }
    return keys;
  }

  async #subjects() {
    const holds = await this.#lake.retention.holds();
    return {
      providers: new Set(holds.filter(({ kind }) => kind === 'provider').map(({ subject }) => subject)),
      patients: holds.filter(({ kind }) => kind === 'patient').map(({ subject }) => subject),
    };
  }
}

const bare = (patient: string): string => patient.replace(/^Patient\//, '');

const auditOf = (action: string, code: string): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'erase',
  action,
  agent: { kind: 'function', id: 'retention' },
  outcome: { result: 'allowed', code },
  purpose: 'HOPERAT',
});

const operatorAudit = (action: string): AuditRecord => ({
  ...auditOf(action, 'done'),
  event: 'restrictedFunction',
  agent: { kind: 'operator', id: 'local' },
});
