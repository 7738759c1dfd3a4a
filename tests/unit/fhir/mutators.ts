import { codesOf, definitionOf, propertyOf, resourceTypes } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import { elementOf, first, isList, isPrimitive, type Mutant, type Mutator, put, sitesOf } from './fault-sites';
import { ruleMutators } from './rule-mutators';
import { keyOf, type Pick } from './sample-builder';
import { wholeMutantsOf } from './whole-mutants';

const badTexts: Readonly<Record<string, readonly JsonValue[]>> = {
  date: ['2023-02-30', '2024-13-01', '25/12/1974', '2024-1-1', '0000-01-01'],
  dateTime: ['2023-02-29', '2024-03-01T10:00:00', '2024-03-01T10:00Z', '2024-03-01T24:00:00Z', '2024-03-01 10:00:00Z'],
  instant: ['2024-03-01', '2024-03-01T10:00Z', '2024-02-30T10:00:00Z'],
  time: ['25:00:00', '10:00', '10:61:00'],
  id: ['has space', 'under_score', 'x'.repeat(65)],
  code: [' lead', 'two  spaces', 'trail '],
  uri: ['has space'],
  url: ['has space'],
  canonical: ['has space'],
  oid: ['1.2.3', 'urn:oid:3.1'],
  uuid: ['urn:uuid:zz', 'c757873d-ec9a-4326-a141-556f43239520'],
  base64Binary: ['a', 'a===', '!!!!'],
  positiveInt: [0, -1, 1.5],
  unsignedInt: [-1, 2147483648, 0.5],
  integer: [1.5, 2147483648, -2147483649],
  string: ['', '\f'],
  markdown: [''],
};

