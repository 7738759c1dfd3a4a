import { KMSClient } from '@aws-sdk/client-kms';
import { SignatureV4 } from '@smithy/signature-v4';
import type { RequestsBinding } from '../bindings';
import { LakeError, type LakeErrorCode } from '../ports/errors';
import type { Requests } from '../ports/requests';
import { askRetries, resultOf } from '../shared/request-answer';
import { Retry, type RetryPolicy } from '../shared/retry';
import { toLakeError } from './aws-errors';
import { maxInvocationBytes } from './invocation-bytes';

type LambdaBinding = Extract<RequestsBinding, { kind: 'lambda' }>;

const functionMessages = {
  NotFound: 'The function that is asked, or its alias for this function, is not there. Deploy the stack again.',
  PermissionDenied:
    "The function that is asked refuses this one. Check this function's role and the policy of the alias.",
  InvalidArgument: 'Lambda does not take the request of this function.',
  Unavailable: 'The function that was asked did not answer or is busy. Repeat later.',
};

type LambdaMessages = Readonly<Partial<Record<LakeErrorCode, string>>> & { readonly Unavailable: string };

/**
 * Asks a function by invoking it (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html), under the alias that stands
 * for this one function: the alias is all that the other end learns of who asks, and IAM lets nobody else invoke it. One call
 * of the service, signed here: its client would be carried by every function that asks.
 */
export class LambdaRequests implements Requests {
  readonly #binding: LambdaBinding;
  readonly #signer: SignatureV4;
  readonly #retry: Retry;
  readonly #messages: LambdaMessages;

  /** `messages`: what is told where it is no function that asks. */
  constructor(
    binding: LambdaBinding,
    {
      retries = askRetries,
      messages = functionMessages,
    }: { readonly retries?: RetryPolicy; readonly messages?: LambdaMessages } = {},
  ) {
    this.#binding = binding;
    this.#retry = new Retry(retries);
    this.#messages = messages;
    const { region } = binding;
    // The chain that finds credentials, and the hash, are those of every client of the SDK.
    const { credentials, sha256 } = new KMSClient({ region }).config;
    this.#signer = new SignatureV4({ service: 'lambda', region, credentials, sha256 });
  }

  async ask(request: unknown): Promise<unknown> {
    const body = JSON.stringify({ request });
    const length = Buffer.byteLength(body);
    if (length > maxInvocationBytes)
      throw new LakeError(
        'InvalidArgument',
        `The request is ${length} bytes long; Lambda takes ${maxInvocationBytes}. Ask about fewer at once.`,
      );
    return this.#retry.run((signal) => this.#invoke(body, signal));
  }

  async #invoke(body: string, signal: AbortSignal): Promise<unknown> {
    const { functionName, qualifier, region, endpoint = `https://lambda.${region}.amazonaws.com` } = this.#binding;
    const { protocol, hostname, port, host } = new URL(endpoint);
    try {
      const { method, path, headers, query } = await this.#signer.sign({
        method: 'POST',
        protocol,
        hostname,
        ...(port === '' ? {} : { port: Number(port) }),
        path: `/2015-03-31/functions/${functionName}/invocations`,
        query: { Qualifier: qualifier },
        headers: { host, 'content-type': 'application/json', 'x-amz-invocation-type': 'RequestResponse' },
        body,
      });
      const target = new URL(`${path}?${new URLSearchParams(query as Record<string, string>)}`, endpoint);
      const response = await fetch(target, { method, headers, body, signal, redirect: 'error' });
      if (!response.ok) throw failureOf(response);
      // The function itself died or ran out of its time: it did not refuse.
      if (response.headers.has('x-amz-function-error')) throw new LakeError('Unavailable', this.#messages.Unavailable);
      return resultOf(await response.json());
    } catch (error) {
      // `fetch` tells what broke in the cause of a TypeError.
      const cause = error instanceof TypeError ? (error.cause ?? error) : error;
      throw toLakeError(cause instanceof SyntaxError ? { name: 'TimeoutError', cause } : cause, this.#messages);
    }
  }
}

/** A refusal of the service, in the form in which the SDK's clients throw one. */
const failureOf = ({ status, headers }: Response): object => ({
  // `TooManyRequestsException:http://internal.amazon.com/…` (the REST JSON protocol).
  name: headers.get('x-amzn-errortype')?.split(':')[0],
  $metadata: { httpStatusCode: status },
});
