import { readFile } from 'node:fs/promises';
import { isErrorCode, LakeError } from '../ports/errors';
import type { Requests } from '../ports/requests';
import { Retry } from '../shared/retry';

/** A function that sleeps wakes within some seconds; an answer about ten thousand people takes a few. */
const retries = { attempts: 5, firstPause: 500, attemptTimeout: 120_000, deadline: 180_000 };

type Answer = { readonly result: unknown } | { readonly code: string; readonly message: string };

/**
 * Asks a function over HTTP: `POST` with the request as JSON and `Authorization: Bearer` (RFC 6750) with the token of this
 * process for that audience. The answer is `{ result }`, or `{ code, message }` of what was refused.
 */
export class HttpRequests implements Requests {
  readonly #address: string;
  readonly #tokenFile: string;
  readonly #retry = new Retry(retries);

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
    let status: number;
    let answer: Answer;
    try {
      const response = await fetch(this.#address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
        signal,
        redirect: 'error',
      });
      ({ status } = response);
      answer = (await response.json()) as Answer;
    } catch (cause) {
      throw new LakeError('Unavailable', 'The function that was asked did not answer. Repeat later.', { cause });
    }
    if (status === 200 && 'result' in answer) return answer.result;
    if ('code' in answer && isErrorCode(answer.code)) throw new LakeError(answer.code, answer.message);
    throw new LakeError('Unavailable', `The function that was asked answers with status ${status}. Repeat later.`);
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
