import assert from 'node:assert/strict';
import { resourceTypes } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import { splitResource } from '../../../functions/privacy/split';
import { sweepsWhole } from '../../support/sweeps';
import { buildResource, variantsOf } from './resource-builder';
import { contextWith } from './split-context';

/** A made-up surname and a valid NHS number stand for what must never come through. */
const marker = 'ZZMARKER-JONES';
const digits = '9434765919';
const base64 = Buffer.from(marker).toString('base64');
const hex = Buffer.from(marker).toString('hex');
const spacedDigits = new RegExp([...digits].join('[^0-9]*'));
const forms = [
  marker,
  'zzmarkerjones',
  digits,
  '943 476 5919',
  base64,
  hex,
  `http://hl7.org/fhir/${marker}`,
  `urn:oid:1.2.${digits}`,
  `#${marker}`,
  `Patient/${marker}`,
  `2021-03-04 ${marker}`,
  `{${marker}}`,
  `1.0 ${digits}`,
];

/** Every form for each element (`npm run test:sweeps`), or every third, so that three elements of a type have had them all. */
const formsOf = (element: number): readonly string[] =>
  sweepsWhole ? forms : forms.filter((_, index) => index % 3 === element % 3);

/** Looks in the output as a stranger would: folded case, and digits whatever stands between them, string by string. */
function leaks(output: unknown): boolean {
  const folded = JSON.stringify(output).toLowerCase();
  if (folded.includes('zzmarker') || folded.includes(hex) || folded.includes(base64.slice(0, 12).toLowerCase()))
    return true;
  // Whatever stands between digits of one string stands between them in the whole text as well, unless an escape brings digits.
  if (!folded.includes('\\u') && !spacedDigits.test(folded)) return false;
  const numeric = (value: unknown): boolean => {
    if (typeof value === 'string' || typeof value === 'number') return spacedDigits.test(String(value));
    return typeof value === 'object' && value !== null && Object.values(value).some(numeric);
  };
  return numeric(output);
}

/** Everything that leaves the split except the identity record: clinical copy, labels, report, quarantine reasons. */
function outside(resource: JsonObject): unknown {
  const result = splitResource(resource, contextWith());
  return result.kind === 'split' ? { ...result, identity: undefined } : result;
}

describe('marker fuzz of the privacy split', () => {
  it('finds a planted marker in every form, so that a clean search means something', () => {
    for (const form of forms) assert.ok(leaks({ clinical: { value: [form] } }), 'the search misses a form');
    assert.ok(leaks({ value: Number(digits) }));
    assert.equal(leaks({ value: 'Asthma', count: 3 }), false);
  });

  it('lets no marker through from any single string of any resource type', () => {
    let tried = 0;
    let quarantined = 0;
    for (const type of resourceTypes) {
      const seen = new Set<string>();
      for (let variant = 0; variant < variantsOf(type); variant += 1) {
        const { resource, leaves } = buildResource(type, variant);
        for (const leaf of leaves) {
          if (seen.has(leaf.element)) continue;
          seen.add(leaf.element);
          const parent = leaf.parent as Record<string | number, JsonValue>;
          const before = parent[leaf.key] as JsonValue;
          for (const form of formsOf(seen.size)) {
            parent[leaf.key] = form;
            const output = outside(resource);
            tried += 1;
            if ((output as { kind: string }).kind === 'quarantine') quarantined += 1;
            assert.equal(leaks(output), false, `${leaf.path} (${leaf.type}) lets form ${forms.indexOf(form)} through`);
          }
          parent[leaf.key] = before;
        }
      }
    }
    assert.ok(tried > (sweepsWhole ? 50_000 : 15_000), 'too few leaves tried for the result to mean anything');
    assert.ok(quarantined < tried / 10, 'a split that quarantines everything proves nothing');
  }).timeout(60_000);

  it('lets no marker through when every string of a resource carries one', () => {
    for (const type of resourceTypes) {
      for (const form of [marker, digits, base64]) {
        const { resource, leaves } = buildResource(type, 0);
        for (const leaf of leaves) (leaf.parent as Record<string | number, JsonValue>)[leaf.key] = form;
        assert.equal(leaks(outside(resource)), false, type);
      }
    }
  });

  it('lets no marker through when only what decides over quarantine is left valid', () => {
    for (const type of resourceTypes) {
      for (const form of [marker, digits, hex]) {
        const { resource, leaves } = buildResource(type, 1);
        for (const leaf of leaves) {
          if (leaf.type !== 'code' && leaf.type !== 'id')
            (leaf.parent as Record<string | number, JsonValue>)[leaf.key] = form;
        }
        // An address or a modifier concept lost is quarantine as well: clean either way.
        assert.equal(leaks(outside(resource)), false, type);
      }
    }
  });

  it('keeps markers out of extensions, contained resources, unknown elements and their names', () => {
    const person = {
      resourceType: 'Patient',
      id: marker,
      name: [{ family: marker }],
      identifier: [{ system: marker, value: digits }],
    };
    const resource: JsonObject = {
      resourceType: 'Observation',
      id: marker,
      status: 'final',
      [marker]: marker,
      contained: [person, { resourceType: 'Practitioner', id: 'p', name: [{ text: marker }] }],
      extension: [
        { url: marker, valueString: marker },
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory',
          valueString: marker,
          [marker]: marker,
        },
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-LegalStatus',
          extension: [{ url: marker, valueCode: marker }],
        },
      ],
      _status: { id: marker, extension: [{ url: marker, valueString: marker }] },
      subject: { reference: `#${marker}`, display: marker, identifier: { system: marker, value: digits } },
      code: {
        text: marker,
        [marker]: marker,
        coding: [{ system: 'http://loinc.org', code: '8480-6', display: marker, [marker]: 1 }],
      },
      text: { status: 'generated', div: `<div>${marker}</div>` },
      language: marker,
    };
    const output = outside(resource);
    assert.equal((output as { kind: string }).kind, 'split');
    assert.equal(leaks(output), false);
    assert.equal(leaks(outside({ ...resource, modifierExtension: [{ url: marker, valueString: marker }] })), false);
    assert.equal(leaks(outside({ ...resource, implicitRules: marker })), false);
    assert.equal(leaks(outside({ ...resource, resourceType: marker })), false);
  });
});
