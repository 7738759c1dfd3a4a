import { isLakeError, type LakeError, type LakeErrorCode } from '../ports/errors';
import { isConnectionFailure } from '../shared/connection-failure';
import { keyClash } from '../shared/object-keys';
import { objectStoreFailure } from '../shared/object-store-failure';

/** What the SDK puts on the errors of a service (`S3ServiceException`) and of a connection. */
interface S3Failure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    /** The store's clock is another than ours; the SDK signs by the store's from now on. The answer to a HEAD says no more than 403. */
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Error codes of S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) that the status does not tell. */
const byName: Readonly<Record<string, LakeErrorCode>> = {
  NoSuchBucket: 'InvalidArgument',
  InvalidRange: 'InvalidArgument',
  BadDigest: 'InvalidArgument',
  XAmzContentSHA256Mismatch: 'InvalidArgument',
  InvalidObjectState: 'PreconditionFailed',
  // The parts are gone: completed by a call whose answer was lost, or aborted.
  NoSuchUpload: 'PreconditionFailed',
  ConditionalRequestConflict: 'Unavailable',
  OperationAborted: 'Unavailable',
  RequestTimeout: 'Unavailable',
  RequestTimeTooSkewed: 'Unavailable',
  ExpiredToken: 'PermissionDenied',
  InvalidAccessKeyId: 'PermissionDenied',
  SignatureDoesNotMatch: 'PermissionDenied',
  CredentialsProviderError: 'PermissionDenied',
  // What KMS answered S3, which passes it on as 400. Not `PreconditionFailed`: that is the word for a key that is taken.
  'KMS.DisabledException': 'PermissionDenied',
  'KMS.KMSInvalidStateException': 'PermissionDenied',
  'KMS.NotFoundException': 'PermissionDenied',
  'KMS.ThrottlingException': 'Unavailable',
  ThrottlingException: 'Unavailable',
  NotImplemented: 'Unsupported',
  EntityTooLarge: 'InvalidArgument',
  KeyTooLongError: 'InvalidArgument',
};

const byStatus: Readonly<Record<number, LakeErrorCode>> = {
  400: 'InvalidArgument',
  401: 'PermissionDenied',
  403: 'PermissionDenied',
  404: 'NotFound',
  405: 'Unsupported',
  408: 'Unavailable',
  409: 'Unavailable',
  412: 'PreconditionFailed',
  416: 'InvalidArgument',
  429: 'Unavailable',
  501: 'Unsupported',
};

/** Answers of POSIX gateways (versitygw) to a key that is another's folder. */
const clashes = new Set(['ObjectParentIsFile', 'ExistingObjectIsDirectory', 'DirectoryObjectContainsData']);

/** One mapping of the SDK's errors into the closed codes. */
export function toLakeError(error: unknown): LakeError {
  if (isLakeError(error)) return error;
  const failure = (typeof error === 'object' && error !== null ? error : {}) as S3Failure;
  if (failure.name !== undefined && clashes.has(failure.name)) return keyClash();
  return objectStoreFailure(codeOf(failure), error, failure.$response?.headers?.['retry-after']);
}

/** Waits for a call; its failure becomes an error of the port. */
export async function reach<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    throw toLakeError(error);
  }
}

/** The SDK's option for a signal that may not be there. */
export function cancellation(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function codeOf({ name, code, $metadata }: S3Failure): LakeErrorCode {
  if ($metadata?.clockSkewCorrected === true) return 'Unavailable';
  const named = name === undefined ? undefined : byName[name];
  if (named !== undefined) return named;
  // A connection that was refused, reset or timed out has an errno name (ECONNREFUSED …) or a timeout's name; a status too when
  // it broke off in the middle of a refusal, whose reason nobody knows then.
  if (name === 'TimeoutError' || name === 'AbortError' || isConnectionFailure(code)) return 'Unavailable';
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return 'Unknown';
  return status >= 500 && status !== 501 ? 'Unavailable' : (byStatus[status] ?? 'Unknown');
}
