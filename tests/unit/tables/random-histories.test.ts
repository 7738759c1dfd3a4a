import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DeltaTable } from '../../../functions/tables/delta-table';
import type { RowFilter } from '../../../functions/tables/row-filter';
import { TableLake } from './table-lake';

interface Row {
  readonly n: number | null;
  readonly part: string | null;
}

type Step =
  | { readonly kind: 'append' | 'overwrite' | 'overwritePartitions'; readonly rows: readonly Row[] }
  | { readonly kind: 'delete'; readonly filter: RowFilter }
  | { readonly kind: 'replace'; readonly from: number; readonly rows: readonly Row[] }
  | { readonly kind: 'compact' | 'checkpoint' | 'reopen' };

const row = fc.record({
  n: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 6 }),
  part: fc.option(fc.constantFrom('a', 'b/ c', "d'"), { freq: 4 }),
});
const rows = fc.array(row, { minLength: 1, maxLength: 4 });
const filter: fc.Arbitrary<RowFilter> = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }).map((values) => ({ column: 'n', in: values })),
  fc.record({
    column: fc.constant('n'),
    from: fc.integer({ min: 0, max: 12 }),
    below: fc.integer({ min: 0, max: 12 }),
  }),
  fc.constantFrom('a', 'b/ c', "d'").map((value) => ({ column: 'part', in: [value] })),
  fc.integer({ min: 0, max: 12 }).map((from) => ({
    all: [
      { column: 'n', from },
      { column: 'part', in: ['a', "d'"] },
    ],
  })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: rows.map((some): Step => ({ kind: 'append', rows: some })) },
  { weight: 1, arbitrary: rows.map((some): Step => ({ kind: 'overwrite', rows: some })) },
  { weight: 1, arbitrary: rows.map((some): Step => ({ kind: 'overwritePartitions', rows: some })) },
  { weight: 2, arbitrary: filter.map((one): Step => ({ kind: 'delete', filter: one })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 9 }), rows).map(
      ([from, some]): Step => ({
        kind: 'replace',
        from,
        rows: some.map((one, at) => ({ ...one, n: from + (at % 3) })),
      }),
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'compact' }, { kind: 'checkpoint' }, { kind: 'reopen' }) },
);

/** Whether a row is of a filter, as SQL has it: NULL is of none. */
function isOf(one: Row, filterOfRow: RowFilter): boolean {
  if ('all' in filterOfRow) return filterOfRow.all.every((inner) => isOf(one, inner));
  const value = one[filterOfRow.column as 'n' | 'part'];
  if (value === null || value === undefined) return false;
  if ('in' in filterOfRow) return filterOfRow.in.includes(value);
  const { from = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = filterOfRow;
  return value >= from && value < below;
}

const replaced = (from: number): RowFilter => ({ column: 'n', from, below: from + 3 });

/** What a step makes of the rows. */
function stepped(present: readonly Row[], one: Step): readonly Row[] {
  if (one.kind === 'append') return [...present, ...one.rows];
  if (one.kind === 'overwrite') return one.rows;
  if (one.kind === 'overwritePartitions')
    return [...present.filter(({ part }) => !one.rows.some((fresh) => fresh.part === part)), ...one.rows];
  if (one.kind === 'delete') return present.filter((old) => !isOf(old, one.filter));
  if (one.kind === 'replace') return [...present.filter((old) => !isOf(old, replaced(one.from))), ...one.rows];
  return present;
}

const literal = (value: string | number | null): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
const selectOf = (some: readonly Row[]): string =>
  `SELECT n::BIGINT AS n, part::VARCHAR AS part FROM (VALUES ${some.map(({ n, part }) => `(${literal(n)}, ${literal(part)})`).join(', ')}) AS v(n, part)`;
const sorted = (some: readonly Row[]): string[] => some.map(({ n, part }) => JSON.stringify([n, part])).sort();

describe('random histories of Delta tables', function () {
  this.timeout(900_000);
  let lake: TableLake;
  before(async () => {
    lake = await new TableLake().open();
  });
  after(() => lake.close());

  const rowsOf = async (table: DeltaTable, version?: number): Promise<string[]> =>
    sorted(
      (await lake.rows(table, version)).map(({ n, part }) => ({
        n: n === null ? null : Number(n),
        part: part as string | null,
      })),
    );

  it('give at every version what a list of rows gives', async () => {
    let tables = 0;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(rows, fc.array(step, { minLength: 6, maxLength: 16 }), async (first, steps) => {
        tables += 1;
        const open = () => lake.table(`history-${tables}`, { partitionBy: ['part'] });
        const { session } = lake;
        let table = open();
        await table.append(session, selectOf(first));
        let present: readonly Row[] = first;
        const versions: (readonly Row[])[] = [first];
        for (const one of steps) {
          let version: number | undefined;
          if (one.kind === 'append') version = await table.append(session, selectOf(one.rows));
          else if (one.kind === 'overwrite') version = await table.overwrite(session, selectOf(one.rows));
          else if (one.kind === 'overwritePartitions')
            version = await table.overwritePartitions(session, selectOf(one.rows));
          else if (one.kind === 'delete') {
            const deletion = await table.deleteWhere(session, one.filter);
            assert.equal(deletion.rows, present.length - stepped(present, one).length);
            version = deletion.version;
          } else if (one.kind === 'replace')
            version = await table.replaceWhere(session, replaced(one.from), selectOf(one.rows));
          else if (one.kind === 'compact') version = await table.compact(session);
          else if (one.kind === 'checkpoint') await table.checkpoint(session);
          else table = open();
          present = stepped(present, one);
          if (version !== undefined) {
            assert.equal(version, versions.length);
            versions.push(present);
            seen.add(one.kind);
          }
          assert.deepEqual(await rowsOf(table), sorted(present), one.kind);
        }
        const fresh = open();
        for (const [version, then] of versions.entries())
          assert.deepEqual(await rowsOf(fresh, version), sorted(then), `version ${version}`);
      }),
      { numRuns: Number(process.env.LAKE_TABLE_HISTORIES ?? '8') },
    );
    assert.ok(seen.size >= 5, [...seen].join());
  });
});
