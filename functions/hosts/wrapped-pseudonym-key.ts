import { createSecretKey } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { DataKey, EncryptedDataKey, EncryptionContext } from '../../adapters/ports/key-management';
import type { AuditRecord } from '../audit/audit-record';
import type { ingestManifest } from '../ingest/manifest';
import type { WrappedKey, WrappedKeyStore } from '../ingest/wrapped-key-store';
import type { PortsOf } from '../manifest';
import { type PseudonymKey, Tokeniser } from '../privacy/tokens';
import { parseWrappedKey, wrappedKeyText } from '../privacy/wrapped-key-text';

/** What the pseudonym key wraps, bound in as its context. */
const pseudonymContext: EncryptionContext = { zone: 'pseudonym', purpose: 'tokens' };

/** Its name among the wrapped keys. */
export const pseudonymKeyName = 'pseudonym';

/** The pseudonym key as it may lie in a database: wrapped, JSON with base64. The wrapping key is with KeyManagement. */
export async function wrapPseudonymKey(
  generateDataKey: (context: EncryptionContext) => Promise<DataKey>,
): Promise<string> {
  const { plaintext, encrypted } = await generateDataKey(pseudonymContext);
  plaintext.fill(0);
  return wrappedKeyText(encrypted);
}

/** Opens it into memory; the bytes are overwritten once the key object holds them. */
export async function unwrapPseudonymKey(
  { version, wrapped }: WrappedKey,
  unwrap: (encrypted: EncryptedDataKey, context: EncryptionContext) => Promise<Uint8Array>,
): Promise<PseudonymKey> {
  const plaintext = await unwrap(parseWrappedKey(wrapped), pseudonymContext);
  const key = createSecretKey(plaintext);
  plaintext.fill(0);
  return { version, key };
}

/**
 * Every version of the pseudonym key, opened, for a function that makes pseudonyms.
 *
 * @throws LakeError `PreconditionFailed` when the lake was not prepared.
 */
export async function readTokeniser({
  wrappedKeys,
  pseudonymKey,
}: Pick<PortsOf<typeof ingestManifest>, 'wrappedKeys' | 'pseudonymKey'>): Promise<Tokeniser> {
  const versions = await wrappedKeys.current(pseudonymKeyName);
  if (versions.length === 0)
    throw new LakeError('PreconditionFailed', 'The lake has no pseudonym key yet. Prepare it before it ingests.');
  return tokeniserOf(versions, pseudonymKey.unwrap);
}

/** @param versions every one there was, the newest first */
export async function tokeniserOf(
  versions: readonly WrappedKey[],
  unwrap: Parameters<typeof unwrapPseudonymKey>[1],
): Promise<Tokeniser> {
  const keys = await Promise.all(versions.map((one) => unwrapPseudonymKey(one, unwrap)));
  return new Tokeniser(keys, { rotating: versions[0]?.remapped === false });
}

/** Makes the first version unless there is one; two that prepare at once end with the same. */
export async function preparePseudonymKey(
  store: WrappedKeyStore,
  generateDataKey: (context: EncryptionContext) => Promise<DataKey>,
): Promise<void> {
  if ((await store.current(pseudonymKeyName)).length > 0) return;
  const audit: AuditRecord = {
    recorded: new Date().toISOString(),
    event: 'securityConfiguration',
    action: 'job:prepare',
    agent: { kind: 'function', id: 'prepare' },
    outcome: { result: 'allowed', code: 'key-made' },
    purpose: 'HSYSADMIN',
  };
  const wrapped = await wrapPseudonymKey(generateDataKey);
  await store.add(pseudonymKeyName, { version: 1, wrapped, remapped: true }, audit);
}
