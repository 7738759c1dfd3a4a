import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryObjectStore } from '../../../adapters/local/memory-object-store';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import { type StagedMartPorts, takeMarts } from '../../../functions/hosts/compose/staged-marts-function';
import type { MartServices } from '../../../functions/marts/build-mart';
import { readStagedMarts, type StagedMart } from '../../../functions/marts/staged-mart';
import { stagedRuns } from '../../../functions/marts/staged-runs';
import { patientsOf, type TakenRuns, takeStaged } from '../../../functions/marts/take-staged';
import { CuratedTable } from '../../../functions/tables/curated-table';
import { DeltaTable, type TableStore } from '../../../functions/tables/delta-table';
import { writeStagedMart } from '../../support/written-staged-mart';
import { TableLake } from '../tables/table-lake';
import { changing, watchedStore } from '../tables/watched-store';

describe('marts whose rows another engine has staged', function () {
  this.timeout(60_000);
  let lake: TableLake;
  let library: string;
  let curated: MemoryObjectStore;
  let marts: MemoryObjectStore;
  let defined: ReadonlyMap<string, StagedMart>;

  before(async () => {
    lake = await new TableLake().open();
    library = join(lake.root, 'library');
    writeStagedMart(library, 'replaced');
    writeStagedMart(library, 'appended', { run: 'append' });
    writeStagedMart(library, 'figures', {
      purpose: 'statistics',
      columns: { area: 'string', day: 'date', made: 'instant', share: 'decimal', is_late: 'boolean' },
    });
    writeStagedMart(library, 'planning', { purpose: 'planning' });
    defined = new Map(readStagedMarts(library).map((mart) => [mart.name, mart]));
    curated = new MemoryObjectStore();
    const patients = new CuratedTable(curated, 'Patient', lake.engine);
    await lake.appendBatch(patients, 1, [
      { id: 'p1', version: 1 },
      { id: 'p2', version: 1 },
      { id: 'gone', version: 1 },
    ]);
    await lake.appendBatch(patients, 2, [{ id: 'gone', version: 2, deleted: true }]);
  });
  after(() => lake.close());
  beforeEach(() => {
    marts = new MemoryObjectStore();
  });

  let files = 0;
  /** Parquet files as an engine writes them, and its mark when it says that all is there. */
  const stage = async (mart: string, run: string, selects: readonly string[], { mark = true, folder = '' } = {}) => {
    for (const select of selects) {
      const file = join(lake.root, 'spool', `staged-${files++}.parquet`);
      await lake.session.query(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
      await marts.put(`staging/${mart}/${run}/${folder}part-${files}.snappy.parquet`, readFileSync(file));
    }
    if (mark) await marts.put(`staging/${mart}/${run}/_SUCCESS`, Buffer.alloc(0));
  };
  const rowsOf = (...rows: readonly (readonly [patient: string, code: string, contacts: number])[]): string =>
    `SELECT * FROM (VALUES ${rows.map(([patient, code, contacts]) => `('${patient}', '${code}', ${contacts}::BIGINT)`).join(', ')}) t(patient, code, contacts)`;
  const servicesOver = (store: TableStore): MartServices => ({
    curated,
    marts: store,
    engine: lake.engine,
    session: lake.session,
  });
  const take = async (name: string, store: TableStore = marts): Promise<TakenRuns> => {
    const services = servicesOver(store);
    const mart = defined.get(name)!;
    return takeStaged(services, mart, await stagedRuns(store), await patientsOf(services, mart));
  };
  const rowsIn = async (name: string): Promise<readonly string[]> =>
    (await lake.rows(new DeltaTable(marts, name, lake.engine))).map((row) => Object.values(row).join(' '));
  const keysIn = async (prefix: string): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const { key } of marts.list(prefix)) keys.push(key);
    return keys;
  };

  it('have the rows of the newest run, or of all, without whom the lake does not know, and nothing stays in staging', async () => {
    for (const mart of ['replaced', 'appended']) {
      await stage(mart, 'first', [
        rowsOf(['p1', 'a', 1]),
        rowsOf(['p2', 'a', 2], ['never-sent', 'a', 3], ['gone', 'a', 4]),
      ]);
      const first = await take(mart);
      assert.deepEqual([first.runs, first.rows, first.leftOut, first.refusals.length], [1, 2, 2, 0]);
      // Pathling's keys name the type.
      await stage(mart, 'second', [rowsOf(['Patient/p2', 'b', 5])]);
      await take(mart);
      assert.deepEqual(await keysIn('staging/'), []);
    }
    assert.deepEqual(await rowsIn('replaced'), ['p2 b 5']);
    assert.deepEqual(await rowsIn('appended'), ['p1 a 1', 'p2 a 2', 'p2 b 5']);
  });

  it('take a run once; of a mart whose runs replace each other, again when it was written anew', async () => {
    const again = async (mart: string): Promise<number> => {
      await stage(mart, 'nightly', [rowsOf(['p1', 'a', 1])]);
      await take(mart);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await stage(mart, 'nightly', [rowsOf(['p1', 'a', 2])]);
      return (await take(mart)).repeated;
    };
    assert.equal(await again('replaced'), 0);
    assert.equal(await again('appended'), 1);
    assert.deepEqual([await rowsIn('replaced'), await rowsIn('appended')], [['p1 a 2'], ['p1 a 1']]);
    assert.deepEqual(await keysIn('staging/'), []);
  });

  it('leave alone what has not ended, and runs of other marts', async () => {
    await stage('replaced', 'at-it', [rowsOf(['p1', 'a', 1])], { mark: false });
    await stage('other', 'done', [rowsOf(['p1', 'a', 1])]);
    const before = await keysIn('');
    const taken = await take('replaced');
    assert.deepEqual([taken.runs, taken.lastFinished, await keysIn('')], [0, undefined, before]);
  });

  it('have every type of a column, a run without rows too', async () => {
    const row = `SELECT 'E1' AS area, DATE '2026-01-02' AS day, TIMESTAMPTZ '2026-01-02 03:04:05.678901+00' AS made, 12.5::DECIMAL(4, 1) AS share, true AS is_late`;
    await stage('figures', 'one', [row]);
    assert.deepEqual((await take('figures')).refusals, []);
    const types = (await new DeltaTable(marts, 'figures', lake.engine).schema())?.fields.map(({ type }) => type);
    assert.deepEqual(types, ['string', 'date', 'timestamp', 'decimal(38,9)', 'boolean']);
    assert.match((await rowsIn('figures')).join(), /^E1 2026-01-02 .*03:04:05\.678901.* 12\.5/);
    await stage('figures', 'two', [`${row} WHERE false`]);
    assert.equal((await take('figures')).runs, 1);
    assert.deepEqual(await rowsIn('figures'), []);
  });

  const refusals: Readonly<Record<string, readonly [select: string, message: RegExp, folder?: string]>> = {
    'a column that is not declared': [
      "SELECT 'p1' AS patient, 'a' AS code, 1::BIGINT AS contacts, 'MARKER' AS nhs_number",
      /columns that the mart does not declare/,
    ],
    'a column that is missing': ["SELECT 'p1' AS patient, 'a' AS code", /no column contacts/],
    capitals: ["SELECT 'p1' AS \"Patient\", 'a' AS code, 1::BIGINT AS contacts", /no column patient/],
    'a wider type': [
      "SELECT 'p1' AS patient, 'a' AS code, 1.5::DOUBLE AS contacts",
      /column contacts of a file is DOUBLE/,
    ],
    'a division into folders': [rowsOf(['p1', 'a', 1]), /divided into folders/, 'year=2026/'],
  };
  for (const [what, [select, message, folder = '']] of Object.entries(refusals))
    it(`refuse a run with ${what}, say so without a value, and take the others`, async () => {
      await stage('replaced', 'bad', [rowsOf(['p1', 'a', 1]), select], { folder });
      await stage('replaced', 'good', [rowsOf(['p2', 'b', 2])]);
      const { runs, refusals: told } = await take('replaced');
      assert.equal(runs, 1);
      assert.match(told[0]!.message, message);
      assert.doesNotMatch(told[0]!.message, /MARKER|p1|bad/);
      assert.equal((await keysIn('staging/')).length, 3);
      assert.deepEqual(await rowsIn('replaced'), ['p2 b 2']);
    });

  it('refuse a run without any file, and one of a name that is none', async () => {
    await stage('replaced', 'empty', []);
    await stage('replaced', 'a b', [rowsOf(['p1', 'a', 1])]);
    const { runs, refusals: told } = await take('replaced');
    assert.deepEqual([runs, told.length, told.every((error) => isLakeError(error, 'InvalidArgument'))], [0, 2, true]);
  });

  it('lose who may no longer be in them, without a new run; nobody is taken while opt-outs are not known', async () => {
    await new DeltaTable(curated, 'person_link', lake.engine).overwrite(
      lake.session,
      "SELECT * FROM (VALUES ('p1', 'one', 'verified'), ('p2', 'two', 'verified')) t(patient_ref, person_id, basis)",
    );
    const mart = defined.get('planning')!;
    const takeAsked = async (objectors: readonly string[] | undefined): Promise<TakenRuns> => {
      const services: MartServices = {
        ...servicesOver(marts),
        askOptOuts: async (persons) => {
          if (objectors === undefined) throw new LakeError('PreconditionFailed', 'A list is missing.');
          return persons.map((person) => ({
            person,
            decision: objectors.includes(person)
              ? { kind: 'exclude', because: 'national-data-opt-out' }
              : { kind: 'include' },
          }));
        },
      };
      return takeStaged(services, mart, await stagedRuns(marts), await patientsOf(services, mart));
    };
    await stage('planning', 'one', [rowsOf(['p1', 'a', 1], ['p2', 'a', 2])]);
    await assert.rejects(takeAsked(undefined), (error) => isLakeError(error, 'PreconditionFailed'));
    assert.equal((await keysIn('planning/')).length, 0);
    assert.equal((await takeAsked([])).rows, 2);
    const later = await takeAsked(['one']);
    assert.deepEqual([later.runs, later.leftOut, await rowsIn('planning')], [0, 1, ['p2 a 2']]);
    assert.ok(later.lastFinished);
  });

  it('are found by one listing, however many marts there are', async () => {
    await stage('replaced', 'first', [rowsOf(['p1', 'a', 1])]);
    await stage('appended', 'first', [rowsOf(['p2', 'a', 2])]);
    let listings = 0;
    const counted = watchedStore(marts, {
      before: (operation, key) => {
        if (operation === 'list' && key === 'staging/') listings += 1;
      },
    });
    const unasked = (): never => assert.fail('Neither mart asks for opt-outs.');
    const done = async (): Promise<void> => undefined;
    const ports = {
      ...{ curated, marts: counted, query: lake.engine, identity: { ask: unasked } },
      ...{ catalogue: { publish: done }, audit: { append: done } },
    };
    const both = ['replaced', 'appended'].map((name) => defined.get(name)!);
    const taken = await takeMarts(ports as unknown as StagedMartPorts, both, []);
    assert.deepEqual(
      taken.map((one) => one?.rows),
      [1, 1],
    );
    assert.equal(listings, 1);
  });

  for (const mart of ['replaced', 'appended'])
    it(`end the same when the one who takes is killed at any of its writes: ${mart}`, async () => {
      let killed = 0;
      for (let at = 1; ; at += 1) {
        marts = new MemoryObjectStore();
        await stage(mart, 'first', [rowsOf(['p1', 'a', 1])]);
        await take(mart);
        await stage(mart, 'second', [rowsOf(['p1', 'b', 2]), rowsOf(['p2', 'b', 3])]);
        let writes = 0;
        const die = (operation: string): void => {
          if ([...changing].some((one) => one === operation) && ++writes >= at) throw new Error('killed');
        };
        // The write is done and its answer lost, or it is not.
        const dying = watchedStore(marts, at % 2 === 0 ? { before: die } : { after: die });
        const died = await take(mart, dying).then(
          () => false,
          () => true,
        );
        await take(mart);
        assert.deepEqual(await keysIn('staging/'), [], `write ${at}`);
        const all = mart === 'appended' ? ['p1 a 1', 'p1 b 2', 'p2 b 3'] : ['p1 b 2', 'p2 b 3'];
        assert.deepEqual(await rowsIn(mart), all, `write ${at}`);
        const { version, transactions } = await new DeltaTable(marts, mart, lake.engine).snapshot();
        assert.deepEqual([version, transactions.size], [1, 2], `one version a run, write ${at}`);
        if (!died) break;
        killed += 1;
      }
      assert.ok(killed >= 5, `killed ${killed} times`);
    });

  describe('are defined by a Library', () => {
    const read = (text: Parameters<typeof writeStagedMart>[2], name = 'one'): readonly StagedMart[] => {
      const folder = join(lake.root, `library-${files++}`);
      writeStagedMart(folder, name, text);
      return readStagedMarts(folder);
    };
    it('which says columns, patient, runs and how often one is due', () => {
      const [mart] = read({ everyHours: 170, run: 'append' });
      assert.deepEqual(
        [mart?.patient, mart?.run, mart?.everyHours, mart?.columns.map(({ type }) => type)],
        ['patient', 'append', 170, ['VARCHAR', 'VARCHAR', 'BIGINT']],
      );
    });
    const wrong: Readonly<Record<string, readonly [Parameters<typeof writeStagedMart>[2], RegExp, string?]>> = {
      'no patient, though it is about people': [{ columns: { code: 'code' } }, /Reference/],
      'a patient in a mart for statistics': [{ purpose: 'statistics' }, /Reference/],
      'a label left out that no row would show': [{ labels: ['restricted'] }, /names all labels/],
      'a type that not every reader gives back': [{ columns: { patient: 'Reference', what: 'Period' } }, /parameter/],
      'a name that SQL would have to quote': [{ columns: { patient: 'Reference', 'a b': 'code' } }, /parameter/],
      'runs that are neither': [{ run: 'merge' }, /replace or append/],
      'no hours': [{ everyHours: 0 }, /whole hours/],
      'a folder that is no table': [{}, /named by/, 'A-B'],
    };
    for (const [what, [text, message, name]] of Object.entries(wrong))
      it(`refused with ${what}`, () => assert.throws(() => read(text, name), message));
  });
});
