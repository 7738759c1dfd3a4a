import assert from 'node:assert/strict';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { Fault, FaultProxy } from '../support/fault-proxy';
import { collect, refusedAs } from './object-store-harness';

export interface LockedStore {
  readonly proxy: FaultProxy;
  /** Through the proxy. */
  readonly store: ObjectStore;
  /** The same objects without it. */
  readonly honest: ObjectStore;
}

const text = (value: string) => Buffer.from(value, 'utf8');
const pass: Fault = { kind: 'pass' };

/** What a network may do to the calls that lock, list and purge versions: no lock is lost, and nothing locked is replaced. */
export function objectLockFaults(at: () => LockedStore): void {
  const versionsOf = async (key: string): Promise<string[]> => {
    const { honest } = at();
    const versions = await collect(honest.versions(key));
    return Promise.all(versions.map(async ({ version }) => String(Buffer.from(await honest.read(key, { version })))));
  };

  for (const [what, fault] of [
    ['a reset', { kind: 'reset' }],
    ['a lost answer', { kind: 'answerLost' }],
    ['a truncated answer', { kind: 'truncated' }],
    ['no answer in time', { kind: 'silent' }],
    ['a 503 with Retry-After', { kind: 'answer', status: 503, headers: { 'retry-after': '1' } }],
  ] as const satisfies readonly (readonly [string, Fault])[]) {
    it(`locks, holds, lists and purges in spite of ${what}`, async () => {
      const { proxy, store, honest } = at();
      const key = `locked/${what.replaceAll(' ', '-')}`;
      /** Strikes the first request of a call that this fault can spoil: a body to cut short has to be there. */
      const spoiled = async <Result>(call: () => Promise<Result>): Promise<Result> => {
        let struck = false;
        proxy.plan = (_, { method }) => {
          if (struck || (fault.kind === 'truncated' && method !== 'GET')) return pass;
          struck = true;
          return fault;
        };
        const result = await call();
        proxy.plan = () => pass;
        assert.ok(struck || fault.kind === 'truncated');
        return result;
      };
      for (const body of ['one', 'two']) await honest.put(key, text(body));
      const listed = await spoiled(() => collect(store.versions(key)));
      assert.equal(listed.length, 2);
      await spoiled(() => store.hold(key, true));
      assert.equal((await honest.head(key)).held, true);
      await spoiled(() => store.purgeVersions(key));
      assert.deepEqual(await versionsOf(key), ['two']);
      await spoiled(() => store.hold(key, false));
      assert.equal((await honest.head(key)).held, false);

      const retainUntil = new Date(Date.now() + 30_000);
      await spoiled(() => store.putIfAbsent(`${key}-until`, text('kept'), { retainUntil }));
      const head = await honest.head(`${key}-until`);
      assert.ok(Math.abs(head.retainUntil!.getTime() - retainUntil.getTime()) <= 1000);
      assert.deepEqual(await versionsOf(`${key}-until`), ['kept']);
    });
  }

  it('does not replace or delete what it cannot ask the lock of', async () => {
    const { proxy, store, honest } = at();
    await honest.put('locked/unasked', text('evidence'));
    await honest.hold('locked/unasked', true);
    proxy.plan = (_, { method }) => (method === 'HEAD' ? { kind: 'reset' } : pass);
    await assert.rejects(store.put('locked/unasked', text('replaced')), refusedAs('Unavailable'));
    await assert.rejects(store.delete('locked/unasked'), refusedAs('Unavailable'));
    proxy.plan = () => pass;
    assert.deepEqual(await versionsOf('locked/unasked'), ['evidence']);
    await honest.hold('locked/unasked', false);
  });

  it('a purge that is cut off anywhere leaves the current object, and is finished by a repeat', async () => {
    const { proxy, store, honest } = at();
    for (let last = 0; ; last += 1) {
      const folder = `locked/purge-${last}`;
      for (const key of ['kept', 'gone'])
        for (const body of ['one', 'two']) await honest.put(`${folder}/${key}`, text(body));
      await honest.delete(`${folder}/gone`);
      proxy.plan = (index) => (index < last ? pass : { kind: 'reset' });
      const isCut = await store.purgeVersionsUnder(`${folder}/`).then(
        () => false,
        (error: unknown) => refusedAs('Unavailable')(error),
      );
      proxy.plan = () => pass;
      assert.equal(String(Buffer.from(await honest.read(`${folder}/kept`))), 'two');
      await assert.rejects(honest.read(`${folder}/gone`), refusedAs('NotFound'));
      await store.purgeVersionsUnder(`${folder}/`);
      assert.deepEqual([await versionsOf(`${folder}/kept`), await versionsOf(`${folder}/gone`)], [['two'], []]);
      if (!isCut) {
        assert.ok(last > 3, 'a purge makes more calls than that');
        return;
      }
    }
  });
}
