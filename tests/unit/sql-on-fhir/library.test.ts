import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bindParameters, compileLibrary, type ResolveDependency } from '../../../functions/sql-on-fhir/compile-library';
import { sqlIdentifier, sqlText } from '../../../functions/sql-on-fhir/duckdb/quoting';
import { attachSql, parseLibrary, type SqlLibrary } from '../../../functions/sql-on-fhir/library';
import { bindSql } from '../../../functions/sql-on-fhir/sql-statement';
import { ViewRunner } from './support/duckdb-session';

const base64 = (sql: string): string => Buffer.from(sql).toString('base64');

function libraryJson(code: 'sql-query' | 'sql-view', sql: string, more: Record<string, unknown> = {}): unknown {
  return {
    resourceType: 'Library',
    status: 'active',
    name: 'Example',
    type: { coding: [{ system: 'http://hl7.org/fhir/uv/sql-on-fhir/CodeSystem/LibraryTypesCodes', code }] },
    content: [{ contentType: 'application/sql', data: base64(sql) }],
    ...more,
  };
}

const dependsOn = (label: string, resource: string) => ({ type: 'depends-on', label, resource });
const nothing: ResolveDependency = () => undefined;
const query = (sql: string, more: Record<string, unknown> = {}): SqlLibrary =>
  parseLibrary(libraryJson('sql-query', sql, more), 'duckdb');

