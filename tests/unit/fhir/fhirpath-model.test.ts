import assert from 'node:assert/strict';
import type { Model } from 'fhirpath';
import { fhirpathModel } from '../../../functions/fhir/invariants/fhirpath-model';

const published = require('fhirpath/fhir-context/r4') as Model;

/** R4B's abstract resource, two profiles and an extension of R4's own definition of a definition: no types of R4. */
const foreign = /^(MetadataResource|MoneyQuantity|SimpleQuantity|ElementDefinition\.extension)\b/;

const without = <Value>(table: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(table).filter(([path]) => !foreign.test(path)));

describe('the model of R4 that FHIRPath is given', () => {
  const model = fhirpathModel();

  for (const table of [
    'path2Type',
    'path2TypeWithoutElements',
    'type2Parent',
    'choiceTypePaths',
    'pathsDefinedElsewhere',
  ] as const) {
    it(`says in ${table} what the library's own says`, () => {
      assert.ok(Object.keys(model[table]).length > 50);
      assert.deepEqual(without<unknown>(model[table]), without<unknown>(published[table]));
    });
  }

  it('names the targets of references, in whatever order', () => {
    const sorted = (table: Model['path2RefType']) =>
      Object.fromEntries(
        Object.entries(table)
          .filter(([path, targets]) => targets.length > 0 && !foreign.test(path))
          .map(([path, targets]) => [path, targets.toSorted()]),
      );
    assert.deepEqual(sorted(model.path2RefType), sorted(published.path2RefType));
  });

  it('names what repeats, and also what repeats by the definition of another path', () => {
    const mine = new Set(Object.keys(model.path2Repeating));
    const missing = Object.keys(without(published.path2Repeating)).filter((path) => !mine.has(path));
    assert.deepEqual(missing, []);
    for (const path of Object.keys(without(model.path2Repeating)))
      assert.ok(published.path2Repeating[path] === true || model.pathsDefinedElsewhere[path] !== undefined, path);
  });
});
