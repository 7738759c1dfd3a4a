import assert from 'node:assert/strict';
import { collect, keysOf, type ObjectStoreHarness, refusedAs } from './object-store-harness';

const text = (value: string) => Buffer.from(value, 'utf8');
const byBytes = (left: string, right: string) => Buffer.compare(text(left), text(right));

const oddKeys = [
  'plain',
  'with space/and  two',
  'percent%20and%2Fslash',
  'plus+and=equals&amp;#hash?question',
  'quote\'and"double',
  'trailing space ',
  ' leading space/ and inside /x',
  'naïve/Ynys-Môn/名前/👩🏽‍⚕️',
  'decomposed-e\u0301',
  '\uff5e-fullwidth',
  '𝒶-beyond-the-basic-plane',
  '.hidden/..dots/...',
  'colon:star*pipe|less<more>',
  '[bracket]{brace}(paren)^~`$',
  'part=1.5/_delta_log/00000000000000000000.json',
  `long/${'x'.repeat(1019)}`,
  `long/${'x'.repeat(200)}`,
  `long/${'x'.repeat(200)}y/inside`,
  `long/${'x'.repeat(201)}-`,
  `${'é'.repeat(300)}/${'名'.repeat(100)}`,
];

const refusedKeys = {
  'the empty key': '',
  'a leading slash': '/a',
  'a trailing slash': 'a/',
  'a double slash': 'a//b',
  'a step up': '../a',
  'a step up inside': 'a/../b',
  'a step in place': 'a/./b',
  'two dots at the end': 'a/..',
  'a line break': 'a\nb',
  'a NUL': 'a\0b',
  'a backslash': 'a\\b',
  'half a surrogate pair': 'a\ud800b',
  'more than 1,024 bytes': 'x'.repeat(1025),
  'more than 1,024 bytes of UTF-8': 'é'.repeat(513),
  'the folder of the store itself': '.store/x',
};

/** Keys and listings, the part of the contract that stores differ in most. */
export function objectKeyContract(harnessOf: () => ObjectStoreHarness): void {
  const storeOf = () => harnessOf().store;
  describe('keys', () => {
    it('holds odd keys apart and lists them in the order of their UTF-8 bytes', async () => {
      const { store, longestSegment = 1024 } = harnessOf();
      const tooLong = (key: string) => key.split('/').some((segment) => Buffer.byteLength(segment) > longestSegment);
      const keys = oddKeys.map((key) => `odd/${key}`.slice(0, limitOf(key)));
      for (const key of keys.filter(tooLong)) {
        await assert.rejects(store.putIfAbsent(key, text('x')), refusedAs('InvalidArgument'));
      }
      const stored = keys.filter((key) => !tooLong(key));
      for (const [index, key] of stored.entries()) await store.putIfAbsent(key, text(`${index}`));
      assert.deepEqual(await keysOf(store, 'odd/'), stored.toSorted(byBytes));
      for (const [index, key] of stored.entries()) {
        assert.equal(Buffer.from(await store.read(key)).toString(), `${index}`);
        assert.deepEqual(await keysOf(store, key), stored.filter((other) => other.startsWith(key)).toSorted(byBytes));
      }
      for (const key of stored) await store.delete(key);
      assert.deepEqual(await keysOf(store, 'odd/'), []);
    });

    for (const [what, key] of Object.entries(refusedKeys)) {
      it(`refuses ${what} in every call, and never repeats it`, async () => {
        const store = storeOf();
        const calls = [
          () => store.putIfAbsent(key, text('x')),
          () => store.put(key, text('x')),
          () => store.read(key),
          () => collect(store.stream(key)),
          () => store.head(key),
          () => store.delete(key),
        ];
        for (const call of calls) {
          await assert.rejects(
            async () => await call(),
            (error) => refusedAs('InvalidArgument')(error) && (key.length < 5 || !String(error).includes(key)),
          );
        }
      });
    }

    it('refuses a key that is another’s folder, both ways, until the other is deleted', async () => {
      const store = storeOf();
      await store.put('clash/a/b', text('x'));
      await assert.rejects(store.put('clash/a', text('x')), refusedAs('InvalidArgument'));
      await assert.rejects(store.putIfAbsent('clash/a', text('x')), refusedAs('InvalidArgument'));
      await assert.rejects(store.put('clash/a/b/c', text('x')), refusedAs('InvalidArgument'));
      await assert.rejects(store.putIfAbsent('clash/a/b/c/d', text('x')), refusedAs('InvalidArgument'));
      await assert.rejects(store.read('clash/a'), refusedAs('NotFound'));
      await store.put('clash/a-b', text('a neighbour is no clash'));
      await store.delete('clash/a/b');
      // Where versions are kept as files (versitygw), those of a deleted key keep its folder.
      await store.purgeVersions('clash/a/b');
      await store.putIfAbsent('clash/a', text('now a key'));
      assert.deepEqual(await keysOf(store, 'clash/'), ['clash/a', 'clash/a-b']);
    });
  });

  describe('listing', () => {
    it('lists by any prefix and from any key on', async () => {
      const store = storeOf();
      const keys = [
        'list/a',
        'list/a-1',
        'list/a0',
        'list/b/1',
        'list/b/2',
        'list/b-',
        'list/c/d/e',
        'list/ü',
      ].toSorted(byBytes);
      for (const key of keys) await store.put(key, text('x'));
      for (const prefix of ['list/', 'list/a', 'list/b', 'list/b/', 'list/c/d/e', 'list/c/d/e/', 'lis', 'list/z']) {
        assert.deepEqual(
          await keysOf(store, prefix),
          keys.filter((key) => key.startsWith(prefix)),
        );
      }
      for (const startAfter of [...keys, 'list/b', 'list/b/', 'list/b/10', 'list/bz', 'list/', 'z']) {
        const expected = keys.filter((key) => byBytes(key, startAfter) > 0);
        assert.deepEqual(await keysOf(store, 'list/', startAfter), expected, startAfter);
      }
      for (const prefix of ['/', 'a//', '../'])
        await assert.rejects(keysOf(store, prefix), refusedAs('InvalidArgument'));
    });

    it('a listing is stable while keys are inserted: nothing twice, nothing that was there missed', async () => {
      const store = storeOf();
      const there = Array.from({ length: 120 }, (_, index) => `stable/${index % 7}/${String(index).padStart(4, '0')}`);
      await Promise.all(there.map((key) => store.put(key, text('x'))));
      const seen: string[] = [];
      let inserted = 0;
      for await (const { key, size } of store.list('stable/')) {
        assert.equal(size, 1);
        seen.push(key);
        if (inserted < 40) await store.put(`stable/${inserted % 9}/new-${inserted++}`, text('y'));
      }
      assert.deepEqual(seen, seen.toSorted(byBytes));
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(
        there.filter((key) => !seen.includes(key)),
        [],
      );
    }).timeout(60_000);
  });
}

/** The longest odd key is cut so that it has exactly 1,024 bytes with its prefix. */
function limitOf(key: string): number {
  return key.startsWith(`long/${'x'.repeat(1000)}`) ? 1024 : Number.POSITIVE_INFINITY;
}
