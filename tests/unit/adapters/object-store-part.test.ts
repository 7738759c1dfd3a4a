import assert from 'node:assert/strict';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { ObjectStorePart } from '../../../adapters/shared/object-store-part';
import { keysOf, refusedAs } from '../../contract/object-store-harness';

const text = (value: string) => Buffer.from(value, 'utf8');

describe('A part of a zone', () => {
  const zone = new MemoryObjectStore();
  const part = new ObjectStorePart(zone, 'lake/');

  it('is a store by itself: its keys are those under its prefix, without it', async () => {
    await zone.putIfAbsent('identity/a', text('another'));
    assert.equal((await part.putIfAbsent('a', text('own'))).key, 'a');
    await part.put('b/c', text('own too'), { metadata: { kind: 'x' } });
    assert.deepEqual(await keysOf(zone), ['identity/a', 'lake/a', 'lake/b/c']);
    assert.deepEqual(await keysOf(part), ['a', 'b/c']);
    assert.deepEqual(await keysOf(part, 'b/'), ['b/c']);
    assert.deepEqual(await keysOf(part, '', 'a'), ['b/c']);
    const { key, metadata } = await part.head('b/c');
    assert.deepEqual([key, metadata], ['b/c', { kind: 'x' }]);
    assert.equal(Buffer.from(await part.read('a')).toString('utf8'), 'own');
    await part.delete('a');
    assert.deepEqual(await keysOf(zone), ['identity/a', 'lake/b/c']);
  });

  it('leads nowhere else, and refuses what a store refuses', async () => {
    for (const key of ['../identity/a', '/identity/a', '', '.', 'x'.repeat(1025)]) {
      await assert.rejects(async () => part.read(key), refusedAs('InvalidArgument'));
      await assert.rejects(part.put(key, text('x')), refusedAs('InvalidArgument'));
    }
    await assert.rejects(keysOf(part, '../'), refusedAs('InvalidArgument'));
    await assert.rejects(part.read('identity/a'), refusedAs('NotFound'));
  });
});
