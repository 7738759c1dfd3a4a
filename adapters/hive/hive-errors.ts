import { LakeError, type LakeErrorCode } from '../ports/errors';

/** An exception that the metastore declares for a call, or Thrift's own about the call itself. */
export class MetastoreException extends Error {
  readonly exception: string;

  constructor(exception: string, message: string) {
    super(message);
    this.name = 'MetastoreException';
    this.exception = exception;
  }
}

const codes: Readonly<Record<string, LakeErrorCode>> = {
  AlreadyExistsException: 'AlreadyExists',
  NoSuchObjectException: 'NotFound',
  UnknownDBException: 'NotFound',
  InvalidObjectException: 'InvalidArgument',
  InvalidOperationException: 'InvalidArgument',
  TApplicationException: 'Unsupported',
};

/** An `alter` whose `expected_parameter` no longer held (HIVE-26882, from Hive 4.0): told by its text alone. */
const modified = 'The table has been modified';

/** The port's error of whatever a call failed with. Its message names no table: that is the caller's. */
export function hiveError(cause: unknown): LakeError {
  if (cause instanceof LakeError) return cause;
  if (cause instanceof MetastoreException) {
    if (cause.exception === 'MetaException' && cause.message.includes(modified))
      return new LakeError('PreconditionFailed', 'The table was changed meanwhile. Read it again.', { cause });
    const code = codes[cause.exception] ?? 'Unknown';
    return new LakeError(code, `The Hive metastore answered with a ${cause.exception}. See its log.`, { cause });
  }
  return new LakeError('Unavailable', 'The Hive metastore did not answer. Check its address and whether it runs.', {
    cause,
  });
}
