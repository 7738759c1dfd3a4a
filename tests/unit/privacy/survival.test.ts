import assert from 'node:assert/strict';
import { resourceTypes } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import { splitResource } from '../../../functions/privacy/split';
import { tallyKept } from '../../support/kept-elements';
import { buildResource, variantsOf } from './resource-builder';
import { contextWith } from './split-context';

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
        tallyKept(type, resource, result.clinical, tally);
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
  });

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
