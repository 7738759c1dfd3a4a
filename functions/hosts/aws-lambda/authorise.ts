import { LakeError } from '../../../adapters/ports/errors';
import { inTime, withinTime } from '../../../adapters/shared/time-limit';
import type { TokenVerifier } from '../../provider-access/token-verifier';
import { usageKeyOf } from '../../provider-access/usage-key';

/** What a REST API asks its authoriser with (API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer"). */
export interface AuthoriserEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string>> | null;
}

export interface AuthoriserAnswer {
  readonly principalId: string;
  readonly usageIdentifierKey: string;
  readonly policyDocument: object;
}

/** API Gateway answers 401 to this text alone, and 500 to any other. */
export class Unauthorised extends Error {
  constructor() {
    super('Unauthorized');
    this.name = 'Unauthorised';
  }
}

/**
 * Whether a bearer token is good, before any function is called. It allows the whole API, since the answer is kept for a minute
 * and serves other operations meanwhile: what the token's scopes allow is the function's to say, which verifies it again.
 *
 * @throws Unauthorised for a token that is not good; LakeError `Unavailable` when the keys that would say so are out of reach.
 */
export async function authorise(
  { methodArn, headers }: AuthoriserEvent,
  verifier: Pick<TokenVerifier, 'verify'>,
): Promise<AuthoriserAnswer> {
  const [, authorization = ''] =
    Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  // RFC 6750 section 2.1; the scheme is compared without case (RFC 9110 section 11.1).
  const token = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
  const verified = token === undefined ? undefined : await verifier.verify(token);
  if (verified === undefined) throw new Unauthorised();
  // arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH
  const [api, stage] = methodArn.split('/');
  const allowed = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `${api}/${stage}/*` };
  return {
    principalId: verified.clientId,
    usageIdentifierKey: usageKeyOf(verified.clientId),
    policyDocument: { Version: '2012-10-17', Statement: [allowed] },
  };
}

/** Of an invocation's time, for the answer: Lambda ends a process that has none left, and the next request waits for another to start. */
const keptForAnswer = 500;

/**
 * The same in the time that is left of the invocation, whatever the calls behind it add up to. Who cannot be told from others in time
 * is not let in: the sender is told 503 and when to come again.
 *
 * @param remaining milliseconds
 * @throws LakeError `Unavailable` when the time is over.
 */
export function authoriseInTime(
  event: AuthoriserEvent,
  verifier: Pick<TokenVerifier, 'verify'>,
  remaining: number,
): Promise<AuthoriserAnswer> {
  const time = Math.max(0, remaining - keptForAnswer);
  return withinTime(time, () =>
    inTime(
      time,
      authorise(event, verifier),
      () => new LakeError('Unavailable', 'The token could not be verified in time. Send the request again.'),
    ),
  );
}
