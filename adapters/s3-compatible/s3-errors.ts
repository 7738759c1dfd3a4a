import { isLakeError, type LakeError, type LakeErrorCode } from '../ports/errors';
import { awsSdkFailure, codeOfAwsSdk } from '../shared/aws-sdk-failure';
import { keyClash } from '../shared/object-keys';
import { objectStoreFailure } from '../shared/object-store-failure';
import { timeLeft, timeOfTry } from '../shared/time-limit';

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
  const failure = awsSdkFailure(error);
  if (failure.name !== undefined && clashes.has(failure.name)) return keyClash();
  return objectStoreFailure(
    codeOfAwsSdk(failure, { byName, byStatus }),
    error,
    failure.$response?.headers?.['retry-after'],
  );
}

/**
 * Makes a call, within the time that the work has left; its failure becomes an error of the port.
 *
 * @param signal who else may end it
 */
export async function reach<Output>(
  call: (options: CallOptions) => Promise<Output>,
  signal?: AbortSignal,
): Promise<Output> {
  try {
    return await call(callOptions(signal));
  } catch (error) {
    throw toLakeError(error);
  }
}

/** The SDK's options of one call. */
interface CallOptions {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
}

/** Without a time limit the client's own timeouts are all there is: an answer may be a stream that is read for long. */
function callOptions(signal: AbortSignal | undefined): CallOptions {
  const left = timeLeft();
  if (left === Number.POSITIVE_INFINITY) return signal === undefined ? {} : { abortSignal: signal };
  const end = AbortSignal.timeout(left);
  return {
    abortSignal: signal === undefined ? end : AbortSignal.any([signal, end]),
    requestTimeout: timeOfTry(30_000),
  };
}
