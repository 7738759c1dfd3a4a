import { maxInvocationBytes } from '../../../adapters/aws/invocation-bytes';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { Callers } from '../../../adapters/ports/requests';
import { type RequestAnswer, refusalOf } from '../../../adapters/shared/request-answer';
import { withinTime } from '../../../adapters/shared/time-limit';
import { type OperationOutcomeIssue, operationOutcome } from '../../fhir/operation-outcome';
import type { NodeHandler } from '../drainable-server';
import { type HostEnvironment, readHostEnvironment } from '../host-environment';
import { logFailure } from '../log-failure';
import { startedWithin, timeForAnswer } from './answer-time';
import { HandlerExchange } from './handler-exchange';
import { type ProxyAnswer, type ProxyEvent, proxyAnswer, requestOf } from './proxy-event';
import { type BatchHandler, type SqsBatchAnswer, type SqsEvent, takeBatch } from './sqs-batch';

/** Milliseconds that are left of this invocation. */
export type Remaining = () => number;

/** What a function does with each way it may be invoked; what is not here is refused. */
export interface LambdaFunction {
  /** A REST API's proxy integration. */
  readonly http?: NodeHandler;
  /** The same, of one path whose callers sign as a role: what the gateway says of them no request can carry. */
  readonly signed?: {
    readonly path: string;
    readonly answer: (event: ProxyEvent) => Promise<ProxyAnswer>;
  };
  /** A queue's event source mapping. */
  readonly batch?: BatchHandler;
  /** EventBridge or its Scheduler. */
  readonly beat?: (remaining: Remaining) => Promise<void>;
  /** Another function (adapters/aws/lambda-requests.ts). */
  readonly asked?: {
    readonly callers: Callers;
    /** Decides and records, also about nobody. */
    readonly answer: (caller: string | undefined, request: unknown) => Promise<unknown>;
  };
  /** Resolves when nothing goes on any more. */
  readonly settled: () => Promise<void>;
}

