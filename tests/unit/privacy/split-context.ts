import { createSecretKey } from 'node:crypto';
import type { SplitContext } from '../../../functions/privacy/split';
import { Tokeniser } from '../../../functions/privacy/tokens';

/** Keys of tests: fixed, so that a failure repeats. */
export const keyOf = (fill: number) => createSecretKey(Buffer.alloc(32, fill));

export const tokeniser = new Tokeniser([{ version: 1, key: keyOf(1) }]);

export const contextWith = (over: Partial<SplitContext> = {}): SplitContext => ({
  provider: 'A81001',
  tokeniser,
  resolveReference: () => undefined,
  ...over,
});
