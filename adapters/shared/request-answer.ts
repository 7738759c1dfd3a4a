import { isErrorCode, isLakeError, LakeError, type LakeErrorCode } from '../ports/errors';
import type { RetryPolicy } from './retry';

/** What a function that was asked gives back, whatever carries it. */
export type RequestAnswer = { readonly result: unknown } | { readonly code: LakeErrorCode; readonly message: string };

/** A function that sleeps wakes within some seconds; an answer about ten thousand people takes a few. */
export const askRetries: RetryPolicy = {
  attempts: 5,
  firstPause: 500,
  attemptTimeout: 120_000,
  deadline: 180_000,
};

/** What is told of a failure: the lake's own words, of anything else nothing. */
export function refusalOf(
  error: unknown,
  onFailure: (error: unknown) => void,
): Extract<RequestAnswer, { readonly code: string }> {
  if (isLakeError(error)) return { code: error.code, message: error.message };
  onFailure(error);
  return { code: 'Unknown', message: 'The request failed. The log of this function says why.' };
}

/** @throws LakeError with the code of a refusal; `Unavailable` for what is no answer of a function. */
export function resultOf(answer: unknown): unknown {
  const given = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<
    Record<'result' | 'code' | 'message', unknown>
  >;
  if ('result' in given) return given.result;
  if (typeof given.code === 'string' && isErrorCode(given.code)) throw new LakeError(given.code, String(given.message));
  throw new LakeError('Unavailable', 'The function that was asked did not answer. Repeat later.');
}
