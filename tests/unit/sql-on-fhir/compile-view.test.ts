import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CompiledColumn, compileView } from '../../../functions/sql-on-fhir/compile-view';
import type { ViewSource } from '../../../functions/sql-on-fhir/duckdb/source-sql';
import { sparkProjection } from '../../../functions/sql-on-fhir/spark-casts';
import { ViewRunner } from './support/duckdb-session';
import { Dice, randomResource, rootTypes, ViewGenerator } from './support/view-generator';

const relation: ViewSource = { kind: 'relation', name: ['resources'] };
const compile = (view: unknown) => compileView(view, { source: relation, dialect: 'duckdb' });
const column = (path: string, more: Record<string, unknown> = {}) => ({ name: 'x', path, ...more });
const viewOf = (resource: string, path: string, more: Record<string, unknown> = {}) => ({
  resource,
  select: [{ column: [column(path, more)] }],
});
const tag = (value: string) => ({ tag: [{ name: 'ansi/type', value }] });

describe('compileView', () => {
  const runner = new ViewRunner();
  after(() => runner.close());

  const values = async (resources: readonly unknown[], view: unknown): Promise<unknown[]> => {
    await runner.load(resources);
    return (await runner.rows(view)).map(({ x }) => x);
  };
  const value = async (resource: Record<string, unknown>, path: string, more = {}): Promise<unknown> =>
    (await values([resource], viewOf(String(resource.resourceType), path, more)))[0];

  it('takes a definition of 2.0, which names itself by the URL of its logical model', () => {
    const resourceType = 'http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/ViewDefinition';
    assert.equal(compile({ resourceType, ...viewOf('Patient', 'id') }).resource, 'Patient');
    assert.throws(() => compile({ resourceType: `${resourceType}s`, ...viewOf('Patient', 'id') }), /resourceType/);
  });

  describe('refuses at compile time, with the place and without the text of the definition', () => {
    const cases: [string, unknown, RegExp][] = [
      ['no object', 'text', /^ViewDefinition: /],
      ['another resource type', { resourceType: 'Patient' }, /^resourceType: /],
      ['an unknown resource', { resource: 'MARKER', select: [] }, /^resource: /],
      ['no select', { resource: 'Patient' }, /^select: /],
      ['no column', { resource: 'Patient', select: [{ forEach: 'name' }] }, /^select: .*column/],
      [
        'a bad name',
        { resource: 'Patient', select: [{ column: [{ name: '1"MARKER', path: 'id' }] }] },
        /^select\[0\]\.column\[0\]\.name: /,
      ],
      [
        'two columns of one name',
        { resource: 'Patient', select: [{ column: [column('id'), { name: 'X', path: 'id' }] }] },
        /unique/,
      ],
      [
        'two iterations',
        { resource: 'Patient', select: [{ forEach: 'name', repeat: ['name'], column: [column('id')] }] },
        /^select\[0\]: more than one|has more than one/,
      ],
      [
        'an unknown element',
        viewOf('Patient', 'name.MARKER'),
        /^select\[0\]\.column\[0\]\.path, character 6: .*family/,
      ],
      ['an unknown function', viewOf('Patient', 'name.MARKER()'), /character 6: .*getReferenceKey/],
      ['a function out of the subset', viewOf('Patient', 'name.count()'), /Functions: /],
      ['a broken expression', viewOf('Patient', 'name.where('), /character 12: /],
      ['a token that is none', viewOf('Patient', 'name # MARKER'), /character 6: /],
      ['a choice element without a type', viewOf('Observation', 'value'), /ofType.*Quantity/],
      ['a type that a choice never has', viewOf('Observation', 'value.ofType(Address)'), /Its types are Quantity/],
      ['a complex column', viewOf('Patient', 'name'), /gives a HumanName/],
      [
        'another declared type',
        viewOf('Patient', 'birthDate', { type: 'integer' }),
        /^select\[0\]\.column\[0\]\.type: /,
      ],
      ['an unknown declared type', viewOf('Patient', 'birthDate', { type: 'MARKER' }), /primitive/],
      [
        'an SQL type that tables cannot hold',
        viewOf('Patient', 'birthDate', tag('TIMESTAMP')),
        /tag\[0\]\.value: .*DECIMAL/,
      ],
      ['a DECIMAL too wide', viewOf('Patient', 'id', tag('DECIMAL(39, 2)')), /38/],
      ['a date compared with text', viewOf('Patient', "birthDate = '1970-01-01'"), /@2020-01-31/],
      ['Booleans in order', viewOf('Patient', 'active > true'), /order/],
      ['arithmetic on text', viewOf('Patient', 'gender - 1'), /numbers/],
      [
        'a where that is not Boolean',
        { ...viewOf('Patient', 'id'), where: [{ path: 'gender' }] },
        /^where\[0\]\.path.*Boolean/,
      ],
      ['an undefined constant', viewOf('Patient', 'id = %MARKER'), /no such constant/],
      [
        'a constant of two values',
        { ...viewOf('Patient', 'id'), constant: [{ name: 'a', valueId: 'b', valueCode: 'c' }] },
        /^constant\[0\]: /,
      ],
      [
        'a constant that is not of its type',
        { ...viewOf('Patient', 'id'), constant: [{ name: 'a', valueDate: 'MARKER' }] },
        /^constant\[0\]\.valueDate: /,
      ],
      [
        'a constant given twice',
        {
          ...viewOf('Patient', 'id'),
          constant: [
            { name: 'a', valueId: 'b' },
            { name: 'a', valueId: 'b' },
          ],
        },
        /unique/,
      ],
      [
        'a resource key inside forEach',
        { resource: 'Patient', select: [{ forEach: 'name', column: [column('getResourceKey()')] }] },
        /outside of forEach/,
      ],
      ['a reference key of something else', viewOf('Patient', 'name.getReferenceKey()'), /Reference/],
      [
        'unions of different types',
        { resource: 'Patient', select: [{ unionAll: [{ column: [column('id')] }, { column: [column('active')] }] }] },
        /^select\[0\]\.unionAll\[1\]: /,
      ],
      [
        'a repeat over values',
        { resource: 'Patient', select: [{ repeat: ['id'], column: [column('id')] }] },
        /elements/,
      ],
      [
        'a repeat without paths',
        { resource: 'Patient', select: [{ repeat: [], column: [column('id')] }] },
        /at least one/,
      ],
      ['too deep an expression', viewOf('Patient', `${'('.repeat(200)}id${')'.repeat(200)}`), /deeply/],
      ['too long an expression', viewOf('Patient', `id${' '.repeat(20_000)}`), /10000 characters/],
    ];
    for (const [title, view, message] of cases) {
      it(title, () => {
        assert.throws(
          () => compile(view),
          (error: Error & { code?: string }) =>
            error.code === 'InvalidArgument' && message.test(error.message) && !error.message.includes('MARKER'),
        );
      });
    }

    it('selects nested without end', () => {
      const nested = Array.from({ length: 50 }).reduce<object>((inner) => ({ select: [inner] }), {
        column: [column('id')],
      });
      assert.throws(() => compile({ resource: 'Patient', select: [nested] }), /deep/);
    });

    it('an expression whose SQL would grow without bound', () => {
      const path = `birthDate${'.lowBoundary()'.repeat(200)}`;
      assert.throws(() => compile(viewOf('Patient', path)), /too large/);
    });
  });

  describe('compares dates by their common precision', () => {
    const patient = (birthDate: string) => ({ resourceType: 'Patient', birthDate });
    const observation = (effectiveDateTime: string) => ({ resourceType: 'Observation', effectiveDateTime });
    const cases: [Record<string, unknown>, string, unknown][] = [
      [patient('1970'), 'birthDate = @1970-06', null],
      [patient('1970'), 'birthDate < @1971-06', true],
      [patient('1970-06'), 'birthDate >= @1970', null],
      [patient('1970-06'), 'birthDate != @1970-07-01', true],
      [observation('2024-01-01T00:30:00+01:00'), 'effective.ofType(dateTime) = @2023-12-31T23:30:00Z', true],
      [observation('2024-01-01T00:30:00+01:00'), 'effective.ofType(dateTime) > @2024-01-01T00:00:00Z', false],
      [observation('2024-01'), 'effective.ofType(dateTime) < @2024-02-01T00:00:00Z', true],
      [observation('2024-01-01T10:00:00.5Z'), 'effective.ofType(dateTime) = @2024-01-01T10:00:00.500Z', true],
    ];
    for (const [resource, path, expected] of cases) {
      it(path, async () => assert.equal(await value(resource, path), expected));
    }
  });

  describe('gives boundaries', () => {
    const cases: [string, string, string, string][] = [
      ['1.587', '1.5865', '1.5875', 'Quantity'],
      ['-1.50', '-1.505', '-1.495', 'Quantity'],
      ['1e3', '999.95', '1000.05', 'Quantity'],
      ['"2024-02"', '2024-02-01T00:00:00.000+14:00', '2024-02-29T23:59:59.999-12:00', 'dateTime'],
      ['"2024"', '2024-01-01T00:00:00.000+14:00', '2024-12-31T23:59:59.999-12:00', 'dateTime'],
      ['"2024-02-01T10:00:00.1+01:00"', '2024-02-01T10:00:00.100+01:00', '2024-02-01T10:00:00.199+01:00', 'dateTime'],
    ];
    for (const [written, low, high, type] of cases) {
      it(written, async () => {
        const json = type === 'Quantity' ? `"valueQuantity":{"value":${written}}` : `"valueDateTime":${written}`;
        const file = join(runner.folder, 'boundary.ndjson');
        writeFileSync(file, `{"resourceType":"Observation",${json}}`);
        const path = `value.ofType(${type})${type === 'Quantity' ? '.value' : ''}`;
        const view = {
          resource: 'Observation',
          select: [{ column: [column(`${path}.lowBoundary()`), { name: 'y', path: `${path}.highBoundary()` }] }],
        };
        const { sql } = compileView(view, { source: { kind: 'ndjson', files: [file] }, dialect: 'duckdb' });
        assert.deepEqual((await (await runner.session()).query(sql)).rows, [{ x: low, y: high }]);
      });
    }
  });

  it('takes signs and dates as FHIRPath writes them', async () => {
    const patient = { resourceType: 'Patient', id: 'p' };
    const yes = [
      '1 = - -1',
      '1.5 = - - 1.5',
      '5 = -%below',
      '-1 = - - -1',
      '@2012.lowBoundary() = @2012-01-01',
      '@2012-01-31.exists()',
    ];
    for (const path of yes) {
      const view = { ...viewOf('Patient', path), constant: [{ name: 'below', valueInteger: -5 }] };
      assert.deepEqual(await values([patient], view), [true], path);
    }
  });

  it('casts by tags, and gives NULL for what a type cannot hold', async () => {
    const observation = (effectiveDateTime: string) => ({ resourceType: 'Observation', effectiveDateTime });
    const path = 'effective.ofType(dateTime)';
    const cases: [string, string, unknown][] = [
      ['2024-01-01T00:30:00+01:00', 'DATE', '2024-01-01'],
      ['2024-01', 'DATE', null],
      ['2024-01-01', 'timestamp with time zone', '2024-01-01 00:00:00+00'],
      ['2024-01-01T00:30:00+01:00', 'TIMESTAMP WITH TIME ZONE', '2023-12-31 23:30:00+00'],
      ['2024', 'TIMESTAMP WITH TIME ZONE', null],
      ['2024', 'CHARACTER VARYING(10)', '2024'],
      ['2024', 'BIGINT', '2024'],
    ];
    for (const [written, type, expected] of cases) {
      assert.equal(await value(observation(written), path, tag(type)), expected, `${written} as ${type}`);
    }
  });

  it('tells the columns before anything runs, and DuckDB agrees', async () => {
    const view = {
      resource: 'Observation',
      select: [
        {
          column: [
            { name: 'id', path: 'getResourceKey()' },
            { name: 'patient', path: 'subject.getReferenceKey(Patient)' },
            { name: 'issued', path: 'issued' },
            { name: 'amount', path: 'value.ofType(Quantity).value', ...tag('DECIMAL(12, 3)') },
            { name: 'codes', path: 'code.coding.code', collection: true },
            { name: 'exists', path: 'value.exists()' },
            { name: 'count', path: 'value.ofType(integer)' },
          ],
        },
      ],
    };
    const { columns, sql } = compile(view);
    const described = await (await runner.session()).describe(sql);
    assert.deepEqual(
      columns.map(({ name, type, collection }) => ({ name, type: collection ? `${type}[]` : type })),
      described,
    );
    assert.deepEqual(
      columns.filter(({ key }) => key).map(({ name }) => name),
      ['id', 'patient'],
    );
    assert.equal(sparkProjection(columns)[0], "regexp_replace(`id`, '^[A-Za-z]+/', '') AS `id`");
    assert.equal(sparkProjection(columns).length, columns.length);
    const [day] = sparkProjection(compile(viewOf('Patient', 'birthDate', tag('DATE'))).columns);
    assert.equal(day, 'CASE WHEN length(`x`) >= 10 THEN try_cast(left(`x`, 10) AS DATE) END AS `x`');
  });

  it('reads extensions of primitives, nulls in lists, and references of every form', async () => {
    const url = 'http://example.org/reason';
    const patient = {
      resourceType: 'Patient',
      _birthDate: { extension: [{ url, valueCode: 'masked' }] },
      name: [{ given: ['a', null, 'b'], _given: [null, { extension: [{ url, valueCode: 'unknown' }] }, null] }],
    };
    assert.equal(await value(patient, `birthDate.extension('${url}').value.ofType(code)`), 'masked');
    assert.deepEqual(await value(patient, 'name.given', { collection: true }), ['a', 'b']);
    assert.equal(await value(patient, 'name.given[1]'), 'b');
    assert.equal(await value(patient, `name.given.extension('${url}').value.ofType(code)`), 'unknown');
    const keys = {
      'Patient/p1': 'p1',
      'Patient/p1/_history/3': 'p1',
      'Organization/o1': null,
      'https://example.org/Patient/p1': null,
      'urn:uuid:6b1f8b0e-0000-4000-8000-000000000000': null,
      '#contained': null,
      'Patient?identifier=a|b/c': null,
    };
    for (const [reference, key] of Object.entries(keys)) {
      const found = await value(
        { resourceType: 'Observation', subject: { reference } },
        'subject.getReferenceKey(Patient)',
      );
      assert.equal(found, key, reference);
    }
  });

  it('reads contained resources by their type', async () => {
    const observation = {
      resourceType: 'Observation',
      contained: [
        { resourceType: 'Organization', name: 'text' },
        { resourceType: 'Patient', name: [{ family: 'list' }] },
      ],
    };
    assert.equal(await value(observation, 'contained.ofType(Patient).name.family'), 'list');
    assert.equal(await value(observation, 'contained.ofType(Organization).name'), 'text');
    assert.equal(await value(observation, 'contained.ofType(Device).exists()'), false);
  });

  it('gives one row of NULLs for an empty forEachOrNull, whatever is nested in it', async () => {
    await runner.load([{ resourceType: 'Patient', id: 'p1' }]);
    const named = (name: string, path: string) => ({ name, path });
    const rows = await runner.rows({
      resource: 'Patient',
      select: [
        { column: [named('id', 'id')] },
        {
          forEachOrNull: 'contact',
          column: [named('literal', "'A'"), named('any', 'telecom.exists()'), named('index', '%rowIndex')],
          select: [{ forEach: 'telecom', column: [named('system', 'system'), named('inner', '%rowIndex')] }],
          unionAll: [{ column: [named('u', "'one'")] }, { column: [named('u', "'two'")] }],
        },
      ],
    });
    assert.deepEqual(rows, [{ id: 'p1', literal: null, any: null, index: 0, system: null, inner: 0, u: null }]);
  });

  it('follows a repeat to the depth it promises and refuses more', async () => {
    const nested = (depth: number): object => ({
      linkId: String(depth),
      ...(depth > 1 ? { item: [nested(depth - 1)] } : {}),
    });
    const view = { resource: 'QuestionnaireResponse', select: [{ repeat: ['item'], column: [column('linkId')] }] };
    const response = (depth: number) => ({ resourceType: 'QuestionnaireResponse', item: [nested(depth)] });
    assert.equal((await values([response(64)], view)).length, 64);
    await assert.rejects(() => values([response(65)], view), { code: 'InvalidArgument' });
  });

  it('gives equal rows from NDJSON, from documents and from a text column', async () => {
    const session = await runner.session();
    const file = join(runner.folder, 'same.ndjson');
    for (let seed = 1; seed <= 40; seed += 1) {
      const dice = new Dice(seed);
      const type = dice.pick(rootTypes);
      const resources = Array.from({ length: 5 }, (_, index) => randomResource(dice, type, index));
      const view = new ViewGenerator(dice).view(type);
      await runner.load(resources);
      writeFileSync(file, resources.map((resource) => JSON.stringify(resource)).join('\n'));
      const sources: ViewSource[] = [relation, { kind: 'ndjson', files: [file] }, { kind: 'documents', files: [file] }];
      const results: string[] = [];
      for (const source of sources) {
        const { sql } = compileView(view, { source, dialect: 'duckdb' });
        const outcome = await session.query(sql).catch((error: { code: string }) => ({ rows: [error.code] }));
        results.push(JSON.stringify(outcome.rows.map((row) => JSON.stringify(row)).sort()));
      }
      assert.equal(results[1], results[0], `NDJSON, seed ${seed}`);
      assert.equal(results[2], results[0], `documents, seed ${seed}`);
    }
  });

  it('leaves out rows that a relation marks as deleted', async () => {
    const session = await runner.session();
    await session.run(
      `CREATE TABLE marked AS SELECT * FROM (VALUES (false, '{"resourceType":"Patient","id":"a"}'), (NULL, '{"resourceType":"Patient","id":"b"}'), (true, '{"resourceType":"Patient","id":"c"}')) t(deleted, resource)`,
    );
    const source: ViewSource = { kind: 'relation', name: ['main', 'marked'], deletedColumn: 'deleted' };
    const { sql } = compileView(viewOf('Patient', 'id'), { source, dialect: 'duckdb' });
    assert.deepEqual((await session.query(sql)).rows.map(({ x }) => x).sort(), ['a', 'b']);
  });

  it('compiles the example views of the ballot', function () {
    const folder = join(
      process.env.LAKE_SHARED ?? resolve(__dirname, '../../../../shared'),
      'data/sql-on-fhir/v3-ballot',
    );
    if (!existsSync(folder)) this.skip();
    const files = readdirSync(folder).filter((name) => name.startsWith('ViewDefinition-'));
    assert.ok(files.length >= 10);
    for (const file of files) {
      const columns: readonly CompiledColumn[] = compile(JSON.parse(readFileSync(join(folder, file), 'utf8'))).columns;
      assert.ok(columns.length > 0, file);
    }
  });
});
