import { readFile } from 'node:fs/promises';
import { LakeError } from '../ports/errors';
import type { Requests } from '../ports/requests';
import { askRetries, resultOf } from '../shared/request-answer';
import { Retry } from '../shared/retry';

/**
 * Asks a function over HTTP: `POST` with the request as JSON and `Authorization: Bearer` (RFC 6750) with the token of this
 * process for that audience. The answer is `{ result }`, or `{ code, message }` of what was refused.
 */
export class HttpRequests implements Requests {
  readonly #address: string;
  readonly #tokenFile: string;
  readonly #retry = new Retry(askRetries);

  constructor({ address, tokenFile }: { readonly address: string; readonly tokenFile: string }) {
    this.#address = address;
    this.#tokenFile = tokenFile;
  }

  async ask(request: unknown): Promise<unknown> {
    const body = JSON.stringify(request);
    return this.#retry.run((signal) => this.#post(body, signal));
  }

  async #post(body: string, signal: AbortSignal): Promise<unknown> {
    // Read for each call: whoever mounts it renews it.
    const token = await tokenIn(this.#tokenFile);
    let answer: unknown;
    try {
      const response = await fetch(this.#address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
        signal,
        redirect: 'error',
      });
      answer = await response.json();
    } catch (cause) {
      throw new LakeError('Unavailable', 'The function that was asked did not answer. Repeat later.', { cause });
    }
    return resultOf(answer);
  }
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new LakeError('PermissionDenied', 'The file with the token for the function that is asked cannot be read.', {
      cause,
    });
  }
}
