import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { GoldenHost } from '../contract/golden-host';
import { GoldenSender } from '../contract/golden-sender';

/** How often each function is killed, at moments nobody chose. */
const kills = Number(process.env.LAKE_KILLS_EACH ?? 2);
const killed = ['ingest', 'dispatch', 'curate', 'identity', 'audit-sealer', 'identity-audit-sealer'];
/** A sealer that died between a segment and its checkpoint is followed when its lease has ended. */
const leaseMilliseconds = 60_000;
/** What the lake may take until it acknowledges again: a function is started anew, on a machine that does much else. */
const workMilliseconds = 120_000;
/** An event whose taker was killed is offered again after pauses that double: many kills, long pauses. */
const settleMilliseconds = 300_000;

export const killSenders: readonly string[] = ['A81001', 'A81002', 'A81003', 'A81004'];

interface KillableLake extends GoldenHost {
  kill(name: string): Promise<void>;
}

interface KillOptions {
  /** What a sender is answered, or `undefined` for no answer, when a function died under its request: it sends it again. */
  readonly unanswered: readonly (number | undefined)[];
  /** What goes on until the killing is over. */
  readonly beside?: readonly ((isOver: () => boolean) => Promise<void>)[];
}

const observation = (id: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  valueQuantity: { value: 120 },
});

/** Kills the functions of a lake while it is sent to, then asserts that it lost nothing acknowledged and stored nothing twice. */
export async function losesNothingByKills(lake: KillableLake, { unanswered, beside = [] }: KillOptions): Promise<void> {
  let over = false;
  const acknowledged: string[] = [];
  const surprises: (number | undefined)[] = [];
  const send = async (ods: string): Promise<void> => {
    const sender = new GoldenSender(lake, await lake.register(ods, ['system/Observation.cu']));
    while (!over) {
      const id = randomUUID();
      const headers = { 'x-request-id': randomUUID() };
      const put = (): Promise<number | undefined> =>
        sender
          .request('PUT', `/Observation/${id}`, observation(id), headers)
          .then(async (response) => {
            await response.arrayBuffer();
            return response.status;
          })
          .catch(() => undefined);
      let answer = await put();
      // As a sender should: the same request under the same id until it has an answer.
      while (unanswered.includes(answer)) {
        await setTimeout(50);
        answer = await put();
      }
      if (answer === 201) acknowledged.push(id);
      else surprises.push(answer);
    }
  };
  /** However slow the machine is: no kill before the lake works again. */
  const moreAcknowledgedThan = async (count: number): Promise<void> => {
    const limit = Date.now() + workMilliseconds;
    while (acknowledged.length <= count) {
      assert.ok(Date.now() < limit, `nothing is acknowledged any more after ${count} kills`);
      await setTimeout(50);
    }
  };
  const kill = async (): Promise<void> => {
    let done = 0;
    try {
      for (const name of Array.from({ length: kills }, () => killed).flat()) {
        await moreAcknowledgedThan(done);
        await setTimeout(100 + Math.random() * 400);
        await lake.kill(name);
        done += 1;
      }
      await moreAcknowledgedThan(done);
    } finally {
      over = true;
    }
  };
  await Promise.all([...killSenders.map(send), ...beside.map((one) => one(() => over)), kill()]);
  await settled(lake);
  const [counts] = await lake.rows(
    'SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids, max(version)::INTEGER AS newest FROM curated.observation',
  );
  console.log(`      ${kills * killed.length} kills, ${acknowledged.length} acknowledged`);
  assert.deepEqual(surprises, []);
  assert.deepEqual({ ...counts }, { rows: acknowledged.length, ids: acknowledged.length, newest: 1 });
  const limit = Date.now() + leaseMilliseconds + 30_000;
  while (!(await lake.auditVerifies())) assert.ok(Date.now() < limit, 'the audit does not verify');
}

async function settled(lake: GoldenHost): Promise<void> {
  const until = Date.now() + settleMilliseconds;
  for (;;) {
    try {
      return await lake.settle();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
