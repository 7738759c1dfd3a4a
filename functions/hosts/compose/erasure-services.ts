import { randomUUID } from 'node:crypto';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { Requests } from '../../../adapters/ports/requests';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { type ErasureStep, erasureStepOf } from '../../erasure/erasure-request';
import { landedIsTakenIn } from '../../erasure/landed-is-taken-in';
import { erasureJobManifest, identityErasureManifest } from '../../erasure/manifest';
import { noFailpoint } from '../../failpoint';
import type { JobHandler, JobWork } from '../../jobs/job-runner';
import type { PortsOf } from '../../manifest';
import { collectLeftovers } from '../../orphans/collect-orphans';
import type { Leftover } from '../../orphans/leftover-store';
import { retentionCron } from '../../retention/manifest';
import type { CountedRecords } from '../../retention/record-counts';
import {
  type OverdueObjects,
  type RetentionStep,
  retentionStepOf,
  retentionSteps,
} from '../../retention/retention-question';
import { codeOfPractice, type RetentionSchedule, readSchedule } from '../../retention/retention-schedule';
import { tablesTurn } from '../../tables/table-turn';
import type { FunctionParts } from '../function-parts';
import type { HostEnvironment } from '../host-environment';
import { Erasure } from './erasure-function';
import { type FoundPeople, type IdentityErasure, identityErasureFunction } from './identity-erasure-function';
import { rebuildPublishedMarts } from './rebuild-marts';
import { type IdentityRetention, identityRetention, Retention } from './retention-function';

/** What the job is given: pseudonyms, and who asked. */
export interface ErasureInput extends FoundPeople {
  readonly operator: string;
}

/** The identity zone's half, in its own process. */
const over = (
  identity: Requests,
): IdentityErasure & { collectLeftovers(leftovers: readonly Leftover[]): Promise<void> } => {
  const ask = (step: ErasureStep): Promise<unknown> => identity.ask(step);
  return {
    originsOf: async (requests) =>
      (await ask({ kind: 'origins', requests })) as Awaited<ReturnType<IdentityErasure['originsOf']>>,
    collectLeftovers: async (leftovers) => void (await ask({ kind: 'leftovers', leftovers })),
    eraseOriginals: async (plan) => void (await ask({ kind: 'originals', plan })),
    eraseRegister: async ({ resources, patients }, agent) =>
      (await ask({ kind: 'register', plan: { resources, patients }, agent })) as number,
  };
};

type ErasurePorts = Omit<PortsOf<typeof erasureJobManifest>, 'queue'>;

/**
 * The jobs of a process of its own: `erasure` gives the certificate; `retention`, where the site has given a schedule, expires
 * what is past its time, each night and when a person asks; `retention-report` only counts it. Cut off, the next attempt goes on
 * where the plan stands.
 */
export function erasureWork(parts: FunctionParts, { martsFolder, retentionSchedule }: ErasureSettings): JobWork {
  const { queue, ...ports } = parts.ports(erasureJobManifest);
  const schedule = retentionSchedule === undefined ? undefined : readSchedule(retentionSchedule);
  const retention = { name: 'retention', job: 'retention', cron: retentionCron, timeZone: 'Europe/London' };
  return {
    queue,
    handlers: erasureHandlers(ports, schedule, martsFolder),
    ...(schedule === undefined ? {} : { schedules: [{ ...retention, turn: tablesTurn }] }),
  };
}

type ErasureSettings = Pick<HostEnvironment, 'martsFolder' | 'retentionSchedule'>;

