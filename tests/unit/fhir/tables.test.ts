import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from 'fhirpath';
import { codesOf, definitionOf, isPrimitiveCode, propertyOf, resourceTypes } from '../../../functions/fhir/definitions';
import { readDefinitions } from '../../../functions/fhir/generator/read-package';
import { fhirpathModel } from '../../../functions/fhir/invariants/fhirpath-model';

interface RawElement {
  readonly path: string;
  readonly constraint?: readonly { readonly key: string; readonly expression: string; readonly source?: string }[];
}

const root = join(__dirname, '..', '..', '..');
const source = join(process.env.LAKE_SHARED ?? join(root, '..', 'shared'), 'data', 'r4-core', 'r4-core-4.0.1.tgz');

describe('R4 tables', () => {
  it('hold the 146 concrete resource types, none abstract, in order', () => {
    assert.equal(resourceTypes.length, 146);
    assert.deepEqual([...resourceTypes], [...resourceTypes].sort());
    assert.ok(!resourceTypes.includes('DomainResource') && !resourceTypes.includes('Resource'));
  });

  it('know the types of every element, backbones and content references included', () => {
    for (const type of resourceTypes) {
      const visit = (name: string, depth: number): void => {
        for (const { types } of definitionOf(name)!.elements.values()) {
          assert.ok(types.length > 0, name);
          for (const { code } of types) {
            assert.ok(definitionOf(code) !== undefined || code === 'Resource', code);
            if (code.includes('.') && depth < 8) visit(code, depth + 1);
          }
        }
      };
      visit(type, 0);
    }
    assert.equal(definitionOf('Questionnaire.item')?.elements.get('item')?.types[0]?.code, 'Questionnaire.item');
  });

  it('resolve JSON names: choices, siblings, unknown ones', () => {
    assert.equal(propertyOf('Observation', 'valueQuantity')?.type.code, 'Quantity');
    assert.equal(propertyOf('Patient', '_birthDate')?.sibling, true);
    assert.equal(propertyOf('Patient', 'id')?.type.code, 'id');
    assert.equal(propertyOf('Extension', 'url')?.type.code, 'uri');
    for (const name of ['valueMoney', '_name', 'constructor', '__proto__', 'hasOwnProperty'])
      assert.equal(propertyOf('Patient', name), undefined);
    assert.equal(definitionOf('constructor'), undefined);
    assert.ok(isPrimitiveCode('string') && !isPrimitiveCode('Patient.contact'));
  });

  it('hold the codes of required value sets', () => {
    assert.deepEqual(codesOf('http://hl7.org/fhir/ValueSet/administrative-gender'), [
      ['http://hl7.org/fhir/administrative-gender', ['female', 'male', 'other', 'unknown']],
    ]);
    assert.equal(codesOf('http://hl7.org/fhir/ValueSet/mimetypes'), undefined);
  });

  it('hold every invariant of the definitions, each of which can be asked', function () {
    if (!existsSync(source)) {
      process.stderr.write('skipped: the R4 definitions are not there (LAKE_SHARED)\n');
      this.skip();
    }
    const ours = new Map<string, ReadonlySet<string>>();
    const keysOf = (name: string): ReadonlySet<string> => {
      const definition = definitionOf(name);
      const rows = [...(definition?.elements.values() ?? [])].flatMap(({ constraints }) => constraints);
      return new Set([...(definition?.constraints ?? []), ...rows].map(([key]) => key));
    };
    const missing: string[] = [];
    let asked = 0;
    for (const definition of readDefinitions(source).definitions) {
      if (definition.resourceType !== 'StructureDefinition' || definition.derivation === 'constraint') continue;
      if (definition.kind === 'logical' || definition.kind === 'primitive-type') continue;
      const { type, snapshot } = definition as unknown as {
        readonly type: string;
        readonly snapshot: { readonly element: readonly RawElement[] };
      };
      for (const { path, constraint = [] } of snapshot.element) {
        // What an element has from its type is asked of the type.
        for (const { key, expression, source: from } of constraint) {
          if (from !== undefined && !from.endsWith(`/${type}`)) continue;
          asked += 1;
          const parent = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : path;
          const found = [path, parent].some((name) => {
            if (!ours.has(name)) ours.set(name, keysOf(name));
            return ours.get(name)!.has(key);
          });
          if (!found) missing.push(`${path} ${key}`);
          assert.doesNotThrow(() => compile({ base: path, expression }, fhirpathModel(), { async: false }), key);
        }
      }
    }
    assert.deepEqual(missing, []);
    assert.ok(asked > 200, `${asked} invariants`);
  });

  it('are made byte for byte again from the definitions', function () {
    if (!existsSync(source)) {
      process.stderr.write('skipped: the R4 definitions are not there (LAKE_SHARED)\n');
      this.skip();
    }
    const out = mkdtempSync(join(tmpdir(), 'fhir-tables-'));
    try {
      const run = spawnSync(
        process.execPath,
        [
          '-r',
          join(root, 'functions', 'cli', 'typescript.js'),
          'functions/fhir/generator/index.ts',
          '--source',
          source,
          '--out',
          out,
        ],
        { cwd: root, encoding: 'utf8' },
      );
      assert.equal(run.status, 0, run.stderr);
      for (const name of ['r4-tables.ts', 'uk-core-tables.ts']) {
        const carried = readFileSync(join(root, 'functions', 'fhir', 'tables', name));
        assert.ok(readFileSync(join(out, name)).equals(carried), name);
      }
    } finally {
      rmSync(out, { recursive: true });
    }
  });
});
