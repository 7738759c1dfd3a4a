import { readFile } from 'node:fs/promises';
import { isLakeError, LakeError } from '../ports/errors';
import { Retry } from '../shared/retry';

export interface OpenBaoAddress {
  /** For example `https://openbao.keys.svc:8200`. */
  readonly address: string;
  /** A file with a token; or a role of the Kubernetes auth method with the file of the pod's own token. */
  readonly login: { readonly tokenFile: string } | { readonly role: string; readonly jwtFile: string };
  /** Milliseconds for one answer. @default 10000 */
  readonly answerTimeout?: number;
}

type Body = Readonly<Record<string, unknown>>;

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

  read(path: string): Promise<Body> {
    return this.#retry.run(() => this.#authorised('GET', path));
  }

  /** Repeated when it did not get through: only for calls whose repetition is harmless. */
  write(path: string, body: Body): Promise<Body> {
    return this.#retry.run(() => this.#authorised('POST', path, body));
  }

  /** Sent once. */
  writeOnce(path: string, body: Body): Promise<Body> {
    return this.#authorised('POST', path, body);
  }

  async #authorised(method: string, path: string, body?: Body): Promise<Body> {
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

  async #send(method: string, path: string, body?: Body, token?: string): Promise<Body> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#address.address}/v1/${path}`, {
        method,
        headers: { ...(token === undefined ? {} : { 'x-vault-token': token }), 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(this.#answerTimeout),
        redirect: 'error',
      });
      text = await response.text();
    } catch (cause) {
      throw new LakeError('Unavailable', 'The key service did not answer. Repeat later.', { cause });
    }
    if (!response.ok) throw refusalOf(response, text);
    try {
      return text === '' ? {} : (JSON.parse(text) as Body);
    } catch (cause) {
      throw new LakeError('Unavailable', 'The key service ended its answer too early. Repeat later.', { cause });
    }
  }
}

function refusalOf({ status, headers }: Response, text: string): LakeError {
  const retryAfter = Number(headers.get('retry-after'));
  if (status === 429 || status >= 500)
    return new LakeError('Unavailable', 'The key service is busy, sealed or being restarted. Repeat later.', {
      ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
    });
  if (status === 401 || status === 403)
    return new LakeError(
      'PermissionDenied',
      'The key service refuses this function the key or the operation. Check its policy.',
    );
  // The server refuses a disabled key like a malformed call.
  if (status === 400 && text.includes('soft-deleted key'))
    return new LakeError('PermissionDenied', 'The key is disabled. Whoever keeps the keys can enable it again.');
  if (status === 404) return new LakeError('NotFound', 'The key service has no such key.');
  return new LakeError('InvalidArgument', 'The key service does not take the call as it is.');
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
