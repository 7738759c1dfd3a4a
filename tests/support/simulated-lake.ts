import assert from 'node:assert/strict';
import { simulate } from '../../functions/simulation/simulate';
import type { RunningLake, Sender } from './running-lake';

/** Sends what happens to a few simulated people, each provider with its own credentials; every transaction and message is taken. */
export async function sendSimulated(lake: RunningLake, people: number, seed: number): Promise<void> {
  const senders = new Map<string, Sender>();
  for (const { provider, kind, body } of simulate({ people, seed })) {
    if (kind !== 'transaction' && kind !== 'message') continue;
    const sender = senders.get(provider) ?? (await lake.provider(provider));
    senders.set(provider, sender);
    assert.equal((await sender.request('POST', kind === 'message' ? '/$process-message' : '', body)).status, 200);
  }
}
