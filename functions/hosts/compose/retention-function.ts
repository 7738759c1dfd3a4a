import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { importOfKey } from '../../bulk-import/import-objects';
import type { ErasureCertificate } from '../../erasure/erasure-plan';
import { retentionAgent } from '../../erasure/erasure-record';
import { QuarantineReview } from '../../identity/quarantine-review';
import type { PortsOf } from '../../manifest';
import { type JudgedRecord, judgeRecords } from '../../retention/judge-records';
import { bare } from '../../retention/legal-holds';
import type { identityRetentionManifest, retentionManifest } from '../../retention/manifest';
import { type CountedRecords, countRecords, noRecords, together } from '../../retention/record-counts';
import type { OverdueObjects, RetentionQuestion } from '../../retention/retention-question';
import type { RetentionSchedule } from '../../retention/retention-schedule';
import type { PatientRecord } from '../../retention/retention-store';

export interface Expired {
  readonly records: number;
  /** Ids of the certificates in the zone of releases. */
  readonly certificates: readonly string[];
  readonly quarantine: number;
  readonly imports: number;
}

/** How many records stand how, and what else is past its time. Counts only. */
export interface RetentionReport extends CountedRecords {
  /** RFC 3339: judged as of this moment. */
  readonly at: string;
  readonly quarantine: number;
  readonly imports: number;
}

/** What the identity zone does for an expiry that the lake carries out: births and deaths do not leave it. */
export interface IdentityRetention {
  /** Which of these records are past their time and under no hold, by their place in the list. */
  due(records: readonly PatientRecord[], question: RetentionQuestion): Promise<readonly number[]>;
  /** How these records stand. */
  counted(records: readonly PatientRecord[], question: RetentionQuestion): Promise<CountedRecords>;
  overdue(question: RetentionQuestion): Promise<OverdueObjects>;
  /** Removes them, with a record. Harmless when repeated. */
  remove(overdue: OverdueObjects): Promise<void>;
}

type IdentityPorts = Pick<PortsOf<typeof identityRetentionManifest>, 'register' | 'held' | 'identityKey' | 'inbox'>;

const day = 86_400_000;
const recordsAtOnce = 500;
const ended = ['completed', 'cancelled', 'failed'];

/** Every patient, of whatever provider, who is the same person as this one. */
const samePersonIn =
  (register: Pick<IdentityPorts['register'], 'numbersOf' | 'patientsOf'>) =>
  async (patient: string): Promise<readonly string[]> => {
    const numbers = await register.numbersOf([patient]);
    return (await Promise.all(numbers.map((number) => register.patientsOf(number)))).flat().map(bare);
  };

/** Over the ports of a host. */
export function identityRetention({ register, held, identityKey, inbox }: IdentityPorts): IdentityRetention {
  const { open } = new EnvelopeEncryption({ unwrap: identityKey.unwrap });
  const review = new QuarantineReview({ store: held, open, register });
  const subjectsOf = ({ holds }: RetentionQuestion) => ({
    providers: new Set(holds.filter(({ kind }) => kind === 'provider').map(({ subject }) => subject)),
    patients: holds.filter(({ kind }) => kind === 'patient').map(({ subject }) => subject),
  });
  /** Messages that have waited too long, of nobody and no provider under a hold. */
  const messages = async (question: RetentionQuestion): Promise<OverdueObjects['messages']> => {
    const { quarantineDays } = question.schedule;
    if (quarantineDays === undefined) return [];
    const { providers, patients } = subjectsOf(question);
    const numbers = patients.length === 0 ? [] : await register.numbersOf(patients);
    const kept = new Set(numbers.length === 0 ? [] : (await review.naming(numbers)).map(({ tracking }) => tracking));
    const found: { provider: string; tracking: string }[] = [];
    for await (const { key, lastModified } of held.list('')) {
      const [provider = '', name = ''] = key.split('/');
      const tracking = name.replace(/\.json$/, '');
      const over = lastModified.getTime() + quarantineDays * day <= Date.parse(question.now);
      if (over && !kept.has(tracking) && !providers.has(provider)) found.push({ provider, tracking });
    }
    return found;
  };
  const uploads = async (question: RetentionQuestion): Promise<readonly string[]> => {
    const { importDays } = question.schedule;
    if (importDays === undefined) return [];
    const { providers } = subjectsOf(question);
    const keys: string[] = [];
    for await (const { key, lastModified } of inbox.list('')) {
      const { provider } = importOfKey(key);
      const over = lastModified.getTime() + importDays * day <= Date.parse(question.now);
      if (over && !providers.has(provider)) keys.push(key);
    }
    return keys;
  };
  const judged = async (
    records: readonly PatientRecord[],
    question: RetentionQuestion,
  ): Promise<readonly JudgedRecord[]> => {
    const services = { lifespansOf: register.lifespansOf, samePerson: samePersonIn(register), holds: question.holds };
    return judgeRecords(services, records, question.schedule, new Date(question.now));
  };
  return {
    due: async (records, question) =>
      (await judged(records, question)).flatMap(({ verdict }, index) => (verdict === 'due' ? [index] : [])),
    counted: async (records, question) => countRecords(await judged(records, question)),
    overdue: async (question) => ({ messages: await messages(question), uploads: await uploads(question) }),
    remove: async (overdue) => {
      for (const message of overdue.messages) await review.remove(message);
      for (const key of overdue.uploads) await inbox.delete(key);
      if (overdue.messages.length + overdue.uploads.length === 0) return;
      await register.record({
        recorded: systemClock.now().toISOString(),
        event: 'erase',
        action: 'job:retention.identity',
        agent: retentionAgent,
        outcome: { result: 'allowed', code: 'expired' },
        purpose: 'HOPERAT',
        entities: [
          { type: 'held-message', count: overdue.messages.length },
          { type: 'import-object', count: overdue.uploads.length },
        ],
      });
    },
  };
}

