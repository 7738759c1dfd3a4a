import { isIP } from 'node:net';
import { LakeError } from '../../adapters/ports/errors';
import { type AuditEventName, auditEventCodes } from './audit-event-codes';

const agentKinds = ['provider', 'operator', 'researcher', 'function'] as const;
const auditResults = ['allowed', 'denied', 'failed'] as const;
/** HL7 v3 PurposeOfUse: treatment, public health, research, operations, administration, and the patient's own request. */
const purposesOfUse = ['TREAT', 'PUBHLTH', 'HRESCH', 'HOPERAT', 'HSYSADMIN', 'PATRQT'] as const;

/** A thing the event touched: a resource type (or `segment`, `table`, `mart` …) with a re-keyed id or token, or a count. */
export interface AuditEntity {
  readonly type: string;
  readonly id?: string | undefined;
  readonly version?: number | undefined;
  readonly count?: number | undefined;
  /** `patient` marks the person the event is about (BALP entity `patient`); the id is the re-keyed one. */
  readonly role?: 'patient' | undefined;
}

/**
 * One line of the audit: who did what to what, with what outcome, when and why (IHE BALP, R4.1). No token, no identifier
 * of a person, no body: ids are re-keyed, `action` is a route template or a job, never a URL as it was sent.
 */
export interface AuditRecord {
  /** When: RFC 3339 in UTC with milliseconds, as `Date.toISOString` writes it. */
  readonly recorded: string;
  readonly event: AuditEventName;
  /** The route template, job or command: `PUT /FHIR/R4/{type}/{id}`, `job:curate`, `lake erase`. */
  readonly action: string;
  readonly agent: {
    readonly kind: (typeof agentKinds)[number];
    /** Client id, operator or function name. */
    readonly id: string;
    /** Network address of the client's system. */
    readonly address?: string | undefined;
  };
  readonly outcome: {
    readonly result: (typeof auditResults)[number];
    /** A code of a closed set (FHIR issue type, OAuth error, LakeErrorCode), never a message. */
    readonly code: string;
    readonly status?: number | undefined;
  };
  /** At most `maxEntities`; a bigger Bundle gives one entity with a count per resource type. */
  readonly entities?: readonly AuditEntity[] | undefined;
  /** UUIDs; leave out what the sender gave in another form. */
  readonly requestId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** The run of a job. */
  readonly runId?: string | undefined;
  readonly purpose: (typeof purposesOfUse)[number];
}

/** A record as it is kept: with its own id. */
export interface StoredAuditRecord extends AuditRecord {
  readonly id: string;
}

export const maxEntities = 256;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const action = /^[A-Za-z][A-Za-z0-9 $:{}/._*-]{0,119}$/;
const name = /^[A-Za-z0-9._:@-]{1,128}$/;
const entityType = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const entityId = /^[A-Za-z0-9._:-]{1,128}$/;
const code = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * Refuses a record that could carry what audit must never hold, before it is written (fail closed): every text field has
 * a narrow form, and none may hold an NHS number or a token.
 *
 * @throws LakeError `InvalidArgument` naming the field.
 */
export function checkAuditRecord(record: AuditRecord): void {
  const { agent, outcome, entities = [] } = record;
  hold('recorded', time.test(record.recorded) && !Number.isNaN(Date.parse(record.recorded)));
  hold('event', Object.hasOwn(auditEventCodes, record.event));
  hold('action', action.test(record.action) && !/\d{6}/.test(record.action));
  hold('agent.kind', agentKinds.includes(agent.kind));
  hold('agent.id', isPlain(agent.id, name));
  hold('agent.address', agent.address === undefined || isIP(agent.address) > 0);
  hold('outcome.result', auditResults.includes(outcome.result));
  hold('outcome.code', code.test(outcome.code));
  hold('outcome.status', isCount(outcome.status));
  hold('purpose', purposesOfUse.includes(record.purpose));
  hold('requestId', record.requestId === undefined || uuid.test(record.requestId));
  hold('correlationId', record.correlationId === undefined || uuid.test(record.correlationId));
  hold('runId', record.runId === undefined || uuid.test(record.runId));
  hold('entities', entities.length <= maxEntities);
  for (const entity of entities) {
    hold('entities.type', entityType.test(entity.type));
    hold('entities.id', entity.id === undefined || isPlain(entity.id, entityId));
    hold('entities.version', isCount(entity.version));
    hold('entities.count', isCount(entity.count));
    hold('entities.role', entity.role === undefined || entity.role === 'patient');
  }
}

function hold(field: string, right: boolean): void {
  if (right) return;
  throw new LakeError(
    'InvalidArgument',
    `The audit record was refused: its field ${field} is not in the form audit allows (codes, UUIDs, re-keyed ids, route templates). Give that field in this form or leave it out; see AuditRecord.`,
  );
}

const isCount = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0);

function isPlain(text: string, form: RegExp): boolean {
  return form.test(text) && !text.startsWith('eyJ') && !text.split(/[^0-9A-Za-z-]/).some(isNhsNumber);
}

/** NHS number by its check digit (modulus 11, NHS Data Dictionary), with or without separating hyphens. */
function isNhsNumber(text: string): boolean {
  const digits = text.replaceAll('-', '');
  if (!/^\d{10}$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += Number(digits[index]) * (10 - index);
  return (11 - (sum % 11)) % 11 === Number(digits[9]);
}
