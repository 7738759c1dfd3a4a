import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { LakeEvent } from '../../../adapters/ports/events';
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

/**
 * Hands the events of a batch over one after the other: tables have one committer. What failed is named and delivered again;
 * after the redrive policy's number of deliveries the queue puts it with the dead letters. What is no CloudEvent goes the same
 * way: a queue has no other.
 */
export async function takeBatch(
  { Records }: SqsEvent,
  { handle, end }: BatchHandler,
  onFailure: (error: unknown) => void,
): Promise<SqsBatchAnswer> {
  const failed = new Set<string>();
  for (const { messageId, body, attributes } of Records) {
    try {
      const redelivered = Number(attributes?.ApproximateReceiveCount ?? 1) > 1;
      await handle({ ...readEvent(body), redelivered });
    } catch (error) {
      onFailure(error);
      failed.add(messageId);
    }
  }
  try {
    if (failed.size < Records.length) await end?.();
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
