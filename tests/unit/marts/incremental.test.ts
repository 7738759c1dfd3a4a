import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { LakeError } from '../../../adapters/ports/errors';
import type { TableStore } from '../../../functions/tables/delta-table';
import { sweepsWhole } from '../../support/sweeps';
import { MartLake, martDefinitions, type Version } from './mart-lake';
import { Chance, people, RandomHistory, types } from './random-history';

const marts = [...martDefinitions.keys()];

describe('incremental marts', () => {
  const lakes: MartLake[] = [];
  const open = (...stores: ConstructorParameters<typeof MartLake>): MartLake => {
    const lake = new MartLake(...stores);
    lakes.push(lake);
    return lake;
  };
  afterEach(async () => {
    for (const lake of lakes.splice(0)) await lake.close();
  });

  const stay = (id: string, version: number, patient = 'p1'): Version => ({
    type: 'Encounter',
    id,
    version,
    deleted: false,
    resource: {
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { code: 'IMP' },
      subject: { reference: `Patient/${patient}` },
      period: { start: '2026-01-01T10:00:00Z', end: `2026-01-0${1 + version}T10:00:00Z` },
    },
  });

  it('equal a rebuild after creates, updates, deletes, erasures, late and repeated batches, compaction, other links', async function () {
    this.timeout(600_000);
    // The rest is for `npm run test:sweeps`.
    const histories = Number(process.env.LAKE_MART_HISTORIES ?? (sweepsWhole ? '12' : '3'));
    const seen = { rows: 0, steps: new Set<string>() };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const chance = new Chance(seed);
        const history = new RandomHistory(chance);
        const lake = open();
        let late: Version[] = [];
        const kinds = ['nothing', 'erase', 'compact', 'fold', 'link'];
        for (const [step, what] of chance.shuffled([...kinds, chance.pick(kinds)]).entries()) {
          const batch = Array.from({ length: 1 + chance.below(8) }, () => history.next());
          const held = batch.filter(() => chance.below(5) === 0);
          await lake.append([...batch.filter((one) => !held.includes(one)), ...late], chance.below(3) === 0);
          if (late.length > 0) seen.steps.add('late');
          late = held;
          seen.steps.add(what);
          if (what === 'erase') await lake.erase('Encounter', [`encounter-${chance.below(6)}`]);
          if (what === 'compact' || what === 'fold') await lake.compact(chance.pick(types), what === 'compact');
          if (what === 'link')
            await lake.link(people.slice(chance.below(4)).map((one) => [one, chance.pick(['a', 'b'])]));
          const mart = chance.pick(marts);
          const rows = await lake.build(mart);
          assert.deepEqual(rows, await lake.expected(mart), `${mart}, step ${step} of seed ${seed}`);
          seen.rows += rows.length;
        }
        for (const mart of marts) {
          const rows = await lake.build(mart);
          assert.deepEqual(rows, await lake.build(mart, true), `${mart} of seed ${seed}`);
          assert.deepEqual(rows, await lake.expected(mart), `${mart} of seed ${seed}`);
          seen.rows += rows.length;
        }
        await lake.close();
      }),
      { numRuns: histories },
    );
    // The histories must have been worth comparing.
    assert.ok(seen.rows > 6 * histories && seen.steps.size === 6, `${seen.rows} rows, ${[...seen.steps]}`);
  });

  it('flatten only the files that are new, and keep what they flattened', async () => {
    const lake = open();
    await lake.append([stay('a', 1), stay('b', 1)]);
    await lake.build('service_effectiveness');
    const before = await lake.flatKeys();
    await lake.append([stay('a', 2)]);
    await lake.link([['p1', 'someone']]);
    assert.deepEqual(await lake.build('service_effectiveness'), await lake.expected('service_effectiveness'));
    const after = await lake.flatKeys();
    assert.deepEqual([before.length, after.length], [1, 2]);
    assert.ok(after.includes(before[0]!));
  });

  it('read what they kept: a wrong file shows, and a full build mends it', async () => {
    const lake = open();
    await lake.append([stay('a', 1)]);
    const right = await lake.build('service_effectiveness');
    await lake.append([stay('b', 1, 'p2'), stay('c', 1, 'p3')]);
    await lake.build('service_effectiveness');
    const [one, other] = await lake.flatKeys();
    for (const [key, from] of [[one!, other!]] as const) {
      const bytes = await lake.curated.read(from);
      await lake.curated.delete(key);
      await lake.curated.putIfAbsent(key, bytes);
    }
    assert.notDeepEqual(await lake.build('service_effectiveness'), await lake.expected('service_effectiveness'));
    assert.deepEqual(await lake.build('service_effectiveness', true), await lake.expected('service_effectiveness'));
    assert.notDeepEqual(right, await lake.expected('service_effectiveness'));
  });

  it('keep nothing of a file that an erasure replaced', async () => {
    const lake = open();
    await lake.append([stay('a', 1), stay('b', 1)]);
    await lake.build('service_effectiveness');
    const before = await lake.flatKeys('encounter');
    await lake.erase('Encounter', ['a']);
    assert.equal(before.length, 1);
    assert.deepEqual(await lake.flatKeys('encounter'), []);
    assert.deepEqual(await lake.build('service_effectiveness'), await lake.expected('service_effectiveness'));
  });

  it('are built in less memory than their rows take', async function () {
    this.timeout(60_000);
    const lake = open();
    await lake.manyObservations(200_000);
    assert.equal(await lake.buildWithin(80 * 1024 * 1024, 'patient_timeline'), 200_000);
  });

  it('show the old rows whole after a crash at any write, and the new ones after the next build', async () => {
    for (let failing = 1; ; failing += 1) {
      let writes = 0;
      let armed = false;
      const lake = open(() =>
        [new MemoryObjectStore(), new MemoryObjectStore()].map((store) =>
          breaking(store, () => {
            writes += 1;
            return armed && writes === failing;
          }),
        ),
      );
      await lake.append([stay('a', 1), stay('b', 1)]);
      const old = await lake.build('patient_timeline');
      await lake.append([stay('a', 2), stay('c', 1, 'p2')]);
      writes = 0;
      armed = true;
      const failed = await lake.build('patient_timeline').then(
        () => false,
        () => true,
      );
      armed = false;
      const expected = await lake.expected('patient_timeline');
      assert.deepEqual(await lake.read('patient_timeline'), failed ? old : expected);
      assert.deepEqual(await lake.build('patient_timeline'), expected);
      if (!failed) {
        assert.ok(failing > 3, 'flattened rows, the mart and its log were each cut off');
        return;
      }
    }
  });
});

/** A store whose writes fail when told so. */
function breaking(store: TableStore, fails: () => boolean): TableStore {
  return {
    capabilities: store.capabilities,
    putIfAbsent: async (...call) => {
      if (fails()) throw new LakeError('Unavailable', 'The store is away. Try again.');
      return store.putIfAbsent(...call);
    },
    put: async (...call) => {
      if (fails()) throw new LakeError('Unavailable', 'The store is away. Try again.');
      return store.put(...call);
    },
    read: (...call) => store.read(...call),
    stream: (...call) => store.stream(...call),
    list: (...call) => store.list(...call),
    delete: (key) => store.delete(key),
    localPath: (key) => store.localPath(key),
  };
}
