import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runView } from '../../../functions/sql-on-fhir/run-view';
import { ViewRunner } from './support/duckdb-session';

const patient = (id: string) => ({ resourceType: 'Patient', id, name: [{ family: `family ${id}` }] });
const organisation = { resourceType: 'Organization', id: 'o1', name: 'a text where a Patient has a list' };

describe('runView', () => {
  const runner = new ViewRunner();
  after(() => runner.close());

  const write = (name: string, content: string): string => {
    const file = join(runner.folder, name);
    writeFileSync(file, content);
    return file;
  };
  const lines = (resources: readonly unknown[]) => resources.map((resource) => JSON.stringify(resource)).join('\n');
  const view = {
    resource: 'Patient',
    select: [
      {
        column: [
          { name: 'id', path: 'getResourceKey()' },
          { name: 'family', path: 'name.family.first()' },
        ],
      },
    ],
  };
  const ids = async (files: string[], definition: unknown = view): Promise<unknown[]> =>
    (await runView(definition, files, runner.engine)).rows.map(({ id }) => id).sort();

  it('reads NDJSON, mixed types, Bundles, arrays and single resources together', async () => {
    const files = [
      write('plain.ndjson', lines([patient('a'), patient('b')])),
      write('mixed.ndjson', `${lines([organisation, patient('c')])}\r\n\n`),
      write(
        'bundle.json',
        JSON.stringify({ resourceType: 'Bundle', entry: [{ resource: patient('d') }, { fullUrl: 'x' }] }, null, 2),
      ),
      write('bundles.ndjson', lines([{ resourceType: 'Bundle', entry: [{ resource: patient('e') }] }])),
      write('array.json', JSON.stringify([patient('f'), organisation], null, 1)),
      write('one.json', JSON.stringify(patient('g'), null, 2)),
    ];
    assert.deepEqual(await ids(files), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    for (const [index, expected] of [['a', 'b'], ['c'], ['d'], ['e'], ['f'], ['g']].entries()) {
      assert.deepEqual(await ids([files[index]!]), expected);
    }
  });

  it('shows Bundles themselves to a view of Bundles', async () => {
    const file = write(
      'itself.json',
      JSON.stringify({ resourceType: 'Bundle', id: 'b1', entry: [{ resource: patient('x') }] }),
    );
    const bundles = {
      resource: 'Bundle',
      select: [
        { column: [{ name: 'id', path: 'id' }] },
        { forEach: 'entry.resource.ofType(Patient)', column: [{ name: 'family', path: 'name.first().family' }] },
      ],
    };
    const { rows } = await runView(bundles, [file], runner.engine);
    assert.deepEqual(rows, [{ id: 'b1', family: 'family x' }]);
  });

  it('takes file names with the characters of a glob or a quote as they are', async () => {
    const file = write("it's [1]*?.ndjson", lines([patient('q')]));
    write("it's 1xy.ndjson", lines([patient('wrong')]));
    assert.deepEqual(await ids([file]), ['q']);
  });

  it('keeps every digit and zero of a decimal as text or in a wide DECIMAL', async () => {
    const file = write(
      'decimals.ndjson',
      ['1.50', '0.10000000000000000001', '1e3', '-0.0', '12345678901234567.5', '7']
        .map((value, index) => {
          const note = JSON.stringify('"value": 9.90, "low": 1.10 \\" value":2.20');
          return `{"resourceType":"Observation","id":"${index}","note":[{"text":${note}}],"valueQuantity":{"unit": "value","value" : ${value}}}`;
        })
        .join('\n'),
    );
    const column = (type?: string) => ({
      name: 'value',
      path: 'value.ofType(Quantity).value',
      ...(type === undefined ? {} : { tag: [{ name: 'ansi/type', value: type }] }),
    });
    const values = async (type?: string): Promise<unknown[]> => {
      const definition = {
        resource: 'Observation',
        select: [{ column: [{ name: 'id', path: 'id' }, { name: 'note', path: 'note.text' }, column(type)] }],
      };
      const { rows } = await runView(definition, [file], runner.engine);
      assert.ok(
        rows.every(({ note }) => note === '"value": 9.90, "low": 1.10 \\" value":2.20'),
        'texts stay whole',
      );
      return rows.toSorted((a, b) => Number(a.id) - Number(b.id)).map(({ value }) => value);
    };
    assert.deepEqual(await values(), ['1.50', '0.10000000000000000001', '1e3', '-0.0', '12345678901234567.5', '7']);
    assert.deepEqual((await values('DECIMAL(38, 20)')).slice(0, 2), [
      '1.50000000000000000000',
      '0.10000000000000000001',
    ]);
    assert.deepEqual((await values('DECIMAL(15, 2)')).slice(0, 3), ['1.50', '0.10', '1000.00']);
    assert.deepEqual((await values('DOUBLE PRECISION')).slice(2), [1000, -0, Number('12345678901234567.5'), 7]);
  });

  it('names a fault of the view before it opens a file, and a broken or missing file without its content', async () => {
    await assert.rejects(() => runView({ resource: 'Patient' }, ['/nowhere'], runner.engine), {
      code: 'InvalidArgument',
      message: /^select: /,
    });
    const broken = write('broken.ndjson', '{"resourceType":"Patient","id":"MARKER-1"\n{"x');
    await assert.rejects(
      () => runView(view, [broken], runner.engine),
      (error: Error & { code?: string }) => error.code === 'InvalidArgument' && !error.message.includes('MARKER'),
    );
    await assert.rejects(() => runView(view, [join(runner.folder, 'missing.ndjson')], runner.engine), {
      name: 'LakeError',
    });
  });
});
