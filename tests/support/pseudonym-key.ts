import type { KeyObject } from 'node:crypto';
import type { KeyManagement } from '../../adapters/ports/key-management';
import type { StateDatabase } from '../../adapters/ports/state-database';
import type { LakeParts } from '../../functions/hosts/local/lake-parts';
import { pseudonymKeyName, unwrapPseudonymKey } from '../../functions/hosts/wrapped-pseudonym-key';
import { ingestManifest } from '../../functions/ingest/manifest';
import { type WrappedKeyStore, wrappedKeyStore } from '../../functions/ingest/wrapped-key-store';

type Unwrap = Parameters<typeof unwrapPseudonymKey>[1];

async function opened(wrappedKeys: Pick<WrappedKeyStore, 'current'>, unwrap: Unwrap): Promise<readonly KeyObject[]> {
  const versions = await wrappedKeys.current(pseudonymKeyName);
  return Promise.all(versions.map(async (one) => (await unwrapPseudonymKey(one, unwrap)).key));
}

/** The pseudonym keys themselves, the newest first: only a test holds them in its hand. */
export function pseudonymKeys(parts: LakeParts): Promise<readonly KeyObject[]> {
  const { wrappedKeys, pseudonymKey } = parts.ports(ingestManifest);
  return opened(wrappedKeys, pseudonymKey.unwrap);
}

/** The same of a lake on servers, with an administrator's rights. */
export const pseudonymKeysOn = (
  lake: StateDatabase,
  keys: Pick<KeyManagement, 'unwrap'>,
): Promise<readonly KeyObject[]> =>
  opened(wrappedKeyStore.open(lake), (encrypted, context) => keys.unwrap(pseudonymKeyName, encrypted, context));
