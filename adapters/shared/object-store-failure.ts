import { LakeError, type LakeErrorCode } from '../ports/errors';

const messages: Readonly<Record<LakeErrorCode, string>> = {
  NotFound: 'There is no object under this key.',
  AlreadyExists: 'There is an object under this key already.',
  PreconditionFailed: 'The object is not in the state that the call needs.',
  PermissionDenied: 'The object store refuses the credentials or the call. Check the role, its policy and the clock.',
  InvalidArgument: 'The object store does not take the call as it is: bucket or container, key, range or checksum.',
  Unavailable: 'The object store did not answer in time or is busy. Repeat later.',
  Unsupported: 'The object store does not know this call. Declare fewer capabilities for it, or bind another.',
  Unknown: 'The object store failed in an unforeseen way.',
};

/**
 * The port's error of a service's failure. The service's own message may name the key: it is the cause.
 *
 * @param retryAfter the header of the answer, if there is one
 */
export function objectStoreFailure(code: LakeErrorCode, cause: unknown, retryAfter: string | undefined): LakeError {
  const seconds = Number(retryAfter);
  return new LakeError(code, messages[code], {
    cause,
    ...(code === 'Unavailable' && seconds > 0 ? { retryAfterSeconds: seconds } : {}),
  });
}
