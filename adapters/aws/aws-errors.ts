import { isLakeError, LakeError, type LakeErrorCode } from '../ports/errors';
import { awsSdkFailure, codeOfAwsSdk } from '../shared/aws-sdk-failure';

/**
 * Names that the status does not tell: KMS answers most refusals with 400
 * (https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and each operation's own list), SNS with 400 to 404, Lambda
 * asks to wait with 409 (https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
 */
const byName: Readonly<Record<string, LakeErrorCode>> = {
  AccessDenied: 'PermissionDenied',
  AccessDeniedException: 'PermissionDenied',
  AlreadyExistsException: 'AlreadyExists',
  AuthorizationErrorException: 'PermissionDenied',
  // Glue: the table is not the version that was read any more.
  ConcurrentModificationException: 'PreconditionFailed',
  CredentialsProviderError: 'PermissionDenied',
  DependencyTimeoutException: 'Unavailable',
  DisabledException: 'PreconditionFailed',
  EndpointError: 'InvalidArgument',
  EntityNotFoundException: 'NotFound',
  ExpiredToken: 'PermissionDenied',
  ExpiredTokenException: 'PermissionDenied',
  // Glue may not use the key of the catalogue.
  GlueEncryptionException: 'PermissionDenied',
  InvalidSignatureException: 'PermissionDenied',
  // The service could not reach the key of an encrypted topic, or may not use it.
  KMSAccessDeniedException: 'PermissionDenied',
  KMSDisabledException: 'PreconditionFailed',
  KMSInvalidStateException: 'PreconditionFailed',
  KMSNotFoundException: 'PreconditionFailed',
  KMSThrottlingException: 'Unavailable',
  KeyUnavailableException: 'Unavailable',
  LimitExceededException: 'Unavailable',
  MissingAuthenticationTokenException: 'PermissionDenied',
  NotFoundException: 'NotFound',
  OperationTimeoutException: 'Unavailable',
  RequestExpired: 'PermissionDenied',
  // A function is Pending: just deployed, or its interfaces in the network are made anew after weeks without a call.
  ResourceConflictException: 'Unavailable',
  ResourceNotReadyException: 'Unavailable',
  ResourceNumberLimitExceededException: 'Unavailable',
  SignatureDoesNotMatch: 'PermissionDenied',
  Throttling: 'Unavailable',
  ThrottledException: 'Unavailable',
  ThrottlingException: 'Unavailable',
  TooManyRequestsException: 'Unavailable',
  UnrecognizedClientException: 'PermissionDenied',
};

const byStatus: Readonly<Record<number, LakeErrorCode>> = {
  400: 'InvalidArgument',
  401: 'PermissionDenied',
  403: 'PermissionDenied',
  404: 'NotFound',
  408: 'Unavailable',
  413: 'InvalidArgument',
  429: 'Unavailable',
};

/** One mapping of the SDK's errors into the closed codes, in the words of one port. The service's own message is the cause. */
export function toLakeError(error: unknown, messages: Readonly<Partial<Record<LakeErrorCode, string>>>): LakeError {
  if (isLakeError(error)) return error;
  const failure = awsSdkFailure(error);
  const code = codeOfAwsSdk(failure, { byName, byStatus });
  const retryAfter = Number(failure.$response?.headers?.['retry-after']);
  return new LakeError(code, messages[code] ?? 'The service failed in an unforeseen way.', {
    cause: error,
    ...(code === 'Unavailable' && retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
  });
}
