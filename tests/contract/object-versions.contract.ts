import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { ObjectStore, ObjectStoreCapability } from '../../adapters/ports/object-store';
import { collect, keysOf, refusedAs } from './object-store-harness';

const text = (value: string) => Buffer.from(value, 'utf8');
const soon = (milliseconds: number) => new Date(Date.now() + milliseconds);

/** What outlives a put and a delete, and what forbids them. A store that does not declare it refuses it before any call. */
export function objectVersionsContract(
  storeOf: () => ObjectStore,
  capabilities: readonly ObjectStoreCapability[],
): void {
  const declares = (capability: ObjectStoreCapability) => capabilities.includes(capability);
  const read = async (key: string, version?: string) =>
    Buffer.from(await storeOf().read(key, version === undefined ? {} : { version })).toString();
  /** Bytes that nobody can replace, delete or purge. */
  const stands = async (key: string, body: string) => {
    const store = storeOf();
    await assert.rejects(store.put(key, text('replaced')), refusedAs('PermissionDenied'));
    await assert.rejects(store.delete(key), refusedAs('PermissionDenied'));
    await assert.rejects(store.putIfAbsent(key, text('again')), refusedAs('AlreadyExists'));
    await store.purgeVersions(key);
    assert.equal(await read(key), body);
  };

  describe('versions', () => {
    if (!declares('versions')) {
      it('refused as declared: Unsupported; there is nothing to purge', async () => {
        const store = storeOf();
        await store.put('versioned', text('one'));
        await assert.rejects(store.read('versioned', { version: '1' }), refusedAs('Unsupported'));
        await assert.rejects(collect(store.stream('versioned', { version: '1' })), refusedAs('Unsupported'));
        await assert.rejects(async () => collect(store.versions('versioned')), refusedAs('Unsupported'));
        await store.purgeVersions('versioned');
        await store.purgeVersions('never-there');
        await store.purgeVersionsUnder('versioned/');
        await store.purgeVersionsUnder('');
        assert.equal(await read('versioned'), 'one');
      });
      return;
    }

    it('what was replaced or deleted is still there, newest first, and of its key alone', async () => {
      const store = storeOf();
      for (const body of ['one', 'two', 'three']) await store.put('versioned/a', text(body));
      await store.put('versioned/a-neighbour', text('other'));
      await store.delete('versioned/a');
      await assert.rejects(store.read('versioned/a'), refusedAs('NotFound'));
      const versions = await collect(store.versions('versioned/a'));
      assert.deepEqual(await Promise.all(versions.map(({ version }) => read('versioned/a', version))), [
        'three',
        'two',
        'one',
      ]);
      assert.deepEqual(
        [...new Set(versions.map(({ key, size }) => `${key} ${size}`))],
        ['versioned/a 5', 'versioned/a 3'],
      );
      assert.deepEqual(await keysOf(store, 'versioned/'), ['versioned/a-neighbour']);
    });

    it('a purge leaves the current object alone, and nothing of a deleted one', async () => {
      const store = storeOf();
      for (const body of ['one', 'two']) await store.put('purged', text(body));
      await store.purgeVersions('purged');
      assert.equal((await collect(store.versions('purged'))).length, 1);
      assert.equal(await read('purged'), 'two');
      await store.delete('purged');
      await store.purgeVersions('purged');
      await store.purgeVersions('purged');
      assert.deepEqual(await collect(store.versions('purged')), []);
      await store.putIfAbsent('purged', text('new'));
      assert.equal(await read('purged'), 'new');
    });

    it('a purge of a folder does the same for every key in it, and for no other', async () => {
      const store = storeOf();
      for (const key of ['folder/kept', 'folder/gone', 'folder/deep/gone', 'folder-beside'])
        for (const body of ['one', 'two']) await store.put(key, text(body));
      for (const key of ['folder/gone', 'folder/deep/gone']) await store.delete(key);
      for (let repeat = 0; repeat < 2; repeat += 1) await store.purgeVersionsUnder('folder/');
      const counts = ['folder/kept', 'folder/gone', 'folder/deep/gone', 'folder-beside'].map(
        async (key) => (await collect(store.versions(key))).length,
      );
      assert.deepEqual(await Promise.all(counts), [1, 0, 0, 2]);
      assert.equal(await read('folder/kept'), 'two');
      assert.deepEqual(await keysOf(store, 'folder'), ['folder-beside', 'folder/kept']);
    });
  });

  describe('write-once retention', () => {
    if (!declares('retention')) {
      it('refused as declared: Unsupported, and nothing is stored', async () => {
        const store = storeOf();
        await assert.rejects(store.put('retained', text('x'), { retainUntil: soon(60_000) }), refusedAs('Unsupported'));
        await assert.rejects(store.head('retained'), refusedAs('NotFound'));
      });
      return;
    }

    it('nobody replaces, deletes or purges an object until its day', async () => {
      const store = storeOf();
      const retainUntil = soon(30_000);
      await store.putIfAbsent('retained/a', text('audit'), { retainUntil });
      const head = await store.head('retained/a');
      assert.ok(Math.abs(head.retainUntil!.getTime() - retainUntil.getTime()) <= 1000);
      await stands('retained/a', 'audit');
    });

    it('afterwards it can be deleted', async () => {
      const store = storeOf();
      await store.put('retained/short', text('x'), { retainUntil: soon(2000) });
      await assert.rejects(store.delete('retained/short'), refusedAs('PermissionDenied'));
      await setTimeout(3500);
      await store.delete('retained/short');
      await assert.rejects(store.head('retained/short'), refusedAs('NotFound'));
    });
  });

  describe('holds', () => {
    if (!declares('holds')) {
      it('refused as declared: Unsupported', async () => {
        const store = storeOf();
        await store.put('held', text('x'));
        await assert.rejects(store.hold('held', true), refusedAs('Unsupported'));
        await store.delete('held');
      });
      return;
    }

    it('nobody replaces, deletes or purges an object while it is held', async () => {
      const store = storeOf();
      await store.put('held/a', text('evidence'));
      await store.hold('held/a', true);
      assert.equal((await store.head('held/a')).held, true);
      await stands('held/a', 'evidence');
      await store.hold('held/a', false);
      assert.equal((await store.head('held/a')).held, false);
      await store.delete('held/a');
    });

    it('a missing object is NotFound', async () => {
      await assert.rejects(storeOf().hold('held/missing', true), refusedAs('NotFound'));
    });
  });
}
