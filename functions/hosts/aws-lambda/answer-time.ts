import { LakeError } from '../../../adapters/ports/errors';
import { inTime } from '../../../adapters/shared/time-limit';
import type { ProxyEvent } from './proxy-event';

/** Milliseconds that a REST API waits for a function, unless its quota was raised (API Gateway's quotas, "Integration timeout"). */
const gatewayWaits = 29_000;
/** Of an invocation's time, for ending what runs and for the answer: a sender is told to come again by the lake, not by the gateway. */
const keptForAnswer = 3000;

/**
 * Milliseconds that the work for an answer may take. The gateway's time began before this invocation where an instance had to be
 * started first, which Lambda does not count (Lambda Developer Guide, "Init phase"); the gateway says when it took the request.
 */
export function timeForAnswer({ requestContext }: ProxyEvent, remaining: number, now = Date.now()): number {
  const waited = now - (requestContext?.requestTimeEpoch ?? now);
  // Clocks that do not agree say nothing.
  const ofGateway = waited < 0 || waited > gatewayWaits ? gatewayWaits : gatewayWaits - waited;
  return Math.max(0, Math.min(remaining, ofGateway) - keptForAnswer);
}

/** What has not started by then goes on by itself, for the next request. */
export const startedWithin = <Value>(milliseconds: number, starting: Promise<Value>): Promise<Value> =>
  inTime(
    milliseconds,
    starting,
    () => new LakeError('Unavailable', 'The function has not started in time. Send the request again.'),
  );
