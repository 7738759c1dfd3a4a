import { definitionOf } from '../../../functions/fhir/definitions';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import type { Mutant } from './fault-sites';
import { type Pick, sampleObject } from './sample-builder';

const isDomain = (type: string): boolean => definitionOf(type)!.elements.has('contained');

/** Faults of contained resources (dom-2 to dom-5), each in a copy of a resource that refers to what it contains. */
function containedMutants(resource: JsonObject): Mutant[] {
  const type = String(resource.resourceType);
  if (!isDomain(type)) return [];
  const basic: JsonObject = { resourceType: 'Basic', id: 'inside', code: { text: 'word' } };
  const pointing = { url: 'http://example.org/points', valueReference: { reference: '#inside' } };
  const mutant = (kind: string, more: JsonObject, refers = true): Mutant => ({
    kind,
    resource: {
      ...resource,
      contained: [{ ...basic, ...more }],
      ...(refers && { extension: [pointing] }),
    },
    code: 'invariant',
    expression: `${type}.contained[0]`,
  });
  return [
    mutant('contained inside contained', {
      contained: [{ resourceType: 'Basic', id: 'deeper', code: { text: 'word' } }],
    }),
    mutant('contained and never referred to', {}, false),
    mutant('contained with a version', { meta: { versionId: '1' } }),
    mutant('contained with a security label', {
      meta: { security: [{ system: 'http://example.org/labels', code: 'R' }] },
    }),
  ];
}

const fullUrl = (index: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${index}`;

/** Faults of a Bundle around a resource. */
function bundleMutants(resource: JsonObject): Mutant[] {
  const type = String(resource.resourceType);
  if (type === 'Bundle') return [];
  const entry = (more: JsonObject = {}, index = 0): JsonObject => ({ fullUrl: fullUrl(index), resource, ...more });
  const request = { method: 'POST', url: type };
  const bundle = (
    kind: string,
    of: string,
    entries: JsonObject[],
    expression: string,
    more: JsonObject = {},
  ): Mutant => ({
    kind: `Bundle: ${kind}`,
    resource: { resourceType: 'Bundle', type: of, entry: entries, ...more },
    code: 'invariant',
    expression,
  });
  const stamped = { identifier: { system: 'http://example.org/b', value: '1' }, timestamp: '2024-02-29T10:00:00Z' };
  const mutants = [
    bundle('a total in a collection (bdl-1)', 'collection', [entry()], 'Bundle.total', { total: 1 }),
    bundle('a search in a collection (bdl-2)', 'collection', [entry({ search: { mode: 'match' } })], 'Bundle.entry[0]'),
    bundle('a request in a collection (bdl-3)', 'collection', [entry({ request })], 'Bundle.entry[0]'),
    bundle('no request in a transaction (bdl-3)', 'transaction', [entry()], 'Bundle.entry[0]'),
    bundle(
      'a response in a batch (bdl-4)',
      'batch',
      [entry({ request, response: { status: '200' } })],
      'Bundle.entry[0]',
    ),
    bundle('a full URL twice (bdl-7)', 'collection', [entry(), entry()], 'Bundle.entry[1]'),
    bundle('a document without identifier (bdl-9)', 'document', [entry()], 'Bundle.identifier', {
      timestamp: stamped.timestamp,
    }),
    bundle('a document without timestamp (bdl-10)', 'document', [entry()], 'Bundle.timestamp', {
      identifier: stamped.identifier,
    }),
    bundle(
      'a versioned full URL (bdl-8)',
      'collection',
      [entry({ fullUrl: `http://example.org/${type}/a-1/_history/1` })],
      'Bundle.entry[0]',
    ),
  ];
  if (type !== 'Composition')
    mutants.push(bundle('no Composition first (bdl-11)', 'document', [entry()], 'Bundle.entry[0]', stamped));
  if (type !== 'MessageHeader')
    mutants.push(bundle('no MessageHeader first (bdl-12)', 'message', [entry()], 'Bundle.entry[0]'));
  return mutants;
}

/** An unknown element in what a contentReference leads to: below the element that is defined elsewhere in the type. */
function contentReferenceMutants(resource: JsonObject, pick: Pick): Mutant[] {
  const type = String(resource.resourceType);
  const path = [type];
  const steps: { readonly name: string; readonly code: string; readonly many: boolean }[] = [];
  const find = (owner: string): boolean => {
    for (const { name, types, max } of definitionOf(owner)!.elements.values()) {
      const code = types[0]?.code ?? '';
      if (!code.startsWith(`${type}.`)) continue;
      const step = { name, code, many: max > 1 };
      steps.push(step);
      if (code !== `${owner}.${name}` || find(code)) return true;
      steps.pop();
    }
    return false;
  };
  if (!find(type)) return [];
  const copy = structuredClone(resource);
  let object = copy;
  for (const [index, { name, code, many }] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const known = object[name] as JsonValue | undefined;
    const next = (Array.isArray(known) ? known[0] : known) ?? sampleObject(code, pick, 0);
    object[name] = many ? [next] : next;
    object = next as JsonObject;
    path.push(many ? `${name}[0]` : name);
    if (isLast) object.surelyUnknown = 'word';
  }
  return [
    {
      kind: 'unknown element behind a contentReference',
      resource: copy,
      code: 'structure',
      expression: path.join('.'),
    },
  ];
}

/** Faults of the whole of a resource: of what it contains, of a Bundle around it, of what a contentReference leads to. */
export const wholeMutantsOf = (resource: JsonObject, pick: Pick): Mutant[] => [
  ...containedMutants(resource),
  ...bundleMutants(resource),
  ...contentReferenceMutants(resource, pick),
];
