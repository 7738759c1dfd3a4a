/**
 * The closed set of error codes every port speaks. Callers act on the code, never on the message
 * (the go-cloud habit): an adapter maps its vendor's errors into these in one place.
 */
export const lakeErrorCodes = [
  'NotFound',
  'AlreadyExists',
  'PreconditionFailed',
  'PermissionDenied',
  'InvalidArgument',
  'Unavailable',
  'Unsupported',
  'Unknown',
] as const;

export type LakeErrorCode = (typeof lakeErrorCodes)[number];

export const isErrorCode = (text: string): text is LakeErrorCode => lakeErrorCodes.some((code) => code === text);

export interface LakeErrorOptions {
  /** The vendor's own error, for the log of the operator; never shown to a sender. */
  cause?: unknown;
  /** Seconds after which a retry may succeed, when the service said so. */
  retryAfterSeconds?: number;
}

/** An error of a port: what was refused, what is allowed, what to do next. Never a submitted value. */
export class LakeError extends Error {
  readonly code: LakeErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: LakeErrorCode, message: string, options: LakeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LakeError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Recognises a LakeError by shape, so that it also works across two bundled copies of this file. */
export function isLakeError(error: unknown, code?: LakeErrorCode): error is LakeError {
  if (!(error instanceof Error) || error.name !== 'LakeError') return false;
  const found = (error as LakeError).code;
  return lakeErrorCodes.includes(found) && (code === undefined || found === code);
}