describe('SQLQuery and SQLView Libraries', () => {
  const runner = new ViewRunner();
  after(() => runner.close());
  const rows = async (sql: string, parameters = {}) => (await (await runner.session()).query(sql, parameters)).rows;

  it('composes views, SQLViews and tables by label, each computed once', async () => {
    const views: Record<string, SqlLibrary> = {
      'urn:adults': parseLibrary(
        libraryJson('sql-view', 'SELECT id, age FROM p WHERE age >= 18 -- adults', {
          url: 'urn:adults',
          relatedArtifact: [dependsOn('p', 'urn:people')],
        }),
        'duckdb',
      ),
    };
    const resolve: ResolveDependency = (canonical) => {
      if (canonical === 'urn:people')
        return { kind: 'table', sql: 'SELECT * FROM (VALUES (1, 17), (2, 18), (3, 70)) t(id, age)' };
      const library = views[canonical];
      return library === undefined ? undefined : { kind: 'library', library };
    };
    const library = query(
      'SELECT a.id, count(*) AS n FROM a JOIN everyone e ON a.age >= e.age GROUP BY ALL ORDER BY a.id',
      {
        relatedArtifact: [dependsOn('a', 'urn:adults'), dependsOn('everyone', 'urn:people')],
      },
    );
    const sql = compileLibrary(library, resolve);
    assert.equal(sql.split('VALUES').length, 2, 'the table is in the statement once');
    assert.deepEqual(await rows(sql), [
      { id: 2, n: '2' },
      { id: 3, n: '3' },
    ]);
  });

  it('refuses cycles, unknown tables and queries as tables', () => {
    const ring = (url: string, next: string): SqlLibrary =>
      parseLibrary(
        libraryJson('sql-view', 'SELECT * FROM t', { url, relatedArtifact: [dependsOn('t', next)] }),
        'duckdb',
      );
    const views: Record<string, SqlLibrary> = { 'urn:a': ring('urn:a', 'urn:b'), 'urn:b': ring('urn:b', 'urn:a') };
    const resolve: ResolveDependency = (canonical) => ({ kind: 'library', library: views[canonical]! });
    assert.throws(() => compileLibrary(views['urn:a']!, resolve), /cycle/);
    const library = query('SELECT * FROM t', { relatedArtifact: [dependsOn('t', 'urn:t')] });
    assert.throws(() => compileLibrary(library, nothing), /nothing that is known/);
    assert.throws(() => compileLibrary(library, () => ({ kind: 'library', library })), /SQLQuery/);
  });

  it('takes the attachment of the dialect, else the plain one, else none', () => {
    const content = (types: string[]) => ({
      content: types.map((contentType) => ({ contentType, data: base64(`SELECT '${contentType}'`) })),
    });
    const chosen = (types: string[]) => parseLibrary(libraryJson('sql-query', '', content(types)), 'duckdb').sql;
    assert.match(chosen(['application/sql', 'application/sql; dialect=duckdb']), /duckdb/);
    assert.match(chosen(['application/sql;dialect=spark-sql', 'application/sql']), /'application\/sql'/);
    assert.throws(() => chosen(['application/sql;dialect=spark-sql']), /neither/);
    assert.throws(() => chosen(['text/plain']), /application\/sql/);
  });

  it('attaches SQL files that stand beside a Library', () => {
    const json = libraryJson('sql-query', '', { content: [{ contentType: 'application/sql', url: 'a.sql' }] });
    assert.equal(
      parseLibrary(
        attachSql(json, () => 'SELECT 1'),
        'duckdb',
      ).sql,
      'SELECT 1',
    );
    assert.throws(() => attachSql(json, () => undefined), /beside/);
  });

  it('refuses a Library that is not of the profile', () => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ resourceType: 'Patient' }, /Library/],
      [{ type: { coding: [{ system: 'x', code: 'sql-query' }] } }, /Library.type/],
      [{ name: '1; DROP' }, /Library.name/],
      [{ parameter: [{ name: 'a', use: 'out', type: 'string' }] }, /use/],
      [{ parameter: [{ name: 'a', use: 'in', type: 'Patient' }] }, /type/],
      [{ relatedArtifact: [{ type: 'citation', label: 'a', resource: 'urn:a' }] }, /depends-on/],
      [{ relatedArtifact: [dependsOn('a', 'urn:a'), dependsOn('A', 'urn:b')] }, /label/],
      [{ relatedArtifact: [dependsOn('a"; --', 'urn:a')] }, /label/],
      [{ content: [{ contentType: 'application/sql' }] }, /base64/],
      [{ content: [{ contentType: 'application/sql', data: Buffer.of(0xff).toString('base64') }] }, /UTF-8/],
    ];
    for (const [more, message] of cases) assert.throws(() => query('SELECT 1', more), message);
    const parameter = [{ name: 'a', use: 'in', type: 'string' }];
    assert.throws(() => parseLibrary(libraryJson('sql-view', 'SELECT 1', { parameter }), 'duckdb'), /no parameters/);
  });

  describe('parameters', () => {
    const all = {
      text: 'string',
      number: 'integer',
      day: 'date',
      moment: 'dateTime',
      flag: 'boolean',
      amount: 'decimal',
    };
    const library = query(
      "SELECT :text AS text, :number + 1 AS number, :day + 1 AS day, :moment AS moment, NOT :flag AS flag, :amount * 2 AS amount, ':text' AS quoted, 1::INTEGER AS one -- :text",
      { parameter: Object.entries(all).map(([name, type]) => ({ name, type, use: 'in' })) },
    );
    const values = {
      text: "O'Brien",
      number: 41,
      day: '2024-02-28',
      moment: '2024-02-28T10:00:00+01:00',
      flag: false,
      amount: '0.10',
    };

    it('are bound with their types and left alone inside strings and comments', async () => {
      const [row] = await rows(compileLibrary(library, nothing), bindParameters(library, values));
      assert.deepEqual(row, {
        ...{ text: "O'Brien", number: '42', day: '2024-02-29', moment: '2024-02-28 09:00:00+00', flag: true },
        ...{ amount: '0.200000000', quoted: ':text', one: 1 },
      });
    });

    it('are refused when missing, unknown, undeclared or of another type, without showing the value', () => {
      for (const [name, wrong] of [
        ['number', '1; DROP'],
        ['day', '2024-13-01'],
        ['flag', 'yes'],
        ['amount', 'secret'],
        ['text', 5],
      ] as const) {
        assert.throws(
          () => bindParameters(library, { ...values, [name]: wrong }),
          (error: Error) => error.message.includes(name) && !error.message.includes(String(wrong)),
        );
      }
      const { text: _, ...others } = values;
      assert.throws(() => bindParameters(library, others), /missing/);
      assert.throws(() => bindParameters(library, { ...values, more: 1 }), /does not have/);
      assert.throws(() => compileLibrary(query('SELECT :undeclared'), nothing), /does not declare/);
    });

    it('can hold any text: it comes back as it went in', async () => {
      const one = query('SELECT :text AS text', { parameter: [{ name: 'text', type: 'string', use: 'in' }] });
      const sql = compileLibrary(one, nothing);
      const hostile = fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom("'; DROP TABLE resources; --", "\\'", '$text', '":x"'),
      );
      await fc.assert(
        fc.asyncProperty(hostile, async (text) => {
          fc.pre(!text.includes('\u0000'));
          assert.deepEqual(await rows(sql, bindParameters(one, { text })), [{ text }]);
        }),
        { numRuns: 200 },
      );
    });
  });

  it('quotes any name and any text by construction', async () => {
    const session = await runner.session();
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme' }),
        async (name, text) => {
          fc.pre(!`${name}${text}`.includes('\u0000'));
          // As an object key this one name would vanish; as a column it is one like any other.
          fc.pre(name !== '__proto__');
          const { rows: found } = await session.query(`SELECT ${sqlText(text)} AS ${sqlIdentifier(name)}`);
          assert.deepEqual(
            found.map((row) => Object.entries(row)),
            [[[name, text]]],
          );
        },
      ),
      { numRuns: 200 },
    );
    assert.throws(() => sqlText('a\u0000b'), /NUL/);
    assert.throws(() => sqlIdentifier(''), /empty/);
  });

  it('lets no statement out of its brackets', async () => {
    for (const hostile of [
      'SELECT 1; DROP TABLE resources',
      'SELECT 1) t; DROP TABLE resources; SELECT * FROM (SELECT 1',
      'SELECT 1 /* /* */ ) */ ',
      'SELECT 1 /* open',
      "SELECT 'open",
      'SELECT "open',
      'SELECT $$text$$',
      'SELECT $1',
      "SELECT E'\\') t; DROP TABLE resources; --'), (SELECT 1",
      // To DuckDB one name, and a text that ends after its first letter.
      "SELECT \u00e9E'\\') t; DROP TABLE resources; --'",
      'SELECT (1',
      'SELECT [1)',
      'SELECT 1 \u0000',
    ]) {
      assert.throws(() => bindSql(hostile, 'here', () => ''), { code: 'InvalidArgument' }, hostile);
    }
    const session = await runner.session();
    const fragments = [
      'SELECT',
      '1',
      "'",
      '"',
      '(',
      ')',
      ';',
      '--',
      '/*',
      '*/',
      '\n',
      'e',
      '\u00e9',
      "\\'",
      '$',
      ':a',
      ' ',
      'FROM',
      ',',
      "''",
      '[',
      ']',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...fragments), { maxLength: 25 }), async (parts) => {
        let bound: string;
        try {
          bound = bindSql(parts.join(''), 'here', () => 'NULL');
        } catch {
          return;
        }
        // Whatever passes stays inside its brackets: the marker outside of them is always seen as it stands.
        const sql = `SELECT 'marker' AS marker FROM (\n${bound}\n) WHERE 'outside' = 'outside'`;
        const columns = await session.describe(sql).catch(() => undefined);
        if (columns !== undefined) assert.deepEqual(columns, [{ name: 'marker', type: 'VARCHAR' }]);
        assert.deepEqual(await rows('SELECT count(*) AS n FROM resources'), [{ n: '0' }]);
      }),
      { numRuns: 500 },
    );
  });
});
