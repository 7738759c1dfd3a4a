import assert from 'node:assert/strict';
import { definitionOf, propertyOf, resourceTypes } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import { elementRules } from '../../../functions/privacy/privacy-rules';
import { splitResource } from '../../../functions/privacy/split';
import { buildResource, variantsOf } from './resource-builder';
import { contextWith } from './split-context';

/** What the types that are checked as a whole keep; stated here on its own, not read from their code. */
const wholes: Readonly<Record<string, readonly string[]>> = {
  Coding: ['system', 'version', 'code', 'userSelected'],
  Reference: ['reference', 'type'],
  Identifier: ['use', 'type', 'system', 'value', 'period', 'assigner'],
  Address: ['use', 'type', 'postalCode', 'period'],
};
const quantity = ['value', 'comparator', 'unit', 'system', 'code'];
const quantityKinds = new Set(['Quantity', 'Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity']);
const textTypes = new Set([
  'string',
  'markdown',
  'uri',
  'url',
  'canonical',
  'oid',
  'uuid',
  'id',
  'base64Binary',
  'xhtml',
]);

/** Counts the leaves the rows keep, and how many of them the clinical copy has at the same place. */
function compare(
  typeName: string,
  sent: JsonValue | undefined,
  kept: JsonValue | undefined,
  tally: { expected: number; found: number; lost: string[] },
): void {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return;
  const type = quantityKinds.has(typeName) ? 'Quantity' : typeName;
  for (const [key, value] of Object.entries(sent)) {
    const property = propertyOf(typeName, key);
    if (property === undefined || property.sibling) continue;
    const rule = elementRules.get(type)?.get(property.element.name);
    const whole = type === 'Quantity' ? quantity : wholes[type];
    if (whole === undefined ? rule === undefined : !whole.includes(key)) continue;
    const { code } = property.type;
    const isLeaf = definitionOf(code)?.kind === 'primitive';
    // A text element stays only under a treatment; the built values fit `resultWord` and the list of profiles nowhere.
    if (
      isLeaf &&
      whole === undefined &&
      textTypes.has(code) &&
      (rule?.treatment === undefined || ['resultWord', 'profile', 'birthDate', 'deceased'].includes(rule.treatment))
    )
      continue;
    // A data type without a row keeps nothing, so a choice element keeps nothing of it either.
    if (!isLeaf && wholes[code] === undefined && !quantityKinds.has(code) && !elementRules.has(code)) continue;
    const inner = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? kept[key] : undefined;
    const first = Array.isArray(value) ? value[0] : value;
    const firstKept = Array.isArray(inner) ? inner[0] : inner;
    if (isLeaf) {
      tally.expected += 1;
      if (firstKept !== undefined) tally.found += 1;
      else tally.lost.push(`${typeName}.${key}`);
    } else compare(code, first, firstKept, tally);
  }
}

describe('what the rules keep survives the split', () => {
  it('keeps at least 95 % of the kept elements of valid resources, over all types and all choices, with none in quarantine', () => {
    const total = { expected: 0, found: 0, lost: [] as string[] };
    for (const type of resourceTypes) {
      for (let variant = 0; variant < variantsOf(type); variant += 1) {
        const { resource } = buildResource(type, variant);
        const result = splitResource(resource, contextWith());
        assert.equal(result.kind, 'split', `${type}, variant ${variant}`);
        if (result.kind !== 'split') continue;
        const tally = { expected: 0, found: 0, lost: [] as string[] };
        compare(type, resource, result.clinical, tally);
        assert.ok(
          tally.found >= tally.expected * 0.95,
          `${type}, variant ${variant}: ${[...new Set(tally.lost)].join(', ')}`,
        );
        total.expected += tally.expected;
        total.found += tally.found;
        total.lost.push(...tally.lost);
      }
    }
    assert.ok(total.expected > 25_000, `only ${total.expected} elements compared`);
    assert.ok(
      total.found >= total.expected * 0.99,
      `${total.found} of ${total.expected}: ${[...new Set(total.lost)].join(', ')}`,
    );
  }).timeout(30_000);

  it('keeps the clinical content of an observation letter for letter', () => {
    const sent: JsonObject = {
      resourceType: 'Observation',
      id: '1',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
      effectiveDateTime: '2024-05-06T07:08:09+01:00',
      valueQuantity: {
        value: JSON.rawJSON('72.50') as unknown as JsonValue,
        unit: 'mm[Hg]',
        system: 'http://unitsofmeasure.org',
        code: 'mm[Hg]',
      },
      interpretation: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'H' }] },
      ],
    };
    const result = splitResource(sent, contextWith());
    assert.equal(result.kind, 'split');
    if (result.kind !== 'split') return;
    const { id: _id, ...clinical } = result.clinical;
    const { id: _sentId, ...expected } = sent;
    assert.equal(JSON.stringify(clinical.valueQuantity).includes('72.50'), true);
    assert.deepEqual(JSON.parse(JSON.stringify(clinical)), JSON.parse(JSON.stringify(expected)));
    assert.equal(result.clinicalDate, '2024-05-06T07:08:09+01:00');
  });
});