function mutatorsWith(pick: Pick): Readonly<Record<string, Mutator>> {
  return {
    'unknown element': (site) => {
      site.owner.surelyUnknown = 'word';
      return { code: 'structure', expression: site.ownerPath };
    },
    'unknown element of the object prototype': (site) => {
      Object.assign(site.owner, { constructor: 'word' });
      return { code: 'structure', expression: site.ownerPath };
    },
    'object for a primitive': (site) => {
      if (!isPrimitive(site.type)) return undefined;
      put(site, { value: 'word' });
      return { code: 'structure', expression: first(site.path, site) };
    },
    'text for an object': (site) => {
      if (isPrimitive(site.type)) return undefined;
      put(site, 'word');
      return { code: 'structure', expression: first(site.path, site) };
    },
    'wrong kind of primitive': (site) => {
      if (!isPrimitive(site.type)) return undefined;
      const value = Array.isArray(site.owner[site.key])
        ? (site.owner[site.key] as JsonValue[])[0]
        : site.owner[site.key];
      put(site, typeof value === 'string' ? 7 : String(value));
      return { code: 'structure', expression: first(site.path, site) };
    },
    'null value': (site) => {
      put(site, null);
      return { code: 'structure', expression: first(site.path, site) };
    },
    'empty list': (site) => {
      if (!isList(site)) return undefined;
      site.owner[site.key] = [];
      return { code: 'structure', expression: site.path };
    },
    'empty object': (site) => {
      if (isPrimitive(site.type)) return undefined;
      put(site, {});
      return { code: 'structure', expression: first(site.path, site) };
    },
    'object of an id alone': (site) => {
      if (isPrimitive(site.type) || site.type === 'Resource') return undefined;
      put(site, { id: 'a' });
      return { code: 'invariant', expression: first(site.path, site) };
    },
    'one value for a list': (site) => {
      if (!isList(site)) return undefined;
      site.owner[site.key] = (site.owner[site.key] as JsonValue[])[0]!;
      return { code: 'structure', expression: site.path };
    },
    'list for one value': (site) => {
      if (isList(site)) return undefined;
      site.owner[site.key] = [site.owner[site.key]!];
      return { code: 'structure', expression: site.path };
    },
    'required element missing': (site) => {
      const { name, min } = elementOf(site);
      // Without its last element an object is empty, which is another fault.
      if (min === 0 || Object.keys(site.owner).length === 1) return undefined;
      delete site.owner[site.key];
      return { code: 'required', expression: `${site.ownerPath}.${name}` };
    },
    'two types of a choice': (site) => {
      const element = elementOf(site);
      const other = element.types.find(
        ({ code }) => code !== site.type && (code === 'string' || code === 'Period' || code === 'dateTime'),
      );
      if (!element.choice || other === undefined) return undefined;
      const value = other.code === 'Period' ? { start: '2024' } : other.code === 'string' ? 'word' : '2024';
      site.owner[keyOf(element, other.code)] = value;
      return { code: 'structure', expression: `${site.ownerPath}.${element.name}` };
    },
    'code outside a required value set': (site) => {
      const { binding } = elementOf(site);
      if (binding?.strength !== 'required' || codesOf(binding.valueSet) === undefined) return undefined;
      const coding = { system: 'http://example.org/system', code: 'surely-unknown' };
      if (site.type === 'code' || site.type === 'string' || site.type === 'uri') put(site, 'surely-unknown');
      else if (site.type === 'Coding') put(site, coding);
      else if (site.type === 'CodeableConcept') put(site, { coding: [coding] });
      else return undefined;
      return { code: 'code-invalid', expression: first(site.path, site) };
    },
    'bad format': (site) => {
      const texts = badTexts[site.type];
      if (texts === undefined) return undefined;
      put(site, texts[pick(texts.length)]!);
      return { code: 'value', expression: first(site.path, site) };
    },
    'reference to a type not allowed': (site) => {
      const targets = propertyOf(site.ownerType, site.key)!.type.targets;
      if (site.type !== 'Reference' || targets === undefined || targets.includes('Resource')) return undefined;
      const wrong = resourceTypes.filter((type) => !targets.includes(type));
      put(site, { reference: `${wrong[pick(wrong.length)]}/a-1` });
      return { code: 'value', expression: first(site.path, site) };
    },
    'reference in no form': (site) => {
      if (site.type !== 'Reference') return undefined;
      put(site, { reference: ['Nothing/1', 'just-a-word', 'Patient/', 'Patient/a b'][pick(4)]! });
      return { code: 'value', expression: `${first(site.path, site)}.reference` };
    },
    'reference to a contained resource that is not there': (site) => {
      if (site.type !== 'Reference') return undefined;
      put(site, { reference: '#nowhere' });
      return { code: 'invariant', expression: `${first(site.path, site)}.reference` };
    },
    'sibling of an object': (site) => {
      if (isPrimitive(site.type)) return undefined;
      site.owner[`_${site.key}`] = { id: 'a' };
      return { code: 'structure', expression: site.ownerPath };
    },
    'sibling with an unknown element': (site) => {
      if (!isPrimitive(site.type) || definitionOf(site.ownerType)?.kind === 'primitive') return undefined;
      if (propertyOf(site.ownerType, `_${site.key}`) === undefined) return undefined;
      const half = { surelyUnknown: 'word' };
      site.owner[`_${site.key}`] = isList(site) ? [half] : half;
      return { code: 'structure', expression: first(site.path, site) };
    },
    'sibling list of another length': (site) => {
      if (!isPrimitive(site.type) || !isList(site)) return undefined;
      site.owner[`_${site.key}`] = [null, { extension: [{ url: 'http://example.org/a', valueString: 'word' }] }];
      return { code: 'structure', expression: site.path };
    },
    'extension with neither value nor extensions': (site) => {
      if (isPrimitive(site.type) || definitionOf(site.type)?.elements.has('extension') !== true || isList(site))
        return undefined;
      (site.owner[site.key] as JsonObject).extension = [{ url: 'http://example.org/a' }];
      return { code: 'invariant', expression: `${site.path}.extension[0]` };
    },
    'unknown modifier extension': (site) => {
      if (!definitionOf(site.ownerType)!.elements.has('modifierExtension')) return undefined;
      site.owner.modifierExtension = [{ url: 'http://example.org/a', valueBoolean: true }];
      return { code: 'extension', expression: `${site.ownerPath}.modifierExtension[0]` };
    },
    'active narrative': (site) => {
      if (site.type !== 'xhtml') return undefined;
      const faults = [
        '<script>alert(1)</script>',
        '<p onclick="x()">a</p>',
        '<a href="javascript:x()">a</a>',
        '<form>a</form>',
        '<iframe src="http://example.org">a</iframe>',
        '<p>open',
        '<p>&undefined-entity;</p>',
        'a & b',
      ];
      put(site, `<div xmlns="http://www.w3.org/1999/xhtml">${faults[pick(faults.length)]}</div>`);
      return { code: 'invalid', expression: first(site.path, site) };
    },
    ...ruleMutators,
  };
}

export const mutatorKinds: readonly string[] = Object.keys(mutatorsWith(() => 0));

/** Every kind of fault at one picked site of a resource, and those of the whole, each in a copy of its own. */
export function mutantsOf(resource: JsonObject, pick: Pick): Mutant[] {
  const type = String(resource.resourceType);
  const atSites = mutatorKinds.flatMap((kind) => {
    const order = sitesOf(resource, type, type).map((_, index) => index);
    for (let tries = 0; order.length > 0 && tries < 40; tries += 1) {
      const [index] = order.splice(pick(order.length), 1);
      const copy = structuredClone(resource);
      const site = sitesOf(copy, type, type)[index!]!;
      const expected = mutatorsWith(pick)[kind]!(site);
      if (expected !== undefined) return [{ kind, resource: copy, ...expected }];
    }
    return [];
  });
  return [...atSites, ...wholeMutantsOf(resource, pick)];
}
