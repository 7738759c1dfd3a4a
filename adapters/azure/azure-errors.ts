import { RestError } from '@azure/storage-blob';
import { isLakeError, type LakeError, type LakeErrorCode } from '../ports/errors';
import { objectStoreFailure } from '../shared/object-store-failure';

/** Error codes of Blob storage (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes) that the status does not tell. */
const byName: Readonly<Record<string, LakeErrorCode>> = {
  BlobNotFound: 'NotFound',
  ContainerNotFound: 'InvalidArgument',
  ContainerDisabled: 'Unavailable',
  ContainerBeingDeleted: 'Unavailable',
  BlobAlreadyExists: 'AlreadyExists',
  // Another writer committed meanwhile, which discards the blocks of all others.
  InvalidBlockList: 'PreconditionFailed',
  BlobImmutableDueToPolicy: 'PermissionDenied',
  BlobHasLegalHold: 'PermissionDenied',
  OperationTimedOut: 'Unavailable',
  ServerBusy: 'Unavailable',
  FeatureNotSupported: 'Unsupported',
  FeatureVersionMismatch: 'Unsupported',
};

const byStatus: Readonly<Record<number, LakeErrorCode>> = {
  400: 'InvalidArgument',
  401: 'PermissionDenied',
  403: 'PermissionDenied',
  404: 'NotFound',
  408: 'Unavailable',
  409: 'PreconditionFailed',
  411: 'InvalidArgument',
  412: 'PreconditionFailed',
  413: 'InvalidArgument',
  416: 'InvalidArgument',
  429: 'Unavailable',
  501: 'Unsupported',
};

/** One mapping of the SDK's errors into the closed codes. */
export function toLakeError(error: unknown): LakeError {
  if (isLakeError(error)) return error;
  const headers = error instanceof RestError ? error.response?.headers : undefined;
  return objectStoreFailure(codeOf(error), error, headers?.get('retry-after'));
}

/** Waits for a call; its failure becomes an error of the port. */
export async function reach<Output>(call: Promise<Output>): Promise<Output> {
  try {
    return await call;
  } catch (error) {
    throw toLakeError(error);
  }
}

function codeOf(error: unknown): LakeErrorCode {
  if (!(error instanceof Error)) return 'Unknown';
  if (error.name === 'AbortError') return 'Unavailable';
  const { code, statusCode, details } = error as Partial<RestError>;
  // The answer to a HEAD has no body: its code stands in a header, which the SDK puts into the details.
  const name = (details as { errorCode?: string } | undefined)?.errorCode ?? code ?? '';
  const named = byName[name];
  if (named !== undefined) return named;
  if (statusCode === undefined) return codeWithoutAnswer(error, name);
  return byStatus[statusCode] ?? (statusCode >= 500 ? 'Unavailable' : 'Unknown');
}

/** A connection that was refused, reset or timed out has an errno name; a body that ends early one of the two others. */
function codeWithoutAnswer(error: Error, name: string): LakeErrorCode {
  if (/^(E[A-Z_]+|REQUEST_SEND_ERROR)$/.test(name)) return 'Unavailable';
  return error.name === 'RestError' && name === 'PARSE_ERROR' ? 'Unavailable' : 'Unknown';
}
