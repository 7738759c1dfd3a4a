import { createPublicKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { BoundKey } from '../manifest';
import { keyThumbprint } from './key-thumbprint';

/** The key service signed with a newer key than the token names: the issuer must take up the new one. */
export class SigningKeyRotated extends Error {
  constructor() {
    super('The signing key was rotated while a token was made.');
    this.name = 'SigningKeyRotated';
  }
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
    Object.assign(this, { kid: keyThumbprint(this.#publicKey) });
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
