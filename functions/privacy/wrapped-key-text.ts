import { LakeError } from '../../adapters/ports/errors';
import type { EncryptedDataKey } from '../../adapters/ports/key-management';

/** An encrypted data key as text that may lie in a database: JSON with base64. */
export function wrappedKeyText({ providerId, providerInfo, ciphertext }: EncryptedDataKey): string {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return JSON.stringify({ providerId, providerInfo: base64(providerInfo), ciphertext: base64(ciphertext) });
}

/** @throws LakeError `InvalidArgument` for text of another form. */
export function parseWrappedKey(text: string): EncryptedDataKey {
  const { providerId, providerInfo, ciphertext } = JSON.parse(text) as Partial<Record<string, string>>;
  if (providerId === undefined || providerInfo === undefined || ciphertext === undefined)
    throw new LakeError('InvalidArgument', 'The wrapped key is not one the lake wrote. Restore it from its backup.');
  return {
    providerId,
    providerInfo: Buffer.from(providerInfo, 'base64'),
    ciphertext: Buffer.from(ciphertext, 'base64'),
  };
}
