import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore, ObjectStoreCapability } from '../../adapters/ports/object-store';
import { type Fault, FaultProxy } from '../support/fault-proxy';
import { repeatableRandom } from '../support/repeatable-random';
import { objectLockFaults } from './object-lock-faults.contract';
import { collect, keysOf, refusedAs } from './object-store-harness';
import { promisedUpload } from './signed-upload.contract';

export interface FaultHarness {
  /** The server that the faults stand in front of. */
  readonly server: URL;
  /** The store at this origin, a try may take so many milliseconds. */
  readonly openAt: (origin: string, tryTimeout: number) => ObjectStore;
  /** How this vendor says that the credentials are no longer good. */
  readonly expired: Extract<Fault, { kind: 'answer' }>;
  readonly stop: () => Promise<void>;
}

const tryTimeout = 700;
/** All tries with their pauses; what a caller waits at most when nothing gets through. */
const patience = 30_000;

/** What a network may do to an adapter: nothing lost, nothing doubled, time bounded. */
export function objectStoreFaultsContract(
  name: string,
  start: () => Promise<FaultHarness>,
  capabilities: readonly ObjectStoreCapability[] = [],
): void {
  describe(`ObjectStore: ${name}`, () =>
    describe('behind a bad network', function () {
      this.timeout(120_000);
      let harness: FaultHarness;
      let proxy: FaultProxy;
      let store: ObjectStore;
      let honest: ObjectStore;
      before(async () => {
        harness = await start();
        proxy = new FaultProxy(harness.server);
        store = harness.openAt(await proxy.listen(), tryTimeout);
        honest = harness.openAt(harness.server.origin, 30_000);
      });
      after(async () => {
        await proxy.close();
        await harness.stop();
      });
      const once = (fault: Fault): void => {
        proxy.plan = (index) => (index === 0 ? fault : { kind: 'pass' });
      };

      const busy = (status: number): Fault => ({ kind: 'answer', status, headers: { 'retry-after': '1' } });
      for (const [what, fault] of [
        ['a reset before the server saw it', { kind: 'reset' }],
        ['a reset in the middle of the body', { kind: 'resetMidRequest' }],
        ['a lost answer', { kind: 'answerLost' }],
        ['no answer in time', { kind: 'silent' }],
        ['a 503 with Retry-After', busy(503)],
        ['a 429 with Retry-After', busy(429)],
        ['a slow answer', { kind: 'pass', delay: 300 }],
      ] as const) {
        it(`putIfAbsent succeeds once in spite of ${what}`, async () => {
          const key = `once/${what.replaceAll(' ', '-')}`;
          const body = randomBytes(20_000);
          once(fault);
          const info = await store.putIfAbsent(key, body, { metadata: { part: 'one' } });
          assert.equal(info.size, body.length);
          assert.deepEqual(Buffer.from(await honest.read(key)), body);
          assert.deepEqual((await honest.head(key)).metadata, { part: 'one' });
          proxy.plan = () => ({ kind: 'pass' });
          await assert.rejects(store.putIfAbsent(key, body), refusedAs('AlreadyExists'));
        });
      }

      it('a lost answer does not let a second writer win', async () => {
        await honest.putIfAbsent('taken', Buffer.from('first'));
        once({ kind: 'answerLost' });
        await assert.rejects(store.putIfAbsent('taken', Buffer.from('second')), refusedAs('AlreadyExists'));
        assert.equal(Buffer.from(await honest.read('taken')).toString(), 'first');
      });

      for (const kind of ['truncated', 'stalled'] as const) {
        it(`an answer that is ${kind} is read again or refused, never given short`, async () => {
          const body = randomBytes(300_000);
          const key = `short/${kind}`;
          await honest.put(key, body);
          once({ kind });
          assert.deepEqual(Buffer.from(await store.read(key)), body);
          once({ kind });
          const outcome = await collect(store.stream(key)).then(
            (chunks) => Buffer.concat(chunks),
            (error: unknown) => error,
          );
          assert.ok(
            isLakeError(outcome, 'Unavailable') || (Buffer.isBuffer(outcome) && outcome.equals(body)),
            'the stream ended early without an error',
          );
          proxy.plan = () => ({ kind });
          await assert.rejects(store.read(key), refusedAs('Unavailable'));
        });
      }

      it('a service that never answers is Unavailable within a bounded time', async () => {
        proxy.plan = () => ({ kind: 'silent' });
        const begin = performance.now();
        await assert.rejects(store.head('once/a-lost-answer'), refusedAs('Unavailable'));
        assert.ok(performance.now() - begin < patience);
      });

      it('a cancelled call ends at once', async () => {
        proxy.plan = () => ({ kind: 'silent' });
        const begin = performance.now();
        const signal = AbortSignal.timeout(50);
        await assert.rejects(store.putIfAbsent('never', randomBytes(10), { signal }), refusedAs('Unavailable'));
        assert.ok(performance.now() - begin < 3 * tryTimeout);
      });

      it('what is not declared is Unsupported before any call', async () => {
        proxy.plan = () => ({ kind: 'pass' });
        const attempts: Readonly<Record<ObjectStoreCapability, () => unknown>> = {
          versions: () => collect(store.versions('taken')),
          retention: () => store.put('taken', Buffer.from('x'), { retainUntil: new Date(Date.now() + 60_000) }),
          holds: () => store.hold('taken', true),
          signedUpload: () => store.signUpload('taken', promisedUpload),
          localPath: () => store.localPath('taken'),
        };
        for (const [capability, attempt] of Object.entries(attempts))
          if (!capabilities.some((declared) => declared === capability))
            await assert.rejects(async () => attempt(), refusedAs('Unsupported'), capability);
        assert.equal(proxy.requests, 0);
      });

      if (capabilities.includes('holds')) objectLockFaults(() => ({ proxy, store, honest }));

      it('expired credentials are PermissionDenied and not tried again', async () => {
        proxy.plan = () => harness.expired;
        await assert.rejects(store.read('taken'), refusedAs('PermissionDenied'));
        assert.equal(proxy.requests, 1);
        await assert.rejects(store.putIfAbsent('expired', randomBytes(10)), refusedAs('PermissionDenied'));
        await assert.rejects(honest.head('expired'), refusedAs('NotFound'));
      });

      it('a large upload with faults at every part is whole or not there', async () => {
        const body = randomBytes(13 * 1024 * 1024);
        let faults = 0;
        proxy.plan = (index) => {
          if (index % 3 !== 1) return { kind: 'pass' };
          faults += 1;
          return index % 2 === 0 ? { kind: 'answerLost' } : { kind: 'resetMidRequest' };
        };
        await store.putIfAbsent('large', body);
        assert.ok(faults > 0);
        assert.deepEqual(Buffer.from(await honest.read('large')), body);
        proxy.plan = (index) => (index < 2 ? { kind: 'pass' } : { kind: 'reset' });
        await assert.rejects(store.putIfAbsent('large-never', body), refusedAs('Unavailable'));
        await assert.rejects(honest.head('large-never'), refusedAs('NotFound'));
      });

      it('a storm of faults: what was acknowledged is there, exact and once; nothing else is', async () => {
        const random = repeatableRandom(20_261_121);
        const storm: readonly Fault['kind'][] = ['reset', 'answerLost', 'resetMidRequest', 'truncated'];
        proxy.plan = () => {
          const roll = random();
          if (roll < 0.1) return busy(503);
          if (roll < 0.3) return { kind: storm[Math.floor(random() * storm.length)]! } as Fault;
          return { kind: 'pass' };
        };
        const begin = performance.now();
        const puts = Array.from({ length: 80 }, (_, index) => ({
          key: `storm/${index % 40}`,
          body: randomBytes(5000),
        }));
        const outcomes = await Promise.allSettled(puts.map(({ key, body }) => store.putIfAbsent(key, body)));
        proxy.plan = () => ({ kind: 'pass' });
        assert.ok(performance.now() - begin < 2 * patience);
        const acknowledged = new Map<string, Buffer>();
        for (const [index, outcome] of outcomes.entries()) {
          const { key, body } = puts[index]!;
          if (outcome.status === 'rejected') {
            assert.ok(isLakeError(outcome.reason), String(outcome.reason));
            assert.ok(['AlreadyExists', 'Unavailable'].includes(outcome.reason.code), outcome.reason.code);
            continue;
          }
          assert.ok(!acknowledged.has(key), 'two writers of one key were told that they won');
          acknowledged.set(key, body);
        }
        assert.ok(acknowledged.size > 20, `only ${acknowledged.size} of 40 keys were written`);
        for (const [key, body] of acknowledged) assert.deepEqual(Buffer.from(await honest.read(key)), body);
        for (const key of await keysOf(honest, 'storm/')) {
          const stored = Buffer.from(await honest.read(key));
          assert.ok(puts.some((put) => put.key === key && put.body.equals(stored)));
        }
      });
    }));
}
