import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../../adapters/ports/clock';
import { isErrorCode, LakeError } from '../../../adapters/ports/errors';
import type { AuditRecord } from '../../audit/audit-record';
import { verifyAudit } from '../../audit/audit-verify';
import { type OptOutListName, optOutListNames } from '../../identity/opt-out-store';
import type { PortsOf } from '../../manifest';
import { readMarts } from '../../marts/mart-library';
import { identityOperatorManifest, operatorManifest } from '../../operator/manifest';
import { type OperatorOperation, operatorAnswers } from '../../operator/operator-request';
import { readMeshList, readTypeOneList } from '../../privacy/opt-out';
import { tablesTurn } from '../../tables/table-turn';
import { findPeople } from './identity-erasure-function';

const betweenLooks = 500;
const longestWait = 3 * 3_600_000;

const wrongInput = (allowed: string): LakeError =>
  new LakeError('InvalidArgument', `The request is not of this form: ${allowed}. Is the command of the same release?`);
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** Longer than five beats of a sealer; a deployed lake is meant to run. */
const maxSilenceSeconds = 300;

/** Verifies one stream; that its sealer has stopped is a problem like any other. */
const verifying = ({
  audit,
  witness,
  auditKey,
}: Pick<PortsOf<typeof operatorManifest>, 'audit' | 'witness' | 'auditKey'>): OperatorOperation => ({
  event: 'auditUsed',
  action: 'lake audit verify',
  perform: async () => {
    const newest = await auditKey.publicKey();
    const publicKeys: string[] = [];
    for (let version = 1; version <= newest.version; version += 1)
      publicKeys.push((await auditKey.publicKey(version)).pem);
    return verifyAudit({ audit, witness, publicKeys, maxSilenceSeconds });
  },
});

/**
 * The lake's own answers to people, over the ports of a host.
 *
 * @public loaded by name when a process serves this function
 */
export function operatorFunction(ports: Omit<PortsOf<typeof operatorManifest>, 'callers'>, library: string) {
  const { ledger, catalogue, jobs, register, records, audit, witness, auditKey } = ports;
  /** A run of a job to its end: gives its result, throws its failure. */
  const ran = async (job: string, input: object, maxAttempts?: number): Promise<unknown> => {
    const now = systemClock.now();
    const run = { job, input, origin: 'operator', turn: tablesTurn, now };
    const { runId } = await jobs.enqueue(maxAttempts === undefined ? run : { ...run, maxAttempts });
    const until = performance.now() + longestWait;
    while (performance.now() < until) {
      const { state, result, failure } = await jobs.show(runId);
      if (state === 'succeeded') return result;
      if (state !== 'queued' && state !== 'running') {
        const code = failure !== undefined && isErrorCode(failure.code) ? failure.code : 'Unknown';
        throw new LakeError(code, failure?.message ?? `The run was ${state}. \`lake jobs\` shows it.`);
      }
      await setTimeout(betweenLooks);
    }
    throw new LakeError('Unavailable', 'The run goes on. `lake jobs` shows it.');
  };
  const operations: Readonly<Record<string, OperatorOperation>> = {
    status: {
      event: 'query',
      action: 'lake status',
      perform: async () => {
        const [totals, segments, tables] = await Promise.all([
          ledger.totals(),
          ledger.countSegments(),
          catalogue.tables(),
        ]);
        return { totals, segments, tables: tables.map((table) => `${table.database}.${table.name}`) };
      },
    },
    jobs: { event: 'query', action: 'lake jobs', perform: () => jobs.list() },
    listMarts: {
      event: 'query',
      action: 'lake marts list',
      perform: async () => {
        const tables = await catalogue.tables();
        return readMarts(library).map(({ name, description }) => {
          const table = tables.find((one) => one.database === 'marts' && one.name === name);
          const columns = table?.columns.map((column) => column.name) ?? [];
          return { mart: name, description, built: table?.updated, columns };
        });
      },
    },
    buildMarts: {
      event: 'job',
      action: 'lake marts build',
      perform: (input) => {
        const { names, full } = (input ?? {}) as { readonly names?: unknown; readonly full?: unknown };
        if (!isTexts(names) || typeof full !== 'boolean') throw wrongInput('names, full');
        // Whoever asked is told at once, and asks again.
        return ran('marts', { names, full }, 1);
      },
    },
    listProviders: { event: 'query', action: 'lake provider list', perform: () => register.list() },
    verifyAudit: verifying({ audit, witness, auditKey }),
    erase: {
      event: 'erase',
      action: 'lake erase',
      // The record is of the transaction that makes it invisible.
      recordsItself: true,
      perform: (input, operator) => {
        const { patients, held } = (input ?? {}) as { readonly patients?: unknown; readonly held?: unknown };
        if (!isTexts(patients) || !Array.isArray(held)) throw wrongInput('patients, held');
        return ran('erasure', { patients, held, operator });
      },
    },
  };
  const record = (audited: Omit<AuditRecord, 'recorded' | 'purpose'>) =>
    records.append({ recorded: systemClock.now().toISOString(), ...audited, purpose: 'HOPERAT' });
  return operatorAnswers(operatorManifest, operations, record);
}

