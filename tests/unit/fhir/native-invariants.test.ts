import assert from 'node:assert/strict';
import { definitionOf, resourceTypes } from '../../../functions/fhir/definitions';
import { verdictOf } from '../../../functions/fhir/invariants/fhirpath-invariants';
import { nativeInvariantKeys } from '../../../functions/fhir/invariants/native-invariants';
import type { JsonObject } from '../../../functions/fhir/json';
import { type Constraint, typeCheckOf } from '../../../functions/fhir/type-check';
import { sampleObject, seededPick } from './sample-builder';

/** Where we mean something else than the published text, and why. */
const deliberate: Readonly<Record<string, string>> = {
  'app-4': "the text says 'no-show', the value set 'noshow'",
  'ctm-1': 'the text needs resolve(), which reads another resource',
  'rng-2': 'quantities in different units give nothing in FHIRPath, which is no fault of the range',
  'que-7': 'the text tests for System.Boolean, which a FHIR boolean is not in this engine',
  'que-12': 'the sentence says more than one, the expression more than two; HAPI follows the sentence too',
  'ras-2': 'without a probability the text gives nothing, and nothing is asked',
  'md-1': 'without a max the text gives nothing, and nothing is asked',
};

/** All written-out invariants by `key@base`, with the type names below a starting type followed. */
function nativeConstraints(): Map<string, Constraint> {
  const found = new Map<string, Constraint>();
  const visited = new Set<string>();
  const visit = (type: string): void => {
    if (visited.has(type) || definitionOf(type) === undefined) return;
    visited.add(type);
    const check = typeCheckOf(type);
    const note = (one: Constraint): void => {
      if (one.check !== undefined && !found.has(`${one.key}@${one.base}`)) found.set(`${one.key}@${one.base}`, one);
    };
    check.constraints.forEach(note);
    for (const property of check.properties.values()) {
      if (property.kind === 'sibling') continue;
      property.constraints.forEach(note);
      visit(property.type.code);
    }
  };
  resourceTypes.forEach(visit);
  return found;
}

describe('written-out invariants', () => {
  const constraints = [...nativeConstraints().values()];

  it('are all used by a type of R4', () => {
    const used = new Set(constraints.flatMap(({ key, base }) => [key, `${key}@${base}`]));
    assert.deepEqual(
      nativeInvariantKeys.filter((key) => !used.has(key)),
      [],
    );
  });

  it('say the same as the published FHIRPath on samples that hold and samples that fail', () => {
    const differing = new Map<string, JsonObject>();
    let failing = 0;
    let holding = 0;
    for (const constraint of constraints) {
      const { key, base, check } = constraint;
      if (key in deliberate || /^[a-z]/.test(base)) continue;
      // The shared data types carry most rules and are sampled more; a resource costs the FHIRPath engine more.
      const pick = seededPick(base.length * 7919 + key.length * 31 + 1);
      for (let round = 0; round < 40; round += 1) {
        const value = {
          ...(/^[A-Z][A-Za-z]+$/.test(base) && resourceTypes.includes(base) ? { resourceType: base } : {}),
          ...sampleObject(base, pick, round % 2 === 0 ? 35 : 70, 3),
        };
        const native = check!(value);
        const published = verdictOf({ constraint, value, resource: value, rootResource: value, expression: base });
        assert.notEqual(published, 'undecided', `${key} on ${base} could not be evaluated`);
        if (native) holding += 1;
        else failing += 1;
        if (native !== (published === 'holds')) differing.set(`${key}@${base}`, value);
      }
    }
    assert.deepEqual([...differing.keys()], []);
    assert.ok(holding > 1000 && failing > 500, `${holding} hold, ${failing} fail`);
  });
});