/** The part of Lambda's context that is read. */
export interface LambdaContext {
  /** With the alias, if it was invoked by one. */
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

export type LambdaHandler = (
  event: unknown,
  context: LambdaContext,
) => Promise<ProxyAnswer | SqsBatchAnswer | RequestAnswer | undefined>;

type Start = (environment: HostEnvironment, onFailure: (error: unknown) => void) => Promise<LambdaFunction>;

/**
 * The handler that Lambda calls. The function is put together while the instance starts; if that fails, at the next event
 * again. Nothing goes on when it answers, since the instance is frozen then.
 */
export function lambdaHandler(name: string, start: Start): LambdaHandler {
  let made: Promise<Invocable> | undefined;
  const invocable = (): Promise<Invocable> => {
    made ??= makeInvocable(name, start).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  // Lambda gives the start of an instance its full processor.
  invocable().catch(() => undefined);
  return async (event, context) => {
    let ready: Invocable;
    try {
      ready = await (isProxyEvent(event)
        ? startedWithin(timeForAnswer(event, context.getRemainingTimeInMillis()), invocable())
        : invocable());
    } catch (error) {
      logFailure(error);
      if (isProxyEvent(event)) return notReady;
      throw plain(error);
    }
    return ready(event, context);
  };
}

type Invocable = LambdaHandler;

async function makeInvocable(name: string, start: Start): Promise<Invocable> {
  const environment = readHostEnvironment(process.env);
  if (environment.function !== name)
    throw new LakeError('InvalidArgument', `LAKE_FUNCTION: this bundle serves ${name}.`);
  const { http, signed, batch, beat, asked, settled } = await start(environment, logFailure);
  const exchange = http === undefined ? undefined : new HandlerExchange(http);
  return async (event, context) => {
    try {
      if (isProxyEvent(event)) {
        const answers =
          signed !== undefined && event.path === signed.path
            ? signed.answer
            : exchange && (async () => proxyAnswer(await exchange.send(requestOf(event))));
        if (answers !== undefined) {
          const time = timeForAnswer(event, context.getRemainingTimeInMillis());
          const answer = await withinTime(time, () => answers(event));
          return isTooLong(answer, answer.body.length) ? tooLong : answer;
        }
      }
      if (batch !== undefined && isSqsEvent(event))
        return await takeBatch(event, batch, logFailure, { remaining: () => context.getRemainingTimeInMillis() });
      if (asked !== undefined && isRequestEvent(event)) {
        const { callers, answer } = asked;
        const caller = await callers.callerOf(context.invokedFunctionArn);
        return await answer(caller, event.request).then(
          (result) => (isTooLong(result) ? tooMuch : { result: result ?? null }),
          (error: unknown) => {
            // An alarm counts the codes (components/audit/aws-alarm-rules.ts).
            logFailure(error);
            return refusalOf(error, () => undefined);
          },
        );
      }
      if (beat !== undefined && !isProxyEvent(event) && !isSqsEvent(event)) {
        await beat(() => context.getRemainingTimeInMillis());
        return undefined;
      }
    } catch (error) {
      logFailure(error);
      if (isProxyEvent(event)) return isLakeError(error, 'InvalidArgument') ? notHttp : notReady;
      throw plain(error);
    } finally {
      await settled();
    }
    throw new LakeError('InvalidArgument', `The function ${name} is not invoked by events of this kind.`);
  };
}

/** In JSON a character is six bytes at most (`\\u001f`): what is shorter than a sixth need not be written twice. */
const isTooLong = (answer: unknown, characters = maxInvocationBytes): boolean =>
  characters > maxInvocationBytes / 6 && Buffer.byteLength(JSON.stringify(answer) ?? '') > maxInvocationBytes - 1024;

/** Lambda logs what is thrown, with its message and causes: only what the lake itself says goes out. */
const plain = (error: unknown): Error =>
  isLakeError(error) ? new LakeError(error.code, error.message) : new LakeError('Unknown', 'The function failed.');

const isProxyEvent = (event: unknown): event is ProxyEvent =>
  typeof event === 'object' && event !== null && 'httpMethod' in event && 'path' in event;

const isRequestEvent = (event: unknown): event is { readonly request: unknown } =>
  typeof event === 'object' && event !== null && 'request' in event;

const isSqsEvent = (event: unknown): event is SqsEvent => {
  const { Records: records } = (event ?? {}) as { readonly Records?: readonly { readonly eventSource?: string }[] };
  return Array.isArray(records) && records.every((record) => record?.eventSource === 'aws:sqs');
};

const outcomeAnswer = (
  statusCode: number,
  code: OperationOutcomeIssue['code'],
  diagnostics: string,
  headers: ProxyAnswer['multiValueHeaders'] = {},
): ProxyAnswer => ({
  statusCode,
  multiValueHeaders: {
    'content-type': ['application/fhir+json; charset=utf-8'],
    'cache-control': ['no-store'],
    ...headers,
  },
  body: JSON.stringify(operationOutcome([{ severity: 'error', code, diagnostics }])),
  isBase64Encoded: false,
});

/** A gateway would make "Internal server error" of a failure, and a sender could not tell that it may repeat. */
const notReady = outcomeAnswer(
  503,
  'transient',
  'The lake cannot answer now. Send the request again with the same X-Request-ID.',
  { 'retry-after': ['5'] },
);

/** Lambda gives nothing longer on; a gateway would make "Internal server error" of it, at each repetition. */
const tooLong = outcomeAnswer(
  413,
  'too-costly',
  'The answer is longer than the gateway passes on. What was accepted is kept: send the entries again in several Bundles, and each is told what became of it.',
);

const tooMuch: RequestAnswer = {
  code: 'InvalidArgument',
  message: `The answer is longer than ${maxInvocationBytes} bytes, which Lambda does not pass on. Ask about fewer at once.`,
};

const notHttp = outcomeAnswer(400, 'structure', 'The request is not HTTP/1.1 (RFC 9112).');
