import assert from 'node:assert/strict';
import { isLakeError } from '../../adapters/ports/errors';
import type { Events, LakeEvent } from '../../adapters/ports/events';
import { eventOf } from '../support/an-event';
import { type Fault, FaultProxy } from '../support/fault-proxy';
import { repeatableRandom } from '../support/repeatable-random';

export interface PublishingHarness {
  /** Where events go to. */
  readonly server: URL;
  /** The adapter with this origin in place of the server's. */
  readonly openAt: (origin: string) => Events;
  /** What has reached a subscriber so far, repeats included. */
  readonly received: () => Promise<readonly LakeEvent[]>;
  /** How this service says that it will not take an event. */
  readonly refusal: Extract<Fault, { kind: 'answer' }>;
  /** How it says that the credentials are no longer good; undefined where it takes none. */
  readonly expired?: Extract<Fault, { kind: 'answer' }>;
  /** How many at once it answers in time; ten unless told. */
  readonly atOnce?: number;
  readonly stop: () => Promise<void>;
}

const landed = (id: string, data: unknown = { key: 'A/b', requestIds: [id] }): LakeEvent => eventOf(id, data);

/** As the outbox is emptied: a few at a time, so that a slow service is asked no more than it can answer in time. */
async function fewAtOnce(
  ids: readonly string[],
  publish: (id: string) => Promise<void>,
  few: number | undefined = 10,
): Promise<void> {
  for (let at = 0; at < ids.length; at += few) await Promise.all(ids.slice(at, at + few).map(publish));
}

/** The publishing half of the Events port; the other half is `events.contract.ts`. */
export function eventsPublishingContract(name: string, start: () => Promise<PublishingHarness>): void {
  describe(`Events: ${name}`, () => {
    let harness: PublishingHarness;
    let proxy: FaultProxy;
    let events: Events;
    before(async () => {
      harness = await start();
      proxy = new FaultProxy(harness.server);
      events = harness.openAt(await proxy.listen());
    });
    afterEach(() => {
      proxy.plan = () => ({ kind: 'pass' });
    });
    after(async () => {
      await proxy.close();
      await harness.stop();
    });
    const arrived = async (id: string) => (await harness.received()).filter((event) => event.id === id);

    describe('attributes and content', () => {
      for (const [what, event] of [
        [
          'text beyond ASCII',
          { ...landed('unicode', { text: 'Ynys Môn – 名前 👩🏽‍⚕️' }), subject: 'Ynys Môn "100 %" 名前' },
        ],
        ['no subject', (({ subject: _, ...rest }) => rest)(landed('no-subject'))],
        ['numbers, lists and nothing', landed('shapes', { list: [1, 1.5, true, null, []], empty: {} })],
        ['64 KiB of data', landed('large', { text: 'x'.repeat(64 * 1024) })],
      ] as const) {
        it(`come as they were sent: ${what}`, async () => {
          await events.publish(event);
          assert.deepEqual(await arrived(event.id), [event]);
        });
      }
    });

    describe('at least once', () => {
      it('what publish has taken is there, of 100, a few at once', async () => {
        const ids = Array.from({ length: 100 }, (_, index) => `many-${index}`);
        await fewAtOnce(ids, (id) => events.publish(landed(id)), harness.atOnce);
        for (const id of ids) assert.ok((await arrived(id)).length >= 1);
      });

      it('a repeat has the same id and source, so that a subscriber can tell', async () => {
        proxy.plan = (index) => (index === 0 ? { kind: 'answerLost' } : { kind: 'pass' });
        await events.publish(landed('repeat'));
        assert.deepEqual(await arrived('repeat'), [landed('repeat'), landed('repeat')]);
      });
    });

    describe('refusal', () => {
      it('what the service refuses is InvalidArgument at once, and nobody gets it', async () => {
        proxy.plan = () => harness.refusal;
        await assert.rejects(events.publish(landed('refused')), (error) => isLakeError(error, 'InvalidArgument'));
        assert.equal(proxy.requests, 1);
        assert.deepEqual(await arrived('refused'), []);
      });
    });

    describe('behind a bad network', function () {
      this.timeout(60_000);
      const busy = (status: number): Fault => ({ kind: 'answer', status, headers: { 'retry-after': '1' } });
      for (const [what, fault] of [
        ['a reset', { kind: 'reset' }],
        ['a reset in the middle of the body', { kind: 'resetMidRequest' }],
        ['a lost answer', { kind: 'answerLost' }],
        ['a 503 with Retry-After', busy(503)],
        ['a 429 with Retry-After', busy(429)],
        ['a truncated answer', { kind: 'truncated' }],
        ['a slow answer', { kind: 'pass', delay: 300 }],
      ] as const satisfies readonly (readonly [string, Fault])[]) {
        it(`an event arrives whole in spite of ${what}`, async () => {
          proxy.plan = (index) => (index === 0 ? fault : { kind: 'pass' });
          await events.publish(landed(what));
          const all = await arrived(what);
          assert.ok(all.length >= 1);
          for (const event of all) assert.deepEqual(event, landed(what));
        });
      }

      it('a service that is away is Unavailable within a bounded time', async () => {
        proxy.plan = () => ({ kind: 'reset' });
        const begin = performance.now();
        await assert.rejects(events.publish(landed('away')), (error) => isLakeError(error, 'Unavailable'));
        assert.ok(performance.now() - begin < 20_000);
        assert.deepEqual(await arrived('away'), []);
      });

      it('expired credentials are PermissionDenied and not tried again', async function () {
        const { expired } = harness;
        if (expired === undefined) {
          this.runnable().title = 'not run: takes no credentials';
          return this.skip();
        }
        proxy.plan = () => expired;
        await assert.rejects(events.publish(landed('expired')), (error) => isLakeError(error, 'PermissionDenied'));
        assert.equal(proxy.requests, 1);
      });

      it('a storm: what was taken has arrived, and nothing arrives changed', async () => {
        const random = repeatableRandom(20_261_123);
        const storm = ['reset', 'answerLost', 'resetMidRequest'] as const;
        proxy.plan = () => {
          const roll = random();
          return roll < 0.3 ? { kind: storm[Math.floor(roll * 10)]! } : { kind: 'pass' };
        };
        const ids = Array.from({ length: 100 }, (_, index) => `storm-${index}`);
        const outcomes: PromiseSettledResult<void>[] = [];
        const one = async (id: string) => {
          const [outcome] = await Promise.allSettled([events.publish(landed(id))]);
          outcomes[ids.indexOf(id)] = outcome;
        };
        await fewAtOnce(ids, one, harness.atOnce);
        for (const [index, outcome] of outcomes.entries()) {
          const id = ids[index]!;
          const all = await arrived(id);
          if (outcome.status === 'fulfilled') assert.ok(all.length >= 1, 'an event that was taken is lost');
          else assert.ok(isLakeError(outcome.reason, 'Unavailable'), String(outcome.reason));
          for (const event of all) assert.deepEqual(event, landed(id));
        }
        assert.ok(outcomes.filter(({ status }) => status === 'fulfilled').length > 40);
      });
    });
  });
}
