import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { LakeEvent } from '../../../adapters/ports/events';
import { Retry, type RetryPolicy } from '../../../adapters/shared/retry';
import { checkCloudEvent } from '../cloud-event';

/** What an event source mapping of SQS hands over (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html). */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

interface SqsRecord {
  readonly eventSource: string;
  readonly messageId: string;
  readonly body: string;
  readonly attributes?: { readonly ApproximateReceiveCount?: string };
}

/** The mapping must have `ReportBatchItemFailures`, or one failure delivers the whole batch again. */
export interface SqsBatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface DeliveredEvent extends LakeEvent {
  /** Some delivery before this one may have done a part of the work. */
  readonly redelivered: boolean;
}

/** Takes one event; what it must do once for a whole batch it does in `end`, whose failure fails the whole batch. */
export interface BatchHandler {
  handle(event: DeliveredEvent): Promise<void>;
  end?(): Promise<void>;
}

/** Of the time that an invocation has when its batch comes, this part is kept for the end of the batch. */
const keptForEnd = 1 / 4;

/**
 * What fails is away until its visibility timeout is over, an hour and a half where an invocation may last 15 minutes (Lambda
 * Developer Guide, "Handling errors for an SQS event source"): a database that changes over is waited for here.
 */
const patience = { attempts: 6, firstPause: 1000, attemptTimeout: 900_000, deadline: 60_000 };

export interface BatchTime {
  /** Milliseconds that are left of the invocation. */
  readonly remaining: () => number;
  /** @default tries for a minute */
  readonly retries?: Omit<RetryPolicy, 'attemptTimeout'>;
}

/**
 * Hands the events of a batch over one after the other: tables have one committer. What failed is named and delivered again;
 * after the redrive policy's number of deliveries the queue puts it with the dead letters. What is no CloudEvent goes the same
 * way: a queue has no other. What there is no time for is left to the next delivery, so that what was done is not done again.
 */
export async function takeBatch(
  { Records }: SqsEvent,
  { handle, end }: BatchHandler,
  onFailure: (error: unknown) => void,
  { remaining, retries = patience }: BatchTime,
): Promise<SqsBatchAnswer> {
  const kept = remaining() * keptForEnd;
  const patiently = (work: () => Promise<void>, reserve: number): Promise<void> => {
    const deadline = Math.min(retries.deadline, remaining() - reserve);
    return new Retry({ ...patience, ...retries, deadline }).run(work);
  };
  const failed = new Set<string>();
  for (const { messageId, body, attributes } of Records) {
    if (remaining() <= kept) {
      failed.add(messageId);
      continue;
    }
    try {
      const redelivered = Number(attributes?.ApproximateReceiveCount ?? 1) > 1;
      const event = readEvent(body);
      let tried = redelivered;
      await patiently(() => {
        const delivered = { ...event, redelivered: tried };
        tried = true;
        return handle(delivered);
      }, kept);
    } catch (error) {
      onFailure(error);
      failed.add(messageId);
    }
  }
  try {
    if (failed.size < Records.length && end !== undefined) await patiently(() => end(), kept / 2);
  } catch (error) {
    onFailure(error);
    for (const { messageId } of Records) failed.add(messageId);
  }
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** The body is the event itself (raw delivery). */
function readEvent(body: string): LakeEvent {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch (error) {
    if (isLakeError(error)) throw error;
    throw new LakeError('InvalidArgument', 'The message of the queue is not JSON. Subscribe it with raw delivery.');
  }
  return checkCloudEvent(event);
}
