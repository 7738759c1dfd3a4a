import type { Manifest } from '../functions/manifest';

/** What only functions that senders reach are told: when it changes, every other function stays as it is. */
export const senderLimits = (
  { trigger }: Pick<Manifest, 'trigger'>,
  { requestsPerMinute }: { readonly requestsPerMinute: number },
): Readonly<Record<string, string>> =>
  trigger.kind === 'http' ? { LAKE_REQUESTS_PER_MINUTE: String(requestsPerMinute) } : {};
