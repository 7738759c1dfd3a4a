import assert from 'node:assert/strict';
import type { Catalogue, CatalogueChange, PublishedTable } from '../../adapters/ports/catalogue';
import { checkedCatalogue } from '../../adapters/shared/checked-catalogue';
import { refusedAs } from './object-store-harness';

export interface CatalogueHarness {
  /** Empty; another adapter over the same catalogue each time. */
  readonly open: () => Promise<Catalogue>;
  readonly stop: () => Promise<void>;
}

const everyType = [
  ...[
    'string',
    'boolean',
    'byte',
    'short',
    'integer',
    'long',
    'float',
    'double',
    'decimal(38,10)',
    'date',
    'timestamp',
  ],
  'binary',
  JSON.stringify({ type: 'array', elementType: 'string', containsNull: true }),
  JSON.stringify({ type: 'map', keyType: 'string', valueType: 'long', valueContainsNull: true }),
  JSON.stringify({
    type: 'struct',
    fields: [{ name: 'code system', type: 'string', nullable: true, metadata: {} }],
  }),
];

const tableOf = (name: string, columns: readonly string[], others: Partial<PublishedTable> = {}): PublishedTable => ({
  database: 'curated',
  name,
  columns: columns.map((column) => ({ name: column, type: 'string' })),
  partitionColumns: [],
  tableVersion: 0,
  updated: '2026-01-01T00:00:00.000Z',
  ...others,
});

/** The promises of the Catalogue port, for every adapter. */
export function catalogueContract(name: string, start: () => Promise<CatalogueHarness>): void {
  describe(`Catalogue: ${name}`, () => {
    let harness: CatalogueHarness;
    const open = async (): Promise<Catalogue> => checkedCatalogue(await harness.open());
    before(async () => {
      harness = await start();
    });
    after(() => harness.stop());

    const told: CatalogueChange[] = [];
    const tell = async (change: CatalogueChange): Promise<void> => void told.push(change);
    beforeEach(() => void told.splice(0));
    const ofName = async (wanted: string) => (await (await open()).tables()).find((table) => table.name === wanted);

    describe('tables', () => {
      it('is empty at first', async () => {
        assert.deepEqual(await (await open()).tables(), []);
      });

      it('tells what was published, whole: types, exact names of columns, partitions', async () => {
        const table = tableOf('observation', [], {
          columns: everyType.map((type, index) => ({ name: index === 0 ? 'Mixed Case é "x"' : `c${index}`, type })),
          partitionColumns: ['c9'],
          tableVersion: 9007199254740991,
        });
        await (await open()).publish(table, tell);
        assert.deepEqual(await ofName('observation'), { ...table, schemaVersion: 1 });
      });

      it('tells tables by database and name, the same name once in each', async () => {
        const catalogue = await open();
        for (const [database, one] of [
          ['marts', 'zulu'],
          ['marts', 'alpha'],
          ['curated', 'zulu'],
        ] as const)
          await catalogue.publish(tableOf(one, ['id'], { database }), tell);
        const names = (await catalogue.tables()).map((table) => `${table.database}.${table.name}`);
        assert.deepEqual(
          names.filter((one) => /zulu|alpha/.test(one)),
          ['curated.zulu', 'marts.alpha', 'marts.zulu'],
        );
      });
    });

    describe('schema versions', () => {
      it('count up when columns or partitions change, and only then', async () => {
        const catalogue = await open();
        const versions: (number | undefined)[] = [];
        for (const table of [
          tableOf('versioned', ['id']),
          tableOf('versioned', ['id'], { tableVersion: 1, updated: '2026-02-01T00:00:00.000Z' }),
          tableOf('versioned', ['id', 'added'], { tableVersion: 2 }),
          tableOf('versioned', ['id', 'added'], { tableVersion: 3, partitionColumns: ['added'] }),
          tableOf('versioned', ['added', 'id'], { tableVersion: 4 }),
        ]) {
          await catalogue.publish(table, tell);
          versions.push((await ofName('versioned'))?.schemaVersion);
        }
        assert.deepEqual(versions, [1, 1, 2, 3, 4]);
        assert.equal((await ofName('versioned'))?.tableVersion, 4);
      });

      it('count without a gap when several publish one table at once', async () => {
        const publishers = await Promise.all(Array.from({ length: 8 }, open));
        await Promise.all(
          publishers.map((catalogue, index) => catalogue.publish(tableOf('raced', ['id', `c${index}`]), tell)),
        );
        assert.equal((await ofName('raced'))?.schemaVersion, publishers.length);
        assert.ok(told.some(({ schemaVersion }) => schemaVersion === publishers.length));
      });
    });

    describe('a change is an event', () => {
      it('is told for each change and for nothing else', async () => {
        const catalogue = await open();
        for (const columns of [['id'], ['id'], ['id', 'added']])
          await catalogue.publish(tableOf('told', columns, { database: 'marts' }), tell);
        assert.deepEqual(told, [
          { database: 'marts', name: 'told', schemaVersion: 1 },
          { database: 'marts', name: 'told', schemaVersion: 2 },
        ]);
      });

      it('is told by the next publication when telling failed', async () => {
        const away = new Error('the audit is away');
        const catalogue = await open();
        await assert.rejects(
          catalogue.publish(tableOf('retold', ['id']), () => Promise.reject(away)),
          (error) => error === away,
        );
        for (let repeat = 0; repeat < 2; repeat += 1) await (await open()).publish(tableOf('retold', ['id']), tell);
        assert.deepEqual(told, [{ database: 'curated', name: 'retold', schemaVersion: 1 }]);
      });
    });

    describe('refusals', () => {
      for (const [what, table] of [
        ['a name that engines would fold', tableOf('Observation', ['id'])],
        ['a name that is a path', tableOf('a/b', ['id'])],
        ['two columns of one name', tableOf('twice', ['id', 'id'])],
        ['a partition that is no column', tableOf('parted', ['id'], { partitionColumns: ['year'] })],
        ['another database', tableOf('other', ['id'], { database: 'identity' as 'marts' })],
      ] as const) {
        it(`refuses ${what}, and leaves nothing`, async () => {
          await assert.rejects((await open()).publish(table, tell), refusedAs('InvalidArgument'));
          assert.equal(await ofName(table.name), undefined);
        });
      }
    });
  });
}
