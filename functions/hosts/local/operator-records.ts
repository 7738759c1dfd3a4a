import { isLakeError, LakeError, type LakeErrorCode } from '../../../adapters/ports/errors';
import type { AuditEventName } from '../../audit/audit-event-codes';
import type { IdentityOperation } from './local-identity';
import type { Operator } from './operator';

/** How an operation stands in the audit. */
interface OperationRecord {
  readonly event: AuditEventName;
  /** The verb that asks for it. */
  readonly action: string;
  /**
   * What the operation records itself, in the transaction of what it does: `done`, or `always` when its refusals too. Everything
   * else is recorded here.
   */
  readonly itself?: 'done' | 'always';
}

const identityRecords = {
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
} satisfies Record<IdentityOperation, OperationRecord>;

/** What a command may ask of a lake: the methods of Operator that have plain answers, each with its record. */
const records = {
  registerProvider: { event: 'accessChange', action: 'lake provider register', itself: 'done' },
  listProviders: { event: 'query', action: 'lake provider list' },
  disableProvider: { event: 'accessChange', action: 'lake provider disable', itself: 'done' },
  rotateProviderKey: { event: 'accessChange', action: 'lake provider rotate-key', itself: 'done' },
  retireProviderKey: { event: 'accessChange', action: 'lake provider retire-key', itself: 'done' },
  curate: { event: 'job', action: 'lake curate' },
  compact: { event: 'job', action: 'lake compact' },
  buildMarts: { event: 'job', action: 'lake marts build' },
  listMarts: { event: 'query', action: 'lake marts list' },
  extract: { event: 'export', action: 'lake extract', itself: 'done' },
  doctor: { event: 'query', action: 'lake doctor' },
  jobs: { event: 'query', action: 'lake jobs' },
  sql: { event: 'query', action: 'lake sql' },
  verifyAudit: { event: 'auditUsed', action: 'lake audit verify' },
  exportAudit: { event: 'export', action: 'lake audit export' },
  exportLake: { event: 'export', action: 'lake export' },
  erase: { event: 'erase', action: 'lake erase', itself: 'done' },
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
  identity: identityRecords,
  status: { event: 'query', action: 'lake status' },
} satisfies Partial<Record<keyof Operator, OperationRecord | typeof identityRecords>>;

export type OperatorMethod = keyof typeof records;
export type OperatorArguments<Method extends OperatorMethod> = Operator[Method] extends (
  ...args: infer Args
) => Promise<unknown>
  ? Args
  : never;
export type OperatorResult<Method extends OperatorMethod> = Operator[Method] extends (
  ...args: never[]
) => Promise<infer Result>
  ? Result
  : never;

/** Codes that say no to whoever asked; the others are failures of the lake. */
const denials: ReadonlySet<LakeErrorCode> = new Set<LakeErrorCode>([
  'NotFound',
  'AlreadyExists',
  'PreconditionFailed',
  'PermissionDenied',
  'InvalidArgument',
  'Unsupported',
]);

const unknownOperation: OperationRecord = { event: 'restrictedFunction', action: 'lake operation' };

function recordOf(method: string, [name]: readonly unknown[]): OperationRecord | undefined {
  const known = Object.hasOwn(records, method) ? records[method as OperatorMethod] : undefined;
  if (known !== identityRecords) return known as OperationRecord | undefined;
  return typeof name === 'string' && Object.hasOwn(identityRecords, name)
    ? identityRecords[name as IdentityOperation]
    : undefined;
}

/**
 * Does what an operator asks and leaves one audit record of it, a look and a refusal too: nothing is answered that is not
 * recorded. Both ways to a lake lead through here, the socket and the opened folder.
 *
 * @throws LakeError what the operation throws; `Unsupported` for one that is none.
 */
export async function performOperation<Method extends OperatorMethod>(
  operator: Operator,
  method: Method,
  args: OperatorArguments<Method>,
): Promise<OperatorResult<Method>> {
  const known = recordOf(method, args);
  const { event, action, itself } = known ?? unknownOperation;
  let result: OperatorResult<Method>;
  try {
    if (known === undefined)
      throw new LakeError('Unsupported', 'The lake knows no such operation. Stop it and start it with this version.');
    const perform = operator[method] as (...all: OperatorArguments<Method>) => Promise<OperatorResult<Method>>;
    result = await perform.apply(operator, args);
  } catch (error) {
    const code = isLakeError(error) ? error.code : 'Unknown';
    if (itself !== 'always')
      await operator.record({ event, action, outcome: { result: denials.has(code) ? 'denied' : 'failed', code } });
    throw error;
  }
  if (itself === undefined) await operator.record({ event, action, outcome: { result: 'allowed', code: 'done' } });
  return result;
}