export interface RetentionServices {
  readonly lake: {
    readonly retention: Pick<PortsOf<typeof retentionManifest>['retention'], 'records' | 'holds'>;
    readonly imports: PortsOf<typeof retentionManifest>['imports'];
  };
  readonly identity: IdentityRetention;
  /** By patient with the last contact that was judged. */
  readonly expire: (due: ReadonlyMap<string, string>) => Promise<ErasureCertificate>;
}

/** Expiry by the retention schedule: what is past its time goes, what is under a legal hold stays. */
export class Retention {
  readonly #services: RetentionServices;

  constructor(services: RetentionServices) {
    this.#services = services;
  }

  async #questionOf(schedule: RetentionSchedule, now: Date): Promise<RetentionQuestion> {
    const holds = (await this.#services.lake.retention.holds()).map(({ kind, subject }) => ({ kind, subject }));
    return { schedule, now: now.toISOString(), holds };
  }

  /** What waits too long in the identity zone; of uploads those whose import has ended. */
  async #overdue(question: RetentionQuestion): Promise<OverdueObjects> {
    const { lake, identity } = this.#services;
    const { messages, uploads } = await identity.overdue(question);
    const over: string[] = [];
    for (const key of uploads) {
      const found = await lake.imports.get(importOfKey(key).id);
      if (found === undefined || ended.includes(found.state)) over.push(key);
    }
    return { messages, uploads: over };
  }

  /**
   * What would go, now or at another time. Changes nothing.
   *
   * @throws LakeError `InvalidArgument` for what is no time.
   */
  async report(schedule: RetentionSchedule, at: string | undefined): Promise<RetentionReport> {
    const now = at === undefined ? systemClock.now() : new Date(at);
    if (Number.isNaN(now.getTime())) throw new LakeError('InvalidArgument', 'A time is given as RFC 3339 says.');
    const { lake, identity } = this.#services;
    const question = await this.#questionOf(schedule, now);
    let counted = noRecords;
    for (
      let page = await lake.retention.records('');
      page !== undefined;
      page = await lake.retention.records(page.last)
    )
      counted = together(counted, await identity.counted(page.records, question));
    const { messages, uploads } = await this.#overdue(question);
    return { at: question.now, ...counted, quarantine: messages.length, imports: uploads.length };
  }

  /** Expires what is past its time. Cut off, the erasure goes on where its plan stands, and the rest with the next run. */
  async run(schedule: RetentionSchedule, now: Date): Promise<Expired> {
    const { lake, identity, expire } = this.#services;
    const question = await this.#questionOf(schedule, now);
    const certificates: string[] = [];
    let records = 0;
    let due = new Map<string, string>();
    const expireDue = async (): Promise<void> => {
      if (due.size === 0) return;
      const { id, erased } = await expire(due);
      certificates.push(id);
      records += erased.people ?? 0;
      due = new Map();
    };
    for (
      let page = await lake.retention.records('');
      page !== undefined;
      page = await lake.retention.records(page.last)
    ) {
      for (const index of await identity.due(page.records, question)) {
        const record = page.records[index];
        if (record !== undefined) due.set(record.patient, record.contact);
      }
      if (due.size >= recordsAtOnce) await expireDue();
    }
    await expireDue();
    const overdue = await this.#overdue(question);
    await identity.remove(overdue);
    return { records, certificates, quarantine: overdue.messages.length, imports: overdue.uploads.length };
  }
}
