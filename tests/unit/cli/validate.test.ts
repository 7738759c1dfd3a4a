import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeError } from '../../../adapters/ports/errors';
import type { Options } from '../../../functions/cli/verb';
import { validateVerb } from '../../../functions/cli/verbs/validate';

const ukPatient = 'https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient';
const nhs = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018' };

describe('lake validate', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lake-validate-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  async function run(positionals: readonly string[], options: Options = {}): Promise<{ code: number; out: string }> {
    let out = '';
    const code = await validateVerb.run({
      positionals,
      options: { data: join(folder, 'lake'), ...options },
      json: options.json === true,
      terminal: { out: (text) => (out += text), error: () => undefined, interactive: false },
    });
    return { code, out: out.replaceAll(folder, '') };
  }

  it('says of each file and each line whether it is valid, and where not', async () => {
    const patient = file('patient.json', JSON.stringify({ resourceType: 'Patient', gender: 'female' }));
    const lines = [{ resourceType: 'Patient' }, { resourceType: 'Patient', gender: 'SECRET' }];
    const many = file('many.ndjson', `${JSON.stringify(lines[0])}\r\n\n${JSON.stringify(lines[1])}\n[]`);
    const { code, out } = await run([patient, many]);
    assert.equal(code, 1);
    assert.deepEqual(out.match(/^\S+ (?:valid|\d+ errors?)$/gm), [
      '/patient.json valid',
      '/many.ndjson:1 valid',
      '/many.ndjson:3 1 error',
      '/many.ndjson:4 1 error',
    ]);
    assert.match(out, /error Patient\.gender .*female, male, other, unknown/);
    assert.ok(!out.includes('SECRET'));
    assert.equal((await run([patient])).code, 0);
  });

  it('gives an OperationOutcome for each resource as machine output', async () => {
    const many = file('many.ndjson', '{"resourceType":"Patient"}\n\n{"resourceType":"Patient","active":1.00}');
    const { out } = await run([many], { json: true });
    const rows = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      rows.map(({ index, outcome }) => [index, outcome.resourceType, outcome.issue[0].severity]),
      [
        [0, 'OperationOutcome', 'information'],
        [2, 'OperationOutcome', 'error'],
      ],
    );
  });

  it('refuses what is no JSON and no UTF-8, also on a line', async () => {
    const broken = Buffer.concat([
      Buffer.from('{"resourceType":"Patient","id":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    for (const name of ['broken.json', 'broken.ndjson']) {
      const { code, out } = await run([file(name, broken)]);
      assert.equal(code, 1);
      assert.match(out, /UTF-8/);
    }
  });

  it('knows UK Core, a profile asked for, and packages of the lake and of the call', async () => {
    const twice = file('twice.json', JSON.stringify({ resourceType: 'Patient', identifier: [nhs, nhs] }));
    assert.equal((await run([twice])).code, 0);
    assert.equal((await run([twice], { profile: ukPatient })).code, 1);
    const own = { url: 'https://example.org/StructureDefinition/named', type: 'Patient', derivation: 'constraint' };
    const element = [{ id: 'Patient.name', path: 'Patient.name', min: 1 }];
    const definition = JSON.stringify({ resourceType: 'StructureDefinition', ...own, differential: { element } });
    for (const [place, options] of [
      [join(folder, 'other'), { package: join(folder, 'other') }],
      [join(folder, 'lake', 'packages', 'own'), {}],
    ] as const) {
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'StructureDefinition-named.json'), definition);
      const { code, out } = await run([twice], { profile: own.url, ...options });
      assert.equal(code, 1, out);
      assert.match(out, /error Patient\.name/);
    }
  });

  it('says which file is not there', async () => {
    await assert.rejects(run([join(folder, 'none.json')]), (error) => error instanceof LakeError);
    await assert.rejects(run([join(folder, 'none.ndjson')]), /none\.ndjson is not there/);
    await assert.rejects(run([]), /at least one file/);
  });
});
