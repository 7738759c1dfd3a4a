import { hkdfSync } from 'node:crypto';
import { type Output, secret } from '@pulumi/pulumi';

/**
 * Passwords and keys of the servers the stack itself starts, derived from the one secret of its configuration (HKDF, RFC 5869,
 * SHA-256, the purpose as `info`): nothing random, so a second `up` changes nothing, and one value to rotate.
 */
export class DerivedSecrets {
  readonly #root: Output<string>;

  constructor(root: Output<string>) {
    this.#root = secret(root);
  }

  /** 256 bits as base64url text. */
  text(purpose: string): Output<string> {
    return this.#bytes(purpose).apply((bytes) => bytes.toString('base64url'));
  }

  /** 256 bits as 64 hex digits. */
  hex(purpose: string): Output<string> {
    return this.#bytes(purpose).apply((bytes) => bytes.toString('hex'));
  }

  #bytes(purpose: string): Output<Buffer> {
    return this.#root.apply((root) => {
      if (root.length < shortestRoot)
        throw new RangeError(
          `deploymentSecret: ${shortestRoot} characters or more are allowed. Make one with \`openssl rand -base64 32\`.`,
        );
      return Buffer.from(hkdfSync('sha256', root, 'nhs-data-lake', purpose, 32));
    });
  }
}

const shortestRoot = 32;
