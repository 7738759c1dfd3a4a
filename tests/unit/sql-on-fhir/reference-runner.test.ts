import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isLakeError } from '../../../adapters/ports/errors';
import { type CompiledColumn, compileView } from '../../../functions/sql-on-fhir/compile-view';
import { sweepsWhole } from '../../support/sweeps';
import { ViewRunner } from './support/duckdb-session';
import { ReferenceRunner, type Row, TooManyRows } from './support/reference-runner';
import { Dice, randomResource, rootTypes, ViewGenerator } from './support/view-generator';

/** More show nothing new and take minutes; `npm run test:sweeps` takes larger results and twice the pairs. */
const mostRows = sweepsWhole ? 20_000 : 2000;

const source = { kind: 'relation', name: ['resources'] } as const;

/** Brings a value of either runner to one form: decimals as numbers to 7 places, instants as milliseconds. */
function comparable(value: unknown, { fhirType }: CompiledColumn): unknown {
  if (value === null || value === undefined) return null;
  if (fhirType === 'decimal') return Math.round(Number(value) * 1e7) / 1e7 + 0;
  return fhirType === 'instant' ? Date.parse(String(value).replace(/\+00$/, 'Z')) : value;
}

function sorted(rows: readonly Row[], columns: readonly CompiledColumn[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        columns.map((column) => {
          const value = row[column.name];
          return Array.isArray(value) ? value.map((item) => comparable(item, column)) : comparable(value, column);
        }),
      ),
    )
    .sort();
}

describe('SQL on FHIR: against an independent runner', () => {
  const runner = new ViewRunner();
  after(() => runner.close());

  it('gives the rows of a fhirpath.js interpreter on generated views and data', async function () {
    // Others may share the machine.
    this.timeout(180_000);
    const runs = Number(process.env.LAKE_SOF_PAIRS ?? (sweepsWhole ? '600' : '300'));
    const seen = { rows: 0, refused: 0, pairs: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const dice = new Dice(seed);
        const type = dice.pick(rootTypes);
        const resources = Array.from({ length: 1 + dice.below(8) }, (_, index) => randomResource(dice, type, index));
        const view = new ViewGenerator(dice).view(type);
        const { columns } = compileView(view, { source, dialect: 'duckdb' });
        const expected = attempt(() => new ReferenceRunner(view, mostRows).rows(resources));
        // Selects beside each other multiply, `repeat` above all: one pair of some ten thousand gives millions of rows.
        fc.pre(!(expected instanceof TooManyRows));
        await runner.load(resources);
        const rows = await runner.rows(view).catch((error: unknown) => {
          if (isLakeError(error, 'InvalidArgument')) return error;
          throw error;
        });
        seen.pairs += 1;
        if (expected instanceof Error || rows instanceof Error) {
          seen.refused += 1;
          if (rows instanceof Error && expected instanceof Error) return;
          assert.fail(`${rows instanceof Error ? rows : expected}: ${JSON.stringify({ view, resources })}`);
        }
        seen.rows += rows.length;
        assert.deepEqual(sorted(rows, columns), sorted(expected, columns), JSON.stringify({ view, resources }));
      }),
      { numRuns: runs },
    );
    // The pairs must have been worth comparing.
    assert.ok(seen.pairs >= runs && seen.rows > runs, `${seen.rows} rows`);
    assert.ok(seen.refused < runs / 2, `${seen.refused} of ${runs} pairs refused`);
  });
});

function attempt<Result>(work: () => Result): Result | Error {
  try {
    return work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
