import { ingestManifest } from '../functions/ingest/manifest';
import type { Manifest } from '../functions/manifest';
import { providerAccessManifest } from '../functions/provider-access/manifest';

const reached = [ingestManifest.name, providerAccessManifest.name];

/** What only the functions that senders reach are told: when it changes, every other function stays as it is. */
export const senderLimits = (
  { name }: Pick<Manifest, 'name'>,
  { requestsPerMinute }: { readonly requestsPerMinute: number },
): Readonly<Record<string, string>> =>
  reached.includes(name) ? { LAKE_REQUESTS_PER_MINUTE: String(requestsPerMinute) } : {};
