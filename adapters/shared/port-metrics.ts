import { type Attributes, metrics } from '@opentelemetry/api';
import { isLakeError } from '../ports/errors';

type Method = (...args: unknown[]) => unknown;

/**
 * Measures a method of a port: how long each call took, and what became of it, as the histogram `lake.port.duration` (seconds)
 * with `error.type` where it failed. A call that gives items one by one takes until the last. Without a metrics SDK in the
 * process nothing is recorded (https://opentelemetry.io/docs/specs/otel/metrics/noop/).
 *
 * @param attributes what a manifest says of the port, never anything of a call.
 */
export function measured(method: Method, attributes: Attributes): Method {
  // Asked for here, not when this file is loaded: an SDK may be registered after that.
  const durations = metrics.getMeter('nhs-data-lake').createHistogram('lake.port.duration', {
    unit: 's',
    description: 'Duration of calls over the ports of the lake',
    advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] },
  });
  return (...args) => {
    const begin = performance.now();
    const record = (error?: unknown): void => {
      const outcome = error === undefined ? {} : { 'error.type': isLakeError(error) ? error.code : 'Other' };
      durations.record((performance.now() - begin) / 1000, { ...attributes, ...outcome });
    };
    let result: unknown;
    try {
      result = method(...args);
    } catch (error) {
      record(error);
      throw error;
    }
    if (result instanceof Promise) {
      // Beside the caller's own handling, which is not put off.
      result.then(() => record(), record);
      return result;
    }
    if (isItems(result)) return measuredItems(result, record);
    record();
    return result;
  };
}

async function* measuredItems(
  items: AsyncIterable<unknown>,
  record: (error?: unknown) => void,
): AsyncGenerator<unknown> {
  let failure: unknown;
  try {
    yield* items;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    record(failure);
  }
}

function isItems(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}
