import assert from 'node:assert/strict';
import { valueSetSql } from '../../../functions/sql-on-fhir/value-set';
import { ViewRunner } from './support/duckdb-session';

const valueSet = (more: Record<string, unknown>) => ({ resourceType: 'ValueSet', ...more });
const include = (more: Record<string, unknown>) => valueSet({ compose: { include: [{ system: 's', ...more }] } });

describe('ValueSets as relations', () => {
  const runner = new ViewRunner();
  after(() => runner.close());
  const rows = async (json: unknown) =>
    (await (await runner.session()).query(`${valueSetSql(json)} ORDER BY code`)).rows;

  it('have one row a member of an expansion, at any depth, without headings and repeats', async () => {
    const contains = [
      { system: 's', version: '1', code: 'a', display: "it's" },
      {
        system: 's',
        abstract: true,
        code: 'heading',
        contains: [
          { system: 's', code: 'b', inactive: true },
          { system: 's', version: '1', code: 'a' },
        ],
      },
    ];
    const found = await rows(valueSet({ expansion: { total: 4, contains }, compose: {} }));
    assert.deepEqual(
      found.map(({ system, version, code, inactive }) => [system, version, code, inactive]),
      [
        ['s', '1', 'a', null],
        ['s', null, 'b', true],
      ],
    );
  });

  it('have one row a concept that compose lists, and none for an empty list', async () => {
    assert.deepEqual(await rows(include({ version: '2', concept: [{ code: "a'b", display: 'A' }] })), [
      { system: 's', version: '2', code: "a'b", display: 'A', inactive: null },
    ]);
    assert.deepEqual(await rows(valueSet({ expansion: {} })), []);
  });

  it('refuse what only a terminology server can work out', () => {
    for (const json of [
      include({ filter: [{ property: 'concept', op: 'is-a', value: 'x' }] }),
      include({ valueSet: ['urn:other'] }),
      include({}),
      valueSet({ compose: { include: [], exclude: [{ system: 's' }] } }),
      valueSet({}),
      valueSet({ expansion: { total: 2, contains: [{ system: 's', code: 'the first of two pages' }] } }),
      include({ concept: [{ display: 'no code' }] }),
      { resourceType: 'CodeSystem' },
    ]) {
      assert.throws(() => valueSetSql(json), { code: 'InvalidArgument' });
    }
  });
});
