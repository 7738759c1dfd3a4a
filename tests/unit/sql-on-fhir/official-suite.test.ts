import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { QueryValue } from '../../../adapters/ports/query-engine';
import { compileView } from '../../../functions/sql-on-fhir/compile-view';
import { ViewRunner } from './support/duckdb-session';

interface SuiteTest {
  readonly title: string;
  readonly view: unknown;
  readonly expect?: readonly Record<string, unknown>[];
  readonly expectCount?: number;
  readonly expectError?: boolean;
  readonly expectColumns?: readonly string[];
}

interface Suite {
  readonly title: string;
  readonly resources: readonly unknown[];
  readonly tests: readonly SuiteTest[];
}

type Report = Record<string, { tests: { name: string; result: { passed: boolean } }[] }>;

const folder = join(process.env.LAKE_SHARED ?? resolve(__dirname, '../../../../shared'), 'data/sql-on-fhir/tests');

/** Numbers that the default map gives as text (decimal) are compared as numbers; everything else as it is. */
function comparable(value: unknown, decimal: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => comparable(item, decimal));
  return decimal && value !== null ? Number(value) : (value ?? null);
}

function rowsOf(
  rows: readonly Record<string, unknown>[],
  names: readonly string[],
  decimals: ReadonlySet<string>,
): string[] {
  // A row is a set of columns and the rows are a bag: the suite fixes no order of either.
  return rows.map((row) => JSON.stringify(names.map((name) => comparable(row[name], decimals.has(name))))).sort();
}

describe('SQL on FHIR: the official suite, files unmodified', () => {
  const report: Report = {};
  let runner: ViewRunner;

  before(() => {
    runner = new ViewRunner();
  });

  after(async () => {
    await runner.close();
    const target = process.env.LAKE_SOF_REPORT;
    // The format of the suite's own reports: file, tests, name, result.
    if (target !== undefined) writeFileSync(target, `${JSON.stringify(report, null, 2)}\n`);
  });

  if (!existsSync(folder)) {
    it('is in the shared material (LAKE_SHARED, data/sql-on-fhir/tests), which is absent', function () {
      this.skip();
    });
    return;
  }

  for (const file of readdirSync(folder).sort()) {
    const suite = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Suite;
    describe(file, () => {
      before(() => runner.load(suite.resources));
      for (const test of suite.tests) {
        it(test.title, async () => {
          const entry = { name: test.title, result: { passed: false } };
          report[file] ??= { tests: [] };
          report[file].tests.push(entry);
          await check(test);
          entry.result.passed = true;
        });
      }
    });
  }

  async function check(test: SuiteTest): Promise<void> {
    if (test.expectError === true) {
      await assert.rejects(() => runner.rows(test.view), { name: 'LakeError', code: 'InvalidArgument' });
      return;
    }
    const { columns } = compileView(test.view, {
      source: { kind: 'relation', name: ['resources'] },
      dialect: 'duckdb',
    });
    const names = columns.map(({ name }) => name);
    const decimals = new Set(columns.filter(({ fhirType }) => fhirType === 'decimal').map(({ name }) => name));
    const rows: readonly Record<string, QueryValue>[] = await runner.rows(test.view);
    if (test.expectCount !== undefined) assert.equal(rows.length, test.expectCount);
    if (test.expectColumns !== undefined) assert.deepEqual(names, test.expectColumns);
    if (test.expect !== undefined) {
      for (const row of test.expect)
        assert.deepEqual(
          Object.keys(row).filter((name) => !names.includes(name)),
          [],
        );
      assert.deepEqual(rowsOf(rows, names, decimals), rowsOf(test.expect, names, decimals));
    }
  }
});
