import { createSecretKey } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { DataKey, EncryptedDataKey, EncryptionContext } from '../../adapters/ports/key-management';
import type { PseudonymKey } from '../privacy/tokens';

/** What the pseudonym key wraps, bound in as its context. */
const pseudonymContext: EncryptionContext = { zone: 'pseudonym', purpose: 'tokens' };

/** The pseudonym key as it may lie in a file: wrapped, JSON with base64. The wrapping key is with KeyManagement. */
export async function wrapPseudonymKey(
  generateDataKey: (context: EncryptionContext) => Promise<DataKey>,
): Promise<string> {
  const { plaintext, encrypted } = await generateDataKey(pseudonymContext);
  plaintext.fill(0);
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return JSON.stringify({
    providerId: encrypted.providerId,
    providerInfo: base64(encrypted.providerInfo),
    ciphertext: base64(encrypted.ciphertext),
  });
}

/** Opens it into memory; the bytes are overwritten once the key object holds them. */
export async function unwrapPseudonymKey(
  text: string,
  unwrap: (encrypted: EncryptedDataKey, context: EncryptionContext) => Promise<Uint8Array>,
): Promise<PseudonymKey> {
  const { providerId, providerInfo, ciphertext } = JSON.parse(text) as Partial<Record<string, string>>;
  if (providerId === undefined || providerInfo === undefined || ciphertext === undefined)
    throw new LakeError('InvalidArgument', 'The file of the wrapped pseudonym key is not one the lake wrote.');
  const plaintext = await unwrap(
    {
      providerId,
      providerInfo: Buffer.from(providerInfo, 'base64'),
      ciphertext: Buffer.from(ciphertext, 'base64'),
    },
    pseudonymContext,
  );
  const key = createSecretKey(plaintext);
  plaintext.fill(0);
  return { version: 1, key };
}
