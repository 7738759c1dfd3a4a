/** A function on Lambda that answers people. */
export interface AwsDesk {
  readonly functionName: string;
  readonly region: string;
}

const messages = {
  NotFound: 'The stack has no such desk for this operator. Is the person among its `operators`? Then `pulumi up`.',
  PermissionDenied:
    'AWS refuses whoever is signed in here. Take the role that the stack made for this operator (docs/deploy-aws.md), for example by AWS_PROFILE.',
  InvalidArgument: 'Lambda does not take this request. Is the command of the same release as the lake?',
  Unavailable: 'The lake did not answer. `lake jobs` shows what goes on; repeat later.',
};

/** Once: what was begun goes on, whether an answer came back or not. */
const once = { attempts: 1, firstPause: 0, attemptTimeout: 300_000, deadline: 300_000 };

/**
 * Asks by invoking the function under the alias that stands for this one person, signed with what the SDK finds: a profile, a sign-in,
 * the environment. IAM lets the person's own role invoke it and nobody else, and the account's trail shows who did.
 *
 * @throws LakeError what the lake refuses; `PermissionDenied` and `NotFound` when AWS does.
 */
export async function askLambda(desk: AwsDesk, account: string, request: unknown): Promise<unknown> {
  // Loaded when it is asked for: the SDK is no part of a lake on one machine.
  const { LambdaRequests } =
    require('../../adapters/aws/lambda-requests') as typeof import('../../adapters/aws/lambda-requests');
  // As every client of the SDK is told of another endpoint: a private one, an emulator.
  const endpoint = process.env.AWS_ENDPOINT_URL_LAMBDA;
  const { functionName, region } = desk;
  const binding = { kind: 'lambda', functionName, region, qualifier: account } as const;
  const place = endpoint === undefined ? binding : { ...binding, endpoint };
  return new LambdaRequests(place, { retries: once, messages }).ask(request);
}
