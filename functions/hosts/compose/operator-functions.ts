import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../../adapters/ports/clock';
import { isErrorCode, LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { type AuditReport, verifyAudit } from '../../audit/audit-verify';
import type { CurateResult } from '../../curate/curate';
import { landedEvent } from '../../dispatch/dispatch';
import { ErasureCertificates, verifyCertificate } from '../../erasure/erasure-certificates';
import type { PortsOf } from '../../manifest';
import { readMarts } from '../../marts/mart-library';
import { readStagedMarts } from '../../marts/staged-mart';
import { type IdentityOperationPorts, IdentityOperations, linkKindOf } from '../../operator/identity-operations';
import { lakeCounts } from '../../operator/lake-counts';
import { identityOperatorManifest, operatorManifest } from '../../operator/manifest';
import { doneRecord, operationRecords } from '../../operator/operation-records';
import { inputOf } from '../../operator/operator-input';
import { type DeskOperations, operatorAnswers } from '../../operator/operator-request';
import type { RunGoesOn } from '../../operator/run-goes-on';
import { LegalHolds, patientsNamed } from '../../retention/legal-holds';
import { tablesTurn } from '../../tables/table-turn';
import { findPeople } from './identity-erasure-function';

const betweenLooks = 500;
/** Milliseconds; whoever waits on the way gives up after some minutes. */
const longestAnswer = 60_000;
/** Under the five minutes that `fetch` waits for an answer to begin (undici's `headersTimeout`). */
const longestCurate = 240_000;

/** Longer than five beats of a sealer; a deployed lake is meant to run. */
const maxSilenceSeconds = 300;

/** Verifies one stream; that its sealer has stopped is a problem like any other. */
async function verifying({
  audit,
  witness,
  auditKey,
}: Pick<PortsOf<typeof operatorManifest>, 'audit' | 'witness' | 'auditKey'>): Promise<AuditReport> {
  const newest = await auditKey.publicKey();
  const publicKeys: string[] = [];
  for (let version = 1; version <= newest.version; version += 1)
    publicKeys.push((await auditKey.publicKey(version)).pem);
  return verifyAudit({ audit, witness, publicKeys, maxSilenceSeconds });
}

/**
 * The lake's own answers to people, over the ports of a host.
 *
 * @param options.waits milliseconds, the longest that an answer may take to come on the way to people
 * @public loaded by name when a process serves this function
 */
export function operatorFunction(
  ports: Omit<PortsOf<typeof operatorManifest>, 'callers'>,
  library: string,
  { waits = longestCurate }: { readonly waits?: number } = {},
) {
  const { ledger, clinicalLanded, martSql, catalogue, jobs, register, records, audit, witness, auditKey } = ports;
  const holds = new LegalHolds(ports.retention, systemClock);
  const certificates = new ErasureCertificates(ports.certificates);
  /** The result of a run once it has ended, or that it goes on; throws its failure. */
  const outcomeOf = async (runId: string): Promise<unknown> => {
    const until = performance.now() + Math.min(waits, longestAnswer);
    for (;;) {
      const { state, result, failure } = await jobs.show(runId);
      if (state === 'succeeded') return result;
      if (state !== 'queued' && state !== 'running') {
        const code = failure !== undefined && isErrorCode(failure.code) ? failure.code : 'Unknown';
        throw new LakeError(code, failure?.message ?? `The run was ${state}. \`lake jobs\` shows it.`);
      }
      if (performance.now() > until) return { goesOn: runId } satisfies RunGoesOn;
      await setTimeout(betweenLooks);
    }
  };
  const ran = async (job: string, input: object, maxAttempts?: number): Promise<unknown> => {
    const now = systemClock.now();
    const run = { job, input, origin: 'operator', turn: tablesTurn, now };
    const { runId } = await jobs.enqueue(maxAttempts === undefined ? run : { ...run, maxAttempts });
    return outcomeOf(runId);
  };
  /** What waited when it was asked, once it is curated: `CurateResult`. */
  const curated = async (): Promise<CurateResult> => {
    const { upTo, ...waited } = await ledger.uncurated();
    if (waited.segments === 0) return waited;
    const told = { id: randomUUID(), source: '/lake/operator', zone: 'landing', data: {} } as const;
    await clinicalLanded.publish(landedEvent(systemClock, told));
    const until = performance.now() + Math.min(waits, longestCurate);
    while ((await ledger.uncurated(upTo)).segments > 0) {
      if (performance.now() > until)
        throw new LakeError('Unavailable', 'Curation goes on. `lake status` tells how many segments wait.');
      await setTimeout(betweenLooks);
    }
    return waited;
  };
  const changed = (change: 'disable' | 'enable') => async (input: unknown, who: string) => {
    const { ods } = inputOf(input, { ods: 'text' });
    const provider = (await register.list()).find((one) => one.ods === ods);
    if (provider === undefined)
      throw new LakeError('NotFound', 'No provider has this ODS code. `lake provider list` shows those there are.');
    const record = doneRecord(operationRecords[`${change}Provider`], who, systemClock.now());
    await register[change](provider.clientId, record);
  };
  const operations: DeskOperations = {
    status: () => lakeCounts(ledger, catalogue),
    jobs: () => jobs.list(),
    redrive: async () => ({ redriven: await ledger.redrive() }),
    curate: curated,
    sql: (input) => martSql.ask(inputOf(input, { text: 'text' })),
    disableProvider: changed('disable'),
    enableProvider: changed('enable'),
    listMarts: async () => {
      const tables = await catalogue.tables();
      return [...readMarts(library), ...readStagedMarts(library)].map(({ name, description }) => {
        const table = tables.find((one) => one.database === 'marts' && one.name === name);
        const columns = table?.columns.map((column) => column.name) ?? [];
        return { mart: name, description, built: table?.updated, columns };
      });
    },
    // Whoever asked is told at once, and asks again.
    buildMarts: (input) => ran('marts', inputOf(input, { names: 'texts', full: 'flag' }), 1),
    awaitRun: (input) => outcomeOf(inputOf(input, { id: 'text' }).id),
    listProviders: () => register.list(),
    verifyAudit: () => verifying({ audit, witness, auditKey }),
    // The record is of the transaction that makes it invisible.
    erase: (input, operator) => ran('erasure', { ...inputOf(input, { patients: 'texts', held: 'list' }), operator }),
    certificates: (input) => certificates.list(inputOf(input, { id: 'text?' }).id),
    verifyErasure: (input) =>
      verifyCertificate(inputOf(input, { certificate: 'record' }).certificate, auditKey.publicKey),
    hold: (input, who) => holds.place(inputOf(input, { patients: 'texts', provider: 'text?', reference: 'text' }), who),
    releaseHold: (input, who) => holds.release(inputOf(input, { id: 'text' }).id, who),
    holds: () => holds.list(),
    // Whatever stops it, it goes on: half of the lake would stay under the older key.
    rotatePseudonymKey: (_, operator) => ran('key-rotation', { operator }, 100),
    extract: (input, operator) =>
      ran('extract', { ...inputOf(input, { project: 'text', mart: 'text', format: 'text' }), operator }, 1),
    retentionReport: (input) => ran('retention-report', inputOf(input, { at: 'text?' }), 1),
    expire: () => ran('retention', {}),
  };
  const record = (audited: Omit<AuditRecord, 'recorded' | 'purpose'>) =>
    records.append({ recorded: systemClock.now().toISOString(), ...audited, purpose: 'HOPERAT' });
  return operatorAnswers(operatorManifest, operations, record);
}

/** What people have done inside the identity zone, over the ports of a host. */
export const identityOperationsOver = (ports: IdentityOperationPorts): IdentityOperations =>
  new IdentityOperations(ports, new EnvelopeEncryption({ unwrap: ports.identityKey.unwrap }).open, systemClock);

/**
 * The identity zone's answers to people.
 *
 * @public loaded by name when a process serves this function
 */
export function identityOperatorFunction(ports: IdentityOperationPorts) {
  const { register } = ports;
  const identity = identityOperationsOver(ports);
  const { reidentification } = identity;
  const operations: DeskOperations = {
    findPeople: (input) => {
      const asked = inputOf(input, { nhsNumbers: 'texts', patients: 'texts' });
      return findPeople(ports, asked);
    },
    // Of what is held, pseudonyms go on to the lake.
    patientsNamed: async (input) => ({
      patients: await patientsNamed(register, inputOf(input, { nhsNumbers: 'texts' }).nhsNumbers),
    }),
    heldMessages: (_, who) => identity.heldMessages(who),
    replayHeld: (input, who) => {
      const { tracking, acceptNhsNumber } = inputOf(input, { tracking: 'text', acceptNhsNumber: 'flag' });
      return identity.replayHeld(tracking, { acceptNhsNumber }, who);
    },
    messageReports: (input, who) => identity.messageReports(inputOf(input, { requestId: 'text' }).requestId, who),
    decideLink: (input, who) => {
      const { patientRef, kind, nhsNumber } = inputOf(input, { patientRef: 'text', kind: 'text', nhsNumber: 'text?' });
      return identity.decideLink({ patientRef, kind: linkKindOf(kind), nhsNumber }, who);
    },
    supersede: (input, who) => {
      const pairs = inputOf(input, { pairs: 'list' }).pairs.map((pair) =>
        inputOf(pair, { old: 'text', replacement: 'text?' }),
      );
      return identity.supersede(pairs, who);
    },
    loadOptOuts: (input, who) =>
      identity.loadOptOuts(inputOf(input, { name: 'text', asOf: 'text', longestAgeDays: 'number', text: 'text' }), who),
    optOutLists: () => identity.optOutLists(),
    askOptOuts: (_, who) => identity.askOptOuts(who),
    createProject: (input, who) => identity.createProject(inputOf(input, { project: 'text' }).project, who),
    requestReidentification: (input, who) =>
      reidentification.request(who, inputOf(input, { project: 'text', token: 'text', reason: 'text' })),
    approveReidentification: (input, who) => {
      const { id, minutes } = inputOf(input, { id: 'text', minutes: 'number' });
      return reidentification.approve(who, id, minutes);
    },
    revealReidentification: (input, who) => reidentification.reveal(who, inputOf(input, { id: 'text' }).id),
    reidentifications: () => reidentification.list(),
    verifyAudit: () => verifying(ports),
  };
  return operatorAnswers(identityOperatorManifest, operations, (audited) =>
    register.record({ recorded: systemClock.now().toISOString(), ...audited, purpose: 'HOPERAT' }),
  );
}
