/**
 * KeyManagement: named keys that never leave their service, and data keys under them.
 *
 * Guarantees (tests/contract/key-management.contract.ts):
 * - a data key opens only under the key name and the encryption context it was made with; anything else is
 *   `PermissionDenied` or `InvalidArgument`, never a wrong key. RSA-OAEP binds no context: there the header of the message
 *   does, and whoever opens a message compares it (adapters/shared/envelope-encryption.ts);
 * - rotation never orphans: what an older version wrapped, signed or MACed under an explicit version still opens;
 * - `mac` of the same bytes under the same key version is equal across restarts;
 * - wrapping by public key needs no secret and no network call.
 *
 * Wrapped keys are encrypted data keys (EDKs) of the AWS Encryption SDK message format, so that an encrypted object is
 * readable by the official SDKs (https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html).
 */
export type KeyManagementCapability = 'publicKeyWrap' | 'sign' | 'mac' | 'rotate';

/** What a key is for: each key has exactly one use, as KMS and Key Vault demand. */
export type KeyUse = 'dataKeys' | 'publicKeyWrap' | 'sign' | 'mac';

/** Bound into every data key as authenticated data; names and values are plain and not secret. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** An encrypted data key as it stands in the header of a message: provider id, provider info, ciphertext. */
export interface EncryptedDataKey {
  readonly providerId: string;
  readonly providerInfo: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export interface DataKey {
  /** 32 bytes; overwrite when done. */
  readonly plaintext: Uint8Array;
  readonly encrypted: EncryptedDataKey;
}

export interface PublicKey {
  /** SubjectPublicKeyInfo, PEM. */
  readonly pem: string;
  readonly keyName: string;
  readonly version: number;
}

export interface Signature {
  readonly keyName: string;
  readonly version: number;
  /** JWA name, here always ES384. */
  readonly algorithm: 'ES384';
  /** IEEE P1363 form (r | s). */
  readonly bytes: Uint8Array;
}

export interface KeyManagement {
  readonly capabilities: ReadonlySet<KeyManagementCapability>;
  /** A fresh 256 bit data key, wrapped under the newest version of the key. */
  generateDataKey(keyName: string, context: EncryptionContext): Promise<DataKey>;
  /** A fresh data key wrapped with the public half (RSA-OAEP-SHA256): the caller can never open it again. */
  wrapWithPublicKey(keyName: string, context: EncryptionContext): Promise<DataKey>;
  /** Opens a wrapped data key. */
  unwrap(keyName: string, encrypted: EncryptedDataKey, context: EncryptionContext): Promise<Uint8Array>;
  sign(keyName: string, bytes: Uint8Array): Promise<Signature>;
  /** The public half, for verification anywhere; of an older version when asked. */
  publicKey(keyName: string, version?: number): Promise<PublicKey>;
  /** HMAC-SHA-256 under a key that stays inside. */
  mac(keyName: string, bytes: Uint8Array): Promise<Uint8Array>;
  /** Makes a new version the newest; older ones stay for what they wrapped. Gives the new version. */
  rotate(keyName: string): Promise<number>;
}
