import { isLakeError, type LakeErrorCode } from '../../adapters/ports/errors';
import type { AuditRecord } from './audit-record';

/** Codes that say no to whoever asked; the others are failures of the lake. */
const denials: ReadonlySet<LakeErrorCode> = new Set<LakeErrorCode>([
  'NotFound',
  'AlreadyExists',
  'PreconditionFailed',
  'PermissionDenied',
  'InvalidArgument',
  'Unsupported',
]);

/** How what a person asked and did not get stands in the audit: refused, or failed. */
export function failureOutcome(error: unknown): AuditRecord['outcome'] {
  const code = isLakeError(error) ? error.code : 'Unknown';
  return { result: denials.has(code) ? 'denied' : 'failed', code };
}
