import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Events, LakeEvent } from '../../adapters/ports/events';
import { eventOf } from '../support/an-event';

/** What a harness gives: a topic with one subscriber, and where its dead letters go. */
export interface EventsHarness {
  readonly events: Events;
  /** Failed deliveries after which an event is a dead letter. */
  readonly deliveries: number;
  /** One round: hands what waits to the subscriber, gives how many deliveries there were. */
  readonly deliver: (handle: (event: LakeEvent) => Promise<void>) => Promise<number>;
  readonly deadLetters: () => Promise<readonly LakeEvent[]>;
  /** Offers the dead letters again, as an operator of the service does. */
  readonly redrive: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const fresh = (data: unknown): LakeEvent => eventOf(randomUUID(), data);

/** The promises of the Events port, for every adapter with its way of consuming. */
export function eventsContract(name: string, start: () => Promise<EventsHarness>): void {
  describe(`Events: ${name}`, () => {
    let harness: EventsHarness;
    before(async () => {
      harness = await start();
    });
    after(() => harness.stop());

    /** Delivers until nothing comes any more. */
    const drain = async (handle: (event: LakeEvent) => Promise<void>): Promise<void> => {
      for (let quiet = 0; quiet < 2; ) quiet = (await harness.deliver(handle)) === 0 ? quiet + 1 : 0;
    };

    describe('attributes and content', () => {
      it('an event arrives as it was published', async () => {
        const event = {
          ...fresh({ text: 'Ynys Môn "100 %" \n', big: 9007199254740991, empty: null }),
          subject: 'é "x"',
        };
        await harness.events.publish(event);
        const seen: LakeEvent[] = [];
        await drain(async (one) => void seen.push(one));
        assert.deepEqual(seen, [event]);
      });
    });

    describe('redelivery', () => {
      it('an event whose delivery failed comes again under its id', async () => {
        const event = fresh({ n: 1 });
        await harness.events.publish(event);
        const seen: string[] = [];
        await drain(async ({ id }) => {
          seen.push(id);
          if (seen.length === 1) throw new Error('the store is away');
        });
        assert.deepEqual(seen, [event.id, event.id]);
      });
    });

    describe('dead letters', () => {
      it('an event that always fails ends with the dead letters, whole, and holds up no other', async () => {
        const bad = fresh({ bad: true });
        const good = Array.from({ length: 5 }, (_, n) => fresh({ n }));
        for (const event of [...good.slice(0, 2), bad, ...good.slice(2)]) await harness.events.publish(event);
        const taken = new Set<string>();
        let failures = 0;
        await drain(async ({ id }) => {
          if (id !== bad.id) return void taken.add(id);
          failures += 1;
          throw new Error('cannot be handled');
        });
        assert.equal(failures, harness.deliveries);
        assert.deepEqual(taken, new Set(good.map(({ id }) => id)));
        assert.deepEqual(await harness.deadLetters(), [bad]);
      });
    });

    describe('redrive', () => {
      it('offers a dead letter again under its id, with all its deliveries', async () => {
        const [bad] = await harness.deadLetters();
        assert.ok(bad !== undefined, 'the test before left one');
        await harness.redrive();
        const seen: LakeEvent[] = [];
        await drain(async (event) => {
          seen.push(event);
          if (seen.length < harness.deliveries) throw new Error('not yet');
        });
        assert.deepEqual(
          seen,
          Array.from({ length: harness.deliveries }, () => bad),
        );
        assert.deepEqual(await harness.deadLetters(), []);
      });
    });

    describe('at least once', () => {
      it('of many published at once none is lost', async () => {
        const events = Array.from({ length: 50 }, (_, n) => fresh({ n }));
        await Promise.all(events.map((event) => harness.events.publish(event)));
        const taken = new Set<string>();
        await drain(async ({ id }) => void taken.add(id));
        assert.deepEqual(taken, new Set(events.map(({ id }) => id)));
      });
    });
  });
}
