import { readFile } from 'node:fs/promises';
import { isLakeError, LakeError } from '../ports/errors';
import { Retry } from '../shared/retry';
import { callOpenBao, type OpenBaoBody } from './openbao-call';

export interface OpenBaoAddress {
  /** For example `https://openbao.keys.svc:8200`. */
  readonly address: string;
  /** A file with a token; or a role of the Kubernetes auth method with the file of the pod's own token. */
  readonly login: { readonly tokenFile: string } | { readonly role: string; readonly jwtFile: string };
  /** Milliseconds for one answer. @default 10000 */
  readonly answerTimeout?: number;
}

/** A token is asked for anew when this share of its life has passed. */
const renewAfter = 2 / 3;

/**
 * Speaks to one OpenBao server over its HTTP API (https://openbao.org/api-docs/): logs in, repeats what did not get through,
 * and says in the closed codes what was refused.
 */
export class OpenBaoClient {
  readonly #address: OpenBaoAddress;
  readonly #answerTimeout: number;
  readonly #retry: Retry;
  #token: Promise<{ readonly token: string; readonly until: number }> | undefined;

  constructor(address: OpenBaoAddress) {
    this.#address = address;
    this.#answerTimeout = address.answerTimeout ?? 10_000;
    // A call may be two or three requests: the token, the call, the call with a fresh token.
    const attemptTimeout = 3 * this.#answerTimeout;
    this.#retry = new Retry({ attempts: 4, firstPause: 200, attemptTimeout, deadline: Math.max(attemptTimeout, 5000) });
  }

  read(path: string): Promise<OpenBaoBody> {
    return this.#retry.run(() => this.#authorised('GET', path));
  }

  /** Repeated when it did not get through: only for calls whose repetition is harmless. */
  write(path: string, body: OpenBaoBody): Promise<OpenBaoBody> {
    return this.#retry.run(() => this.#authorised('POST', path, body));
  }

  /** Sent once. */
  writeOnce(path: string, body: OpenBaoBody): Promise<OpenBaoBody> {
    return this.#authorised('POST', path, body);
  }

  async #authorised(method: string, path: string, body?: OpenBaoBody): Promise<OpenBaoBody> {
    const token = await this.#currentToken();
    try {
      return await this.#send(method, path, body, token);
    } catch (error) {
      // A revoked token is refused like a missing right: a fresh one tells the two apart.
      if (!isLakeError(error, 'PermissionDenied')) throw error;
      this.#token = undefined;
      const fresh = await this.#currentToken();
      if (fresh === token) throw error;
      return await this.#send(method, path, body, fresh);
    }
  }

  async #currentToken(): Promise<string> {
    const known = await this.#token?.catch(() => undefined);
    if (known !== undefined && known.until > Date.now()) return known.token;
    this.#token = this.#logIn();
    return (await this.#token).token;
  }

  async #logIn(): Promise<{ readonly token: string; readonly until: number }> {
    const { login } = this.#address;
    if ('tokenFile' in login) {
      // Read again every minute: an agent beside the function may renew the file.
      return { token: (await readSecret(login.tokenFile)).trim(), until: Date.now() + 60_000 };
    }
    const answer = await this.#send('POST', 'auth/kubernetes/login', {
      role: login.role,
      jwt: (await readSecret(login.jwtFile)).trim(),
    });
    const { client_token: token, lease_duration: seconds } = (answer.auth ?? {}) as Record<string, unknown>;
    if (typeof token !== 'string') throw new LakeError('PermissionDenied', 'OpenBao gave no token for this role.');
    return { token, until: Date.now() + Number(seconds ?? 60) * 1000 * renewAfter };
  }

  #send(method: string, path: string, body?: OpenBaoBody, token?: string): Promise<OpenBaoBody> {
    const { address } = this.#address;
    return callOpenBao({ address, answerTimeout: this.#answerTimeout }, method, path, body, token);
  }
}

async function readSecret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new LakeError('PermissionDenied', 'The file of the credentials for the key service cannot be read.', {
      cause,
    });
  }
}
