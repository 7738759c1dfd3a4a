import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { GoldenSender } from '../contract/golden-sender';

/** As senders do: what a function that is being woken or put to sleep could not take is sent again, as the same request. */
export const repeatedPut =
  (sender: GoldenSender) =>
  async (path: string, resource: object): Promise<Response> => {
    const headers = { 'x-request-id': randomUUID() };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await sender.request('PUT', path, resource, headers);
      if (answer.ok) return answer;
      assert.ok(answer.status === 503 && attempt < 60, `${answer.status} ${await answer.text()}`);
      await pause(1000);
    }
  };
