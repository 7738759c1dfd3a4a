import { isLakeError } from '../ports/errors';
import type { Callers } from '../ports/requests';
import { Retry } from '../shared/retry';
import { callOpenBao } from './openbao-call';

const answerTimeout = 10_000;

/**
 * Learns from OpenBao whose token a caller shows, by logging in with it: the Kubernetes auth method asks the API server of the
 * cluster (TokenReview: signature, audience, that its pod still lives), the method `jwt` checks its issuer's signature. The role
 * says which accounts may ask here and for which audience a token must be; the login it gives has no policy and is not used.
 */
export class OpenBaoCallers implements Callers {
  readonly #address: string;
  readonly #method: string;
  readonly #role: string;
  readonly #retry = new Retry({ attempts: 4, firstPause: 200, attemptTimeout: answerTimeout, deadline: 30_000 });

  constructor({ address, method, role }: { readonly address: string; readonly method: string; readonly role: string }) {
    this.#address = address;
    this.#method = method;
    this.#role = role;
  }

  async callerOf(proof: string): Promise<string | undefined> {
    const login = { role: this.#role, jwt: proof };
    try {
      const { auth } = await this.#retry.run(() =>
        callOpenBao({ address: this.#address, answerTimeout }, 'POST', `auth/${this.#method}/login`, login),
      );
      const { metadata } = (auth ?? {}) as { readonly metadata?: Readonly<Record<string, unknown>> };
      const name = metadata?.service_account_name;
      return typeof name === 'string' && name !== '' ? name : undefined;
    } catch (error) {
      // What is no token at all is refused as a malformed call.
      if (isLakeError(error, 'PermissionDenied') || isLakeError(error, 'InvalidArgument')) return undefined;
      throw error;
    }
  }
}
