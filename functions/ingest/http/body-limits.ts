import type { BodyLimits } from './read-body';

/** Where nothing stands before the host; a gateway has its own figure. */
export const widestLimits: BodyLimits = { maxBytes: 64 * 1024 * 1024, timeout: 60_000, maxEntries: 20_000 };

/**
 * Bytes of one body on Lambda. An invocation takes 6 MB of JSON (Lambda's quotas), and a body stands in it as base64, a third
 * longer, beside headers that come twice. What is longer goes by `$import`.
 */
export const lambdaMaxBytes = 4 * 1024 * 1024;
