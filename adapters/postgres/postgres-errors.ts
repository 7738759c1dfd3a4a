import { isLakeError, LakeError, type LakeErrorCode } from '../ports/errors';
import { isConnectionFailure } from '../shared/connection-failure';

interface PostgresFailure {
  readonly code?: unknown;
  readonly constraint?: unknown;
}

/** SQLSTATE classes and codes (https://www.postgresql.org/docs/15/errcodes-appendix.html), the longest match counts. */
const bySqlState: Readonly<Record<string, LakeErrorCode>> = {
  '08': 'Unavailable',
  '22': 'InvalidArgument',
  '23': 'InvalidArgument',
  '23505': 'AlreadyExists',
  '25006': 'PermissionDenied',
  '25': 'InvalidArgument',
  '28': 'PermissionDenied',
  '3D': 'InvalidArgument',
  '40': 'Unavailable',
  '42': 'InvalidArgument',
  '42501': 'PermissionDenied',
  '53': 'Unavailable',
  '54': 'InvalidArgument',
  '55': 'Unavailable',
  '57': 'Unavailable',
  '58': 'Unavailable',
};

const messages: Readonly<Partial<Record<LakeErrorCode, string>>> = {
  AlreadyExists: 'A row with this unique key exists already.',
  InvalidArgument: 'The SQL statement, its parameters or a constraint of the table refuses the call.',
  PermissionDenied: 'The role of this function holds no such grant, or the credentials are not right.',
  Unavailable: 'The state database did not answer in time, is busy or is being restarted. Repeat later.',
};

/** Two transactions could not have run one after the other, or waited for each other: run the work again. */
export function isSerialisationFailure(error: unknown): boolean {
  const { code } = (error ?? {}) as PostgresFailure;
  return code === '40001' || code === '40P01';
}

/** A statement that the server did not look at, because one before it in the transaction had failed. */
export function isAftermath(error: unknown): boolean {
  return ((error ?? {}) as PostgresFailure).code === '25P02';
}

/**
 * Only another connection helps: after a failover this one is to what was the writer, where a serialisable transaction cannot begin
 * (PostgreSQL's manual, "Hot Standby", 0A000) or nothing may be changed (25006); or tables were changed under its prepared
 * statements ("cached plan must not change result type", 0A000).
 */
export function isUseless(error: unknown, writes: boolean): boolean {
  const { code } = (error ?? {}) as PostgresFailure;
  return code === '0A000' || (writes && code === '25006');
}

/** The connection broke, the server ended it (class 08, 57P01 to 57P03) or did not answer in time: no SQLSTATE says what became of the call. */
export function isConnectionLoss(error: unknown): boolean {
  const { code } = (error ?? {}) as PostgresFailure;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return toLakeError(error).code === 'Unavailable';
  return code.startsWith('08') || /^57P0[123]$/.test(code);
}

/** One mapping into the closed codes. PostgreSQL's message may quote a value, so it goes into `cause` only. */
export function toLakeError(error: unknown): LakeError {
  if (isLakeError(error)) return error;
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as PostgresFailure;
  const state = typeof code === 'string' ? code : '';
  const known = bySqlState[state] ?? (/^[0-9A-Z]{5}$/.test(state) ? bySqlState[state.slice(0, 2)] : undefined);
  // Errors of the connection have the name of an errno or no code at all (pg: "Connection terminated …").
  const found = known ?? (state === '' || isConnectionFailure(state) ? 'Unavailable' : 'Unknown');
  return new LakeError(found, messages[found] ?? 'The state database failed in an unforeseen way.', { cause: error });
}
