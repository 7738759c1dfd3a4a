import { setTimeout } from 'node:timers/promises';
import { LakeError } from '../ports/errors';
import type { Events, LakeEvent } from '../ports/events';

const attempts = 5;
const answerTimeout = 60_000;

/** Attribute values in headers: percent-encoded beyond printable ASCII (CloudEvents HTTP binding 1.0.2, section 3.1.3.2). */
const headerValue = (value: unknown): string =>
  String(value).replaceAll(/[^\x21\x23\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));

/** CloudEvents over HTTP in binary mode: to a Knative broker, or to the one function that takes these events. */
export class HttpEvents implements Events {
  readonly #sink: string;

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
    for (let attempt = 1; ; attempt += 1) {
      const status = await this.#post(headers, body);
      if (status >= 200 && status < 300) return;
      if (status >= 400 && status < 500 && status !== 408 && status !== 429)
        throw new LakeError(
          'InvalidArgument',
          `The sink refuses the event with status ${status}. It stays in the outbox.`,
        );
      if (attempt >= attempts) throw new LakeError('Unavailable', 'The sink of events did not take it. Repeat later.');
      await setTimeout(Math.random() * 100 * 2 ** attempt);
    }
  }

  /** The status, 0 when nobody answered. */
  async #post(headers: Readonly<Record<string, string>>, body: string): Promise<number> {
    try {
      const signal = AbortSignal.timeout(answerTimeout);
      const response = await fetch(this.#sink, { method: 'POST', headers, body, signal, redirect: 'error' });
      await response.body?.cancel();
      return response.status;
    } catch {
      return 0;
    }
  }
}