/**
 * The identity zone's answers to people.
 *
 * @public loaded by name when a process serves this function
 */
export function identityOperatorFunction(ports: Omit<PortsOf<typeof identityOperatorManifest>, 'callers'>) {
  const { identity, register, optOuts } = ports;
  const stamp = (): Pick<AuditRecord, 'recorded' | 'purpose'> => ({
    recorded: systemClock.now().toISOString(),
    purpose: 'HOPERAT',
  });
  const operations: Readonly<Record<string, OperatorOperation>> = {
    findPeople: {
      event: 'query',
      action: 'lake erase',
      perform: (input) => {
        const { nhsNumbers, patients } = (input ?? {}) as {
          readonly nhsNumbers?: unknown;
          readonly patients?: unknown;
        };
        if (!isTexts(nhsNumbers) || !isTexts(patients)) throw wrongInput('nhsNumbers, patients');
        const nothing = () => Promise.reject(new LakeError('Unsupported', 'Finding people removes nothing.'));
        return findPeople({ ...ports, identity: { ...identity, delete: nothing } }, { nhsNumbers, patients });
      },
    },
    loadOptOuts: {
      event: 'securityConfiguration',
      action: 'lake identity opt-out load',
      recordsItself: true,
      perform: async (input, who) => {
        const { name, asOf, longestAgeDays, text } = (input ?? {}) as Partial<Record<string, unknown>>;
        const known = optOutListNames.some((one) => one === name);
        const at = new Date(String(asOf));
        if (!known || Number.isNaN(at.getTime()) || !(Number(longestAgeDays) >= 1) || typeof text !== 'string')
          throw wrongInput('an opt-out list national or type-1, dated (RFC 3339), relied on for days from 1, its text');
        const numbers =
          name === 'national' ? readMeshList(text, new Set(await optOuts.numbersToAsk())) : readTypeOneList(text);
        const list = { name: name as OptOutListName, asOf: at.toISOString(), longestAgeDays: Number(longestAgeDays) };
        await optOuts.load(list, numbers, {
          ...stamp(),
          event: 'securityConfiguration',
          action: 'lake identity opt-out load',
          agent: { kind: 'operator', id: who },
          outcome: { result: 'allowed', code: 'done' },
        });
        return optOuts.lists();
      },
    },
    optOutLists: { event: 'query', action: 'lake identity opt-out status', perform: () => optOuts.lists() },
    verifyAudit: verifying(ports),
  };
  return operatorAnswers(identityOperatorManifest, operations, (audited) =>
    register.record({ ...stamp(), ...audited }),
  );
}
