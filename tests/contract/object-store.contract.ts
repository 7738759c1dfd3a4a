import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore, ObjectStoreCapability } from '../../adapters/ports/object-store';
import { objectKeyContract } from './object-key.contract';
import { collect, keysOf, type ObjectStoreHarness, refusedAs } from './object-store-harness';
import { objectVersionsContract } from './object-versions.contract';
import { signedUploadContract } from './signed-upload.contract';

/** Bytes of buffers that are still reachable: garbage waiting for the collector is not counted. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  // The first frees buffers in the background, the second waits for that.
  runInNewContext('gc(); gc()');
  return process.memoryUsage().arrayBuffers;
}

const text = (value: string) => Buffer.from(value, 'utf8');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The promises of the ObjectStore port, for every adapter. */
export function objectStoreContract(
  name: string,
  start: () => Promise<ObjectStoreHarness>,
  capabilities: readonly ObjectStoreCapability[] = [],
): void {
  describe(`ObjectStore: ${name}`, () => {
    let harness: ObjectStoreHarness;
    let store: ObjectStore;
    before(async () => {
      harness = await start();
      store = harness.store;
    });
    after(() => harness.stop());

    describe('exact bytes', () => {
      for (const [what, body] of [
        ['no byte', Buffer.alloc(0)],
        ['one byte', Buffer.from([0])],
        ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
        ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x0d, 0x0a])],
        ['non-ASCII text', text('Ynys Môn – naïve 名前 👩🏽‍⚕️')],
        ['a megabyte and a byte', Buffer.alloc(1024 * 1024 + 1, 'abcdefg')],
      ] as const) {
        it(`gives back ${what} exactly, whole and as a stream`, async () => {
          const key = `bytes/${what.replaceAll(' ', '-')}`;
          const info = await store.putIfAbsent(key, body);
          assert.equal(info.size, body.length);
          assert.deepEqual(Buffer.from(await store.read(key)), body);
          assert.deepEqual(Buffer.concat(await collect(store.stream(key))), body);
          assert.equal((await store.head(key)).size, body.length);
        });
      }

      it('a stored body is not the caller’s buffer', async () => {
        const body = text('before');
        await store.put('own-copy', body);
        body.fill(0);
        assert.equal(Buffer.from(await store.read('own-copy')).toString(), 'before');
      });
    });

    describe('streams in bounded memory', () => {
      it('streams more than 64 MiB in and out in bounded memory', async () => {
        const chunk = Buffer.alloc(256 * 1024, 'stream');
        const count = 270;
        const hash = createHash('sha256');
        for (let index = 0; index < count; index++) hash.update(chunk);
        let most = 0;
        const before = heldBytes();
        let seen = 0;
        const watch = () => {
          if (seen++ % 64 === 63) most = Math.max(most, heldBytes() - before);
        };
        const body = async function* () {
          for (let index = 0; index < count; index++) {
            watch();
            yield Buffer.from(chunk);
          }
        };
        const sum = hash.digest('hex');
        const info = await store.putIfAbsent('large', body(), { sha256: sum });
        assert.equal(info.size, chunk.length * count);
        const back = createHash('sha256');
        for await (const part of store.stream('large')) {
          watch();
          back.update(part);
        }
        assert.equal(back.digest('hex'), sum);
        if (harness.streams) assert.ok(most < 32 * 1024 * 1024, `${most} bytes were held`);
        await store.delete('large');
      }).timeout(120_000);
    });

    describe('byte ranges', () => {
      it('ranges: both ends inclusive, cut at the end, refused behind it', async () => {
        await store.put('range', text('0123456789'));
        const read = async (range: { start: number; end?: number }) =>
          Buffer.from(await store.read('range', { range })).toString();
        assert.equal(await read({ start: 2, end: 4 }), '234');
        assert.equal(await read({ start: 7 }), '789');
        assert.equal(await read({ start: 9, end: 99 }), '9');
        assert.equal(
          Buffer.concat(await collect(store.stream('range', { range: { start: 1, end: 2 } }))).toString(),
          '12',
        );
        for (const range of [{ start: 10 }, { start: -1 }, { start: 3, end: 2 }, { start: 0.5 }]) {
          await assert.rejects(read(range), refusedAs('InvalidArgument'));
        }
      });
    });

    describe('metadata', () => {
      it('metadata comes back, and belongs to the object that is there', async () => {
        await store.put('metadata', text('one'), { metadata: { retention_class: 'gp-record', lines: '12' } });
        assert.deepEqual((await store.head('metadata')).metadata, { retention_class: 'gp-record', lines: '12' });
        await store.put('metadata', text('two'));
        assert.deepEqual((await store.head('metadata')).metadata, {});
        for (const metadata of [{ 'Not-A-Name': 'x' }, { name: 'naïve' }, { name: '' }]) {
          await assert.rejects(store.put('metadata', text('three'), { metadata }), refusedAs('InvalidArgument'));
        }
        assert.equal(Buffer.from(await store.read('metadata')).toString(), 'two');
      });
    });

    describe('missing objects', () => {
      it('what is missing is NotFound', async () => {
        await assert.rejects(store.read('missing'), refusedAs('NotFound'));
        await assert.rejects(collect(store.stream('missing')), refusedAs('NotFound'));
        await assert.rejects(store.head('missing'), refusedAs('NotFound'));
        await store.put('gone', text('x'));
        await store.delete('gone');
        await assert.rejects(store.read('gone'), refusedAs('NotFound'));
      });

      it('a delete of what is not there ends as the first did', async () => {
        await store.delete('missing');
        await store.put('twice', text('x'));
        await store.delete('twice');
        await store.delete('twice');
        assert.deepEqual(await keysOf(store, 'twice'), []);
      });
    });

    describe('put-if-absent', () => {
      it('is refused where something is, also a body that goes up in parts', async () => {
        await store.putIfAbsent('parts/taken', Buffer.from('first'));
        const long = Buffer.alloc(9 * 1024 * 1024);
        await assert.rejects(store.putIfAbsent('parts/taken', long), refusedAs('AlreadyExists'));
        assert.equal(Buffer.from(await store.read('parts/taken')).toString(), 'first');
      });

      it('of 50 writers that put one absent key exactly one wins, and its whole body is there', async () => {
        const bodies = Array.from({ length: 50 }, (_, writer) => Buffer.alloc(3000 + writer, `${writer} `));
        const outcomes = await Promise.allSettled(
          bodies.map((body, writer) => store.putIfAbsent('race/key', body, { metadata: { writer: `${writer}` } })),
        );
        const winners = outcomes.flatMap((outcome, writer) => (outcome.status === 'fulfilled' ? [writer] : []));
        assert.equal(winners.length, 1);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected')
            assert.ok(isLakeError(outcome.reason, 'AlreadyExists'), String(outcome.reason));
        }
        assert.deepEqual(Buffer.from(await store.read('race/key')), bodies[winners[0]!]);
        assert.deepEqual((await store.head('race/key')).metadata, { writer: `${winners[0]}` });
        await assert.rejects(store.putIfAbsent('race/key', text('late')), refusedAs('AlreadyExists'));
      });
    });

    describe('put replaces whole', () => {
      it('put replaces, and the etag changes with the bytes', async () => {
        const first = await store.put('replaced', text('aaa'));
        const second = await store.put('replaced', text('bbb'));
        assert.notEqual(first.etag, second.etag);
        assert.equal((await store.head('replaced')).etag, second.etag);
        assert.equal(Buffer.from(await store.read('replaced')).toString(), 'bbb');
        const bodies = Array.from({ length: 10 }, (_, writer) => Buffer.alloc(5000, `${writer}`));
        await Promise.all(bodies.map((body) => store.put('replaced', body)));
        const last = Buffer.from(await store.read('replaced'));
        assert.ok(
          bodies.some((body) => body.equals(last)),
          'the bytes of two writers are mixed',
        );
      });
    });

    describe('checksums', () => {
      it('a checksum that differs is refused, whole or streamed, and nothing is stored', async () => {
        const parts = async function* () {
          yield text('par');
          yield text('ts');
        };
        const wrong = { sha256: sha256(text('other')) };
        await assert.rejects(store.putIfAbsent('checksum', text('parts'), wrong), refusedAs('InvalidArgument'));
        await assert.rejects(store.putIfAbsent('checksum', parts(), wrong), refusedAs('InvalidArgument'));
        await assert.rejects(
          store.put('checksum', text('parts'), { sha256: 'no digest' }),
          refusedAs('InvalidArgument'),
        );
        await assert.rejects(store.head('checksum'), refusedAs('NotFound'));
        await store.putIfAbsent('checksum', parts(), { sha256: sha256(text('parts')) });
      });
    });

    describe('cancellation', () => {
      it('an upload that is cancelled, hangs or fails leaves nothing', async () => {
        const endless = async function* (meanwhile: () => void) {
          yield text('first');
          meanwhile();
          await new Promise(() => undefined);
        };
        const before = await keysOf(store);
        const abort = new AbortController();
        const put = store.putIfAbsent(
          'cancelled',
          endless(() => abort.abort()),
          { signal: abort.signal },
        );
        await assert.rejects(put, refusedAs('Unavailable'));
        await assert.rejects(
          store.put('cancelled', text('x'), { signal: AbortSignal.abort() }),
          refusedAs('Unavailable'),
        );
        const failing = async function* () {
          yield text('first');
          throw new RangeError('the source failed');
        };
        await assert.rejects(store.put('cancelled', failing()), /the source failed/);
        // Of so much that a store takes in parts some have been sent before the end.
        const late = new AbortController();
        const parts = async function* () {
          for (let sent = 0; sent < 3; sent += 1) yield Buffer.alloc(9 * 1024 * 1024, sent);
          yield* endless(() => late.abort());
        };
        const large = store.putIfAbsent('cancelled-late', parts(), { signal: late.signal, metadata: { part: 'one' } });
        await assert.rejects(large, refusedAs('Unavailable'));
        assert.deepEqual(await keysOf(store), before);
        if (harness.leftBehind !== undefined) assert.deepEqual(await harness.leftBehind(), []);
        await store.putIfAbsent('cancelled', text('second try'));
      });
    });

    const declares = (capability: ObjectStoreCapability) => capabilities.includes(capability);
    it('declares what it is held to', () => assert.deepEqual([...store.capabilities], capabilities));

    describe('local path', () => {
      it(declares('localPath') ? 'gives where the bytes lie' : 'refused as declared: Unsupported', async () => {
        await store.put('local', text('x'));
        if (declares('localPath')) assert.equal(readFileSync(store.localPath('local'), 'utf8'), 'x');
        else assert.throws(() => store.localPath('local'), refusedAs('Unsupported'));
      });
    });

    signedUploadContract(() => store, declares('signedUpload'));
    objectVersionsContract(() => store, capabilities);
    objectKeyContract(() => harness);
  });
}
