import type { LakeErrorCode } from '../ports/errors';
import { isConnectionFailure } from './connection-failure';

/** What the SDK of AWS puts on the errors of a service (`ServiceException`) and of a connection. */
export interface AwsSdkFailure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    /**
     * The service's clock is another than ours; the SDK signs by the service's from now on. The answer to a HEAD says no more than
     * 403.
     */
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** What one service means by the names of its errors and by the status of its answers. */
export interface FailureCodes {
  /** Names that the status does not tell; they go before it. */
  readonly byName: Readonly<Record<string, LakeErrorCode>>;
  /** A status of 500 and more that is not here is `Unavailable`, any other one `Unknown`. */
  readonly byStatus: Readonly<Record<number, LakeErrorCode>>;
}

/** The failure of a call as an object, whatever was thrown. */
export const awsSdkFailure = (error: unknown): AwsSdkFailure =>
  typeof error === 'object' && error !== null ? (error as AwsSdkFailure) : {};

/** The closed code of a failed call. */
export function codeOfAwsSdk({ name, code, $metadata }: AwsSdkFailure, codes: FailureCodes): LakeErrorCode {
  if ($metadata?.clockSkewCorrected === true) return 'Unavailable';
  const named = name === undefined ? undefined : codes.byName[name];
  if (named !== undefined) return named;
  // A connection that was refused, reset or timed out has an errno name (ECONNREFUSED …) or a timeout's name; a status too when
  // it broke off in the middle of a refusal, whose reason nobody knows then.
  if (name === 'TimeoutError' || name === 'AbortError' || isConnectionFailure(code)) return 'Unavailable';
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return 'Unknown';
  return codes.byStatus[status] ?? (status >= 500 ? 'Unavailable' : 'Unknown');
}
