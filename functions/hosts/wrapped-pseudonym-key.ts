import { createSecretKey } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { DataKey, EncryptedDataKey, EncryptionContext } from '../../adapters/ports/key-management';
import type { AuditRecord } from '../audit/audit-record';
import type { ingestManifest } from '../ingest/manifest';
import type { WrappedKey, WrappedKeyStore } from '../ingest/wrapped-key-store';
import type { PortsOf } from '../manifest';
import type { PseudonymKey } from '../privacy/tokens';
import { parseWrappedKey, wrappedKeyText } from '../privacy/wrapped-key-text';

/** What the pseudonym key wraps, bound in as its context. */
const pseudonymContext: EncryptionContext = { zone: 'pseudonym', purpose: 'tokens' };

const name = 'pseudonym';

/** The pseudonym key as it may lie in a database: wrapped, JSON with base64. The wrapping key is with KeyManagement. */
async function wrapPseudonymKey(generateDataKey: (context: EncryptionContext) => Promise<DataKey>): Promise<string> {
  const { plaintext, encrypted } = await generateDataKey(pseudonymContext);
  plaintext.fill(0);
  return wrappedKeyText(encrypted);
}

/** Opens it into memory; the bytes are overwritten once the key object holds them. */
async function unwrapPseudonymKey(
  { version, wrapped }: WrappedKey,
  unwrap: (encrypted: EncryptedDataKey, context: EncryptionContext) => Promise<Uint8Array>,
): Promise<PseudonymKey> {
  const plaintext = await unwrap(parseWrappedKey(wrapped), pseudonymContext);
  const key = createSecretKey(plaintext);
  plaintext.fill(0);
  return { version, key };
}

/**
 * The pseudonym key for a function that ingests.
 *
 * @throws LakeError `PreconditionFailed` when the lake was not prepared.
 */
export async function readPseudonymKey({
  wrappedKeys,
  pseudonymKey,
}: Pick<PortsOf<typeof ingestManifest>, 'wrappedKeys' | 'pseudonymKey'>): Promise<PseudonymKey> {
  const [newest] = await wrappedKeys.current(name);
  if (newest === undefined)
    throw new LakeError('PreconditionFailed', 'The lake has no pseudonym key yet. Prepare it before it ingests.');
  return unwrapPseudonymKey(newest, pseudonymKey.unwrap);
}

/** Makes the first version unless there is one; two that prepare at once end with the same. */
export async function preparePseudonymKey(
  store: WrappedKeyStore,
  generateDataKey: (context: EncryptionContext) => Promise<DataKey>,
): Promise<void> {
  if ((await store.current(name)).length > 0) return;
  const audit: AuditRecord = {
    recorded: new Date().toISOString(),
    event: 'securityConfiguration',
    action: 'job:prepare',
    agent: { kind: 'function', id: 'prepare' },
    outcome: { result: 'allowed', code: 'key-made' },
    purpose: 'HSYSADMIN',
  };
  await store.add(name, { version: 1, wrapped: await wrapPseudonymKey(generateDataKey) }, audit);
}
