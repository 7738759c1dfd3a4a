import type { AuditEventName } from '../audit/audit-event-codes';
import type { AuditRecord } from '../audit/audit-record';
import { failureOutcome } from '../audit/failure-outcome';

/** How an operation of people stands in the audit. */
export interface OperationRecord {
  readonly event: AuditEventName;
  /** The verb that asks for it. */
  readonly action: string;
  /**
   * What the operation records itself, in the transaction of what it does: `done`, or on one machine `always`, its refusals too,
   * under the name that a secret proves. Everything else is recorded by {@link recorded}.
   */
  readonly itself?: 'done' | 'always';
}

/** What people may ask of a lake, on one machine and of a deployed one. */
export const operationRecords = {
  registerProvider: { event: 'accessChange', action: 'lake provider register', itself: 'done' },
  listProviders: { event: 'query', action: 'lake provider list' },
  disableProvider: { event: 'accessChange', action: 'lake provider disable', itself: 'done' },
  enableProvider: { event: 'accessChange', action: 'lake provider enable', itself: 'done' },
  rotateProviderKey: { event: 'accessChange', action: 'lake provider rotate-key', itself: 'done' },
  retireProviderKey: { event: 'accessChange', action: 'lake provider retire-key', itself: 'done' },
  curate: { event: 'job', action: 'lake curate' },
  compact: { event: 'job', action: 'lake compact' },
  buildMarts: { event: 'job', action: 'lake marts build' },
  listMarts: { event: 'query', action: 'lake marts list' },
  extract: { event: 'export', action: 'lake extract', itself: 'done' },
  doctor: { event: 'query', action: 'lake doctor' },
  jobs: { event: 'query', action: 'lake jobs' },
  redrive: { event: 'job', action: 'lake redrive' },
  // Of a deployed lake: what a person asked for and waits for.
  awaitRun: { event: 'query', action: 'lake jobs' },
  sql: { event: 'query', action: 'lake sql' },
  verifyAudit: { event: 'auditUsed', action: 'lake audit verify' },
  exportAudit: { event: 'export', action: 'lake audit export' },
  exportLake: { event: 'export', action: 'lake export' },
  erase: { event: 'erase', action: 'lake erase', itself: 'done' },
  certificates: { event: 'query', action: 'lake erase certificates' },
  verifyErasure: { event: 'query', action: 'lake erase verify' },
  retentionReport: { event: 'query', action: 'lake retention report' },
  expire: { event: 'job', action: 'lake retention run' },
  hold: { event: 'restrictedFunction', action: 'lake retention hold', itself: 'done' },
  releaseHold: { event: 'restrictedFunction', action: 'lake retention release', itself: 'done' },
  holds: { event: 'query', action: 'lake retention holds' },
  rotatePseudonymKey: { event: 'securityConfiguration', action: 'lake identity rotate-key', itself: 'done' },
  heldMessages: { event: 'restrictedFunction', action: 'lake identity quarantine list', itself: 'done' },
  replayHeld: { event: 'restrictedFunction', action: 'lake identity quarantine replay', itself: 'done' },
  resplit: { event: 'restrictedFunction', action: 'lake identity resplit' },
  status: { event: 'query', action: 'lake status' },
  // Inside the identity zone. An erasure of a deployed lake asks it first whom it is about.
  findPeople: { event: 'query', action: 'lake erase' },
  // So does a legal hold.
  patientsNamed: { event: 'query', action: 'lake retention hold' },
  decideLink: { event: 'link', action: 'lake identity link', itself: 'done' },
  supersede: { event: 'link', action: 'lake identity supersede', itself: 'done' },
  loadOptOuts: { event: 'securityConfiguration', action: 'lake identity opt-out load', itself: 'done' },
  optOutLists: { event: 'query', action: 'lake identity opt-out status' },
  askOptOuts: { event: 'disclose', action: 'lake identity opt-out ask', itself: 'done' },
  messageReports: { event: 'restrictedFunction', action: 'lake identity report', itself: 'done' },
  createProject: { event: 'accessChange', action: 'lake identity project create', itself: 'done' },
  addOperator: { event: 'accessChange', action: 'lake operator add', itself: 'done' },
  requestReidentification: { event: 'reidentify', action: 'lake reidentify request', itself: 'always' },
  approveReidentification: { event: 'reidentify', action: 'lake reidentify approve', itself: 'always' },
  revealReidentification: { event: 'reidentify', action: 'lake reidentify reveal', itself: 'always' },
  reidentifications: { event: 'query', action: 'lake reidentify list' },
} as const satisfies Readonly<Record<string, OperationRecord>>;

export type OperationName = keyof typeof operationRecords;

export const isOperation = (name: unknown): name is OperationName =>
  typeof name === 'string' && Object.hasOwn(operationRecords, name);

/** Of what nobody may ask, or nobody knows. */
export const unknownOperation: OperationRecord = { event: 'restrictedFunction', action: 'lake operation' };

/** The record of what a person asked for and got, for whoever writes it in the transaction of what it does. */
export const doneRecord = (
  { event, action }: Pick<OperationRecord, 'event' | 'action'>,
  who: string,
  when: Date,
): AuditRecord => ({
  recorded: when.toISOString(),
  event,
  action,
  agent: { kind: 'operator', id: who },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HOPERAT',
});

/**
 * Does what a person asks and leaves one audit record of it, a look and a refusal too: nothing is answered that is not recorded.
 *
 * @throws LakeError what the work throws.
 */
export async function recorded<Result>(
  { event, action, itself }: OperationRecord,
  record: (told: Pick<AuditRecord, 'event' | 'action' | 'outcome'>) => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    if (itself !== 'always') await record({ event, action, outcome: failureOutcome(error) });
    throw error;
  }
  if (itself === undefined) await record({ event, action, outcome: { result: 'allowed', code: 'done' } });
  return result;
}
