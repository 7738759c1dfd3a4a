import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { BoundKey } from '../manifest';

/** The key service signed with a newer key than the token names: the issuer must take up the new one. */
export class SigningKeyRotated extends Error {
  constructor() {
    super('The signing key was rotated while a token was made.');
    this.name = 'SigningKeyRotated';
  }
}

/** RFC 7638: SHA-256 of the members of the key in this order. */
function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** Tokens are signed by the key service: the private key is never in this process. */
export class IssuerSigningKey extends ExternalSigningKey {
  readonly #publicKey: KeyObject;
  readonly #version: number;
  readonly #sign: BoundKey['sign'];

  constructor(pem: string, version: number, sign: BoundKey['sign']) {
    super();
    this.#publicKey = createPublicKey(pem);
    this.#version = version;
    this.#sign = sign;
    // The class has a setter that its type does not name; the kid must be known before the key is registered.
    Object.assign(this, { kid: thumbprint(this.#publicKey) });
  }

  override keyObject(): KeyObject {
    return this.#publicKey;
  }

  override async sign(data: Uint8Array): Promise<Uint8Array> {
    const signature = await this.#sign(data);
    if (signature.version !== this.#version) throw new SigningKeyRotated();
    return Buffer.from(signature.bytes);
  }
}
