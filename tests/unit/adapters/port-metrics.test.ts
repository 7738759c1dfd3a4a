import assert from 'node:assert/strict';
import { type Attributes, createNoopMeter, metrics } from '@opentelemetry/api';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { LakeError } from '../../../adapters/ports/errors';
import { measured } from '../../../adapters/shared/port-metrics';
import { inject } from '../../../functions/hosts/injection';
import { defineManifest, objectStore, onSchedule } from '../../../functions/manifest';
import { noAdapters } from '../../support/no-adapters';

describe('measured', () => {
  let recorded: { readonly value: number; readonly attributes: Attributes }[];
  before(() => {
    const meter = createNoopMeter();
    meter.createHistogram = (name, options) => {
      assert.equal(name, 'lake.port.duration');
      assert.equal(options?.unit, 's');
      return { record: (value: number, attributes: Attributes = {}) => recorded.push({ value, attributes }) } as never;
    };
    metrics.setGlobalMeterProvider({ getMeter: () => meter });
  });
  after(() => metrics.disable());
  beforeEach(() => {
    recorded = [];
  });
  const port = { 'lake.port': 'objectStore', 'lake.operation': 'read' };
  const outcomes = () => recorded.map(({ attributes }) => attributes);

  it('records how long a call took, in seconds, and gives its result', async () => {
    const call = measured(async (value) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return value;
    }, port);
    assert.equal(await call('result'), 'result');
    assert.deepEqual(outcomes(), [port]);
    assert.ok(recorded[0]!.value >= 0.029 && recorded[0]!.value < 5);
  });

  it('records the code of a failure, of any other only that it was none, and hands it on', async () => {
    const refused = new LakeError('NotFound', 'none');
    await assert.rejects(measured(() => Promise.reject(refused), port)() as Promise<unknown>, refused);
    const other = new TypeError('key/of-9434765919');
    assert.throws(() => measured(() => assert.fail(other), port)(), other);
    assert.deepEqual(outcomes(), [
      { ...port, 'error.type': 'NotFound' },
      { ...port, 'error.type': 'Other' },
    ]);
    assert.ok(!JSON.stringify(recorded).includes('9434765919'));
  });

  it('stands in front of every port that a host injects, under the names of the manifest', async () => {
    const manifest = defineManifest({
      name: 'tester',
      trigger: onSchedule('* * * * *'),
      uses: { landing: objectStore('landing', ['putIfAbsent', 'list']) },
    });
    const adapters = { ...noAdapters, objectStore: () => new MemoryObjectStore() };
    const { landing } = inject(manifest, { landing: { kind: 'memory' } }, adapters);
    await landing.putIfAbsent('a', Buffer.from('x'));
    for await (const _ of landing.list(''));
    const names = { 'lake.function': 'tester', 'lake.port': 'objectStore', 'lake.name': 'landing' };
    assert.deepEqual(outcomes(), [
      { ...names, 'lake.operation': 'putIfAbsent' },
      { ...names, 'lake.operation': 'list' },
    ]);
  });

  it('takes items one by one until the last, also when the caller leaves early or they fail', async () => {
    async function* items(failAt?: number) {
      for (let at = 0; at < 3; at += 1) {
        if (at === failAt) throw new LakeError('Unavailable', 'away');
        yield at;
      }
    }
    const list = measured((failAt) => items(failAt as number), port) as (failAt?: number) => AsyncIterable<number>;
    const seen: number[] = [];
    for await (const item of list()) {
      assert.deepEqual(outcomes(), []);
      seen.push(item);
    }
    for await (const item of list()) if (item === 1) break;
    await assert.rejects(async () => {
      for await (const item of list(1)) seen.push(item);
    });
    assert.deepEqual(seen, [0, 1, 2, 0]);
    assert.deepEqual(outcomes(), [port, port, { ...port, 'error.type': 'Unavailable' }]);
  });
});
