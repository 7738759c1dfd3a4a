import { LakeError, type LakeErrorOptions } from '../ports/errors';
import type { Events, LakeEvent } from '../ports/events';
import { Retry } from '../shared/retry';

const retries = { attempts: 5, firstPause: 200, attemptTimeout: 60_000, deadline: 120_000 };

/** Attribute values in headers: percent-encoded beyond printable ASCII (CloudEvents HTTP binding 1.0.2, section 3.1.3.2). */
const headerValue = (value: unknown): string =>
  String(value).replaceAll(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));

/** CloudEvents over HTTP in binary mode: to a Knative broker, or to the one function that takes these events. */
export class HttpEvents implements Events {
  readonly #sink: string;
  readonly #retry = new Retry(retries);

  /** @param sink absolute address that takes POST requests. */
  constructor(sink: string) {
    this.#sink = sink;
  }

  /**
   * Returns once the sink has taken the event. What is not taken stays with the caller, whose outbox offers it again.
   *
   * @throws LakeError `Unavailable` when it is not taken after five attempts; `InvalidArgument` when the sink refuses it.
   */
  async publish({ data, datacontenttype, ...attributes }: LakeEvent): Promise<void> {
    const headers: Record<string, string> = { 'content-type': datacontenttype };
    for (const [name, value] of Object.entries(attributes))
      if (value !== undefined) headers[`ce-${name}`] = headerValue(value);
    const body = JSON.stringify(data);
    await this.#retry.run((signal) => this.#post(headers, body, signal));
  }

  async #post(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<void> {
    let response: Response;
    try {
      response = await fetch(this.#sink, { method: 'POST', headers, body, signal, redirect: 'error' });
      await response.body?.cancel();
    } catch (cause) {
      throw notTaken({ cause });
    }
    const { ok, status } = response;
    if (ok) return;
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      throw new LakeError(
        'InvalidArgument',
        `The sink refuses the event with status ${status}. It stays in the outbox.`,
      );
    const retryAfter = Number(response.headers.get('retry-after'));
    throw notTaken(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {});
  }
}

const notTaken = (options: LakeErrorOptions): LakeError =>
  new LakeError('Unavailable', 'The sink of events did not take it. Repeat later.', options);