function erasureHandlers(
  { leftovers, ledger, identityErasure, retention, imports, rotation, ...ports }: ErasurePorts,
  schedule: RetentionSchedule | undefined,
  library?: string,
): Readonly<Record<'erasure' | 'retention' | 'retention-report', JobHandler>> {
  const { catalogue, audit, identity, ...lake } = ports;
  const { curated, marts, query } = lake;
  const remote = over(identityErasure);
  const erasure = new Erasure({
    lake,
    identity: remote,
    rebuildMarts: () => rebuildPublishedMarts({ curated, marts, query, catalogue, audit, identity }, library),
    // Its databases are servers of their own, which clean up after themselves.
    forgetDeletedRows: async () => undefined,
    failpoint: noFailpoint,
  });
  const expiry = new Retention({
    lake: { retention, imports },
    identity: retentionOver(identityErasure),
    expire: (due) => erasure.expire(randomUUID(), due),
  });
  const rotated = async (): Promise<void> => {
    // Between two attempts of a rotation the zones name a person differently: what is under a hold would not be known.
    if ((await rotation.position()) !== undefined)
      throw new LakeError('PreconditionFailed', 'A rotation of the pseudonym key is not finished. It comes first.');
  };
  const prepared = async (signal: AbortSignal): Promise<void> => {
    await rotated();
    await landedIsTakenIn(ledger, signal);
    await collectLeftovers({
      name: 'landing',
      zone: { store: lake.landing, ...new EnvelopeEncryption(lake.landingKey) },
      leftovers,
      failpoint: noFailpoint,
    });
    const waiting = await leftovers.leftovers('identity');
    await remote.collectLeftovers(waiting);
    await leftovers.forgetLeftovers(
      'identity',
      waiting.map(({ key }) => key),
    );
  };
  return {
    erasure: async ({ run, input, signal }) => {
      const { patients, held, operator } = input as ErasureInput;
      await prepared(signal);
      return erasure.erase(run.id, { patients, held }, { kind: 'operator', id: operator });
    },
    retention: async ({ input, signal }) => {
      if (schedule === undefined)
        throw new LakeError(
          'Unsupported',
          'This stack names no retention schedule, so nothing expires. Set `retentionSchedule` and deploy it.',
        );
      await prepared(signal);
      // What an attempt before this one left; an operator's erasure goes on in the operator's own run.
      await erasure.resumeExpiry();
      const { at } = (input ?? {}) as { readonly at?: string };
      return expiry.run(schedule, at === undefined ? systemClock.now() : new Date(at));
    },
    // Before a site has decided, it shows what the Code of Practice would take.
    'retention-report': async ({ input }) => {
      await rotated();
      return expiry.report(schedule ?? codeOfPractice, (input as { readonly at?: string }).at);
    },
  };
}

/** The identity zone's half of an expiry, in its own process. */
const retentionOver = (identity: Requests): IdentityRetention => {
  const ask = (step: RetentionStep): Promise<unknown> => identity.ask(step);
  return {
    due: async (records, question) => (await ask({ kind: 'due', records, question })) as readonly number[],
    counted: async (records, question) => (await ask({ kind: 'counted', records, question })) as CountedRecords,
    overdue: async (question) => (await ask({ kind: 'overdue', question })) as OverdueObjects,
    remove: async (overdue) => void (await ask({ kind: 'remove', overdue })),
  };
};

/** Of a page of one record the day would tell a birthday; the year is all that the clinical copy tells either. */
const withoutDays = ({ records, next }: CountedRecords): CountedRecords => ({ records, next: next?.slice(0, 4) });

/** The identity zone's half as it answers the lake's: one step each, every answer and refusal in the zone's audit. */
export function identityErasureAnswers(parts: FunctionParts) {
  const { callers, ...ports } = parts.ports(identityErasureManifest);
  const erasure = identityErasureFunction(ports);
  const retention = identityRetention(ports);
  const { trigger } = identityErasureManifest;
  const from = trigger.kind === 'request' ? trigger.from : {};
  const record = (agent: string, kind: string, outcome: AuditRecord['outcome']): Promise<void> =>
    ports.register.record({
      recorded: systemClock.now().toISOString(),
      event: 'erase',
      action: `identity:erasure.${kind}`,
      agent: { kind: 'function', id: agent },
      outcome,
      // A step does not say who began it, a person's request or the schedule; the record of the erasure itself does.
      purpose: 'HOPERAT',
    });
  const answer = async (caller: string | undefined, request: unknown): Promise<unknown> => {
    const known = caller !== undefined && Object.hasOwn(from, caller) ? caller : undefined;
    if (known === undefined) {
      await record('unknown', 'step', { result: 'denied', code: 'not-allowed' });
      throw new LakeError(
        'PermissionDenied',
        'This function may not erase. Who may stands in functions/erasure/manifest.ts.',
      );
    }
    const { kind } = (request ?? {}) as { readonly kind?: unknown };
    const step = retentionSteps.some((one) => one === kind) ? retentionStepOf(request) : erasureStepOf(request);
    // The register's own erasure writes its record with what it erases.
    if (step.kind !== 'register') await record(known, step.kind, { result: 'allowed', code: 'answered' });
    switch (step.kind) {
      case 'origins':
        return erasure.originsOf(step.requests);
      case 'leftovers':
        return erasure.collectLeftovers(step.leftovers);
      case 'originals':
        return erasure.eraseOriginals(step.plan);
      case 'register':
        return erasure.eraseRegister(step.plan, step.agent);
      case 'due':
        return retention.due(step.records, step.question);
      case 'counted':
        return withoutDays(await retention.counted(step.records, step.question));
      case 'overdue':
        return retention.overdue(step.question);
      case 'remove':
        return retention.remove(step.overdue);
    }
  };
  return { callers, answer };
}
