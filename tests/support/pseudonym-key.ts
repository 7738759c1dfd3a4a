import type { KeyObject } from 'node:crypto';
import type { LakeParts } from '../../functions/hosts/local/lake-parts';
import { pseudonymKeyName, unwrapPseudonymKey } from '../../functions/hosts/wrapped-pseudonym-key';
import { ingestManifest } from '../../functions/ingest/manifest';

/** The pseudonym keys themselves, the newest first: only a test holds them in its hand. */
export async function pseudonymKeys(parts: LakeParts): Promise<readonly KeyObject[]> {
  const { wrappedKeys, pseudonymKey } = parts.ports(ingestManifest);
  const versions = await wrappedKeys.current(pseudonymKeyName);
  return Promise.all(versions.map(async (one) => (await unwrapPseudonymKey(one, pseudonymKey.unwrap)).key));
}
