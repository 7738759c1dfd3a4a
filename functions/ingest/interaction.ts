import type { JsonObject } from '../fhir/json';
import { type BundleEntry, entriesOf } from './bundle-entries';
import { Refusal } from './refusal';

/** A conditional reference or condition the lake can answer: one business identifier, `Type?identifier=system|value`. */
export interface Criteria {
  readonly type: string;
  readonly system: string;
  readonly value: string;
}

/** Where an entry's resource goes in the provider's namespace. */
export type Target =
  | { readonly kind: 'create' }
  /** Create unless a resource with this identifier exists (ifNoneExist). */
  | { readonly kind: 'createIfNone'; readonly criteria: Criteria }
  | { readonly kind: 'update'; readonly id: string; readonly ifMatch: number | undefined }
  | { readonly kind: 'conditionalUpdate'; readonly criteria: Criteria }
  /** Create or new version without a version check: entries of messages and documents. */
  | { readonly kind: 'upsert'; readonly id: string };

export interface EntryRequest {
  /** FHIRPath of the resource inside the submitted body, for issues. */
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly type: string;
  readonly resource: JsonObject;
  readonly target: Target;
}

/** One thing a provider asks for: entries that stand or fall together (`atomic`) or each on its own. */
export interface Interaction {
  readonly kind: 'create' | 'update' | 'transaction' | 'batch' | 'message' | 'document';
  readonly atomic: boolean;
  /** What was submitted, whole: the rules of a Bundle are about all of it. */
  readonly whole: JsonObject;
  readonly entries: readonly EntryRequest[];
}

const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;
const uuidUrn = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export const isFhirId = (text: string): boolean => idPattern.test(text);

/**
 * Reads `identifier=system|value` (FHIR R4 search, token parameter). Other criteria are refused: the lake offers no search,
 * it only answers whether a business identifier is known.
 */
export function parseCriteria(type: string, search: string, path: string): Criteria {
  const parameters = new URLSearchParams(search);
  const identifier = parameters.get('identifier');
  const separator = identifier?.indexOf('|') ?? -1;
  if (
    [...parameters.keys()].length !== 1 ||
    identifier === null ||
    separator < 1 ||
    separator === identifier.length - 1
  ) {
    throw Refusal.unprocessable(
      'not-supported',
      'The condition is not one the lake answers. Allowed is exactly one parameter: identifier=system|value.',
      path,
    );
  }
  return { type, system: identifier.slice(0, separator), value: identifier.slice(separator + 1) };
}

/** What a create depends on: the header If-None-Exist; without it, or empty, on nothing. */
export function parseIfNoneExist(type: string, condition: string): Target {
  if (condition === '') return { kind: 'create' };
  if (type === 'Bundle')
    throw Refusal.unprocessable(
      'not-supported',
      'A Bundle is stored as its entries, and a condition would hold for none of them. Leave If-None-Exist out, or send a transaction whose entries have ifNoneExist.',
      'If-None-Exist',
    );
  return { kind: 'createIfNone', criteria: parseCriteria(type, condition.replace(/^[^?]*\?/, ''), 'If-None-Exist') };
}

/** ETag of FHIR R4: `W/"3"`. */
export function parseIfMatch(value: string | undefined, path: string): number | undefined {
  if (value === undefined || value === '') return undefined;
  const version = /^(?:W\/)?"([1-9][0-9]{0,14})"$/.exec(value.trim())?.[1];
  if (version === undefined) {
    throw Refusal.badRequest(
      'value',
      'If-Match is not the ETag of one version. Send it as the lake gave it: W/"1".',
      path,
    );
  }
  return Number(version);
}

function writeEntry(entry: BundleEntry, path: string): EntryRequest {
  const { resource, request } = entry;
  if (request === undefined)
    throw Refusal.unprocessable('required', 'Each entry needs a request with method and url.', `${path}.request`);
  if (request.method !== 'POST' && request.method !== 'PUT') {
    throw Refusal.unprocessable(
      'not-supported',
      'The lake takes POST and PUT entries only; reads, deletes and patches are not offered.',
      `${path}.request.method`,
    );
  }
  if (resource === undefined)
    throw Refusal.unprocessable('required', 'A POST or PUT entry needs a resource.', `${path}.resource`);
  const type = resource.resourceType;
  const [place, search] = request.url.split('?', 2) as [string, string | undefined];
  const [urlType, urlId, ...rest] = place.replace(/^\/+/, '').split('/');
  if (urlType !== type || rest.length > 0) {
    throw Refusal.unprocessable(
      'invalid',
      "The url of an entry must be its resource's type, for PUT with an id or a condition.",
      `${path}.request.url`,
    );
  }
  const common = { path: `${path}.resource`, fullUrl: entry.fullUrl, type, resource };
  if (request.method === 'POST') {
    if (urlId !== undefined || search !== undefined) {
      throw Refusal.unprocessable(
        'invalid',
        'The url of a POST entry is the resource type alone.',
        `${path}.request.url`,
      );
    }
    const ifNoneExist = request.ifNoneExist?.replace(/^[^?]*\?/, '');
    if (ifNoneExist === undefined) return { ...common, target: { kind: 'create' } };
    return {
      ...common,
      target: { kind: 'createIfNone', criteria: parseCriteria(type, ifNoneExist, `${path}.request.ifNoneExist`) },
    };
  }
  if (search !== undefined && urlId === undefined) {
    return {
      ...common,
      target: { kind: 'conditionalUpdate', criteria: parseCriteria(type, search, `${path}.request.url`) },
    };
  }
  if (urlId === undefined || !isFhirId(urlId) || search !== undefined) {
    throw Refusal.unprocessable(
      'invalid',
      'The url of a PUT entry is Type/id or Type?identifier=system|value.',
      `${path}.request.url`,
    );
  }
  if (resource.id !== undefined && resource.id !== urlId) {
    throw Refusal.unprocessable(
      'invalid',
      'The id of the resource differs from the id in the url of its entry.',
      `${path}.resource.id`,
    );
  }
  return {
    ...common,
    target: { kind: 'update', id: urlId, ifMatch: parseIfMatch(request.ifMatch, `${path}.request.ifMatch`) },
  };
}

/** Entries of messages and documents keep the id their sender gave them; without one the UUID of fullUrl serves. */
function carriedEntry(entry: BundleEntry, path: string): EntryRequest[] {
  const { resource } = entry;
  if (resource === undefined) return [];
  const id = resource.id ?? uuidUrn.exec(entry.fullUrl ?? '')?.[1]?.toLowerCase();
  const target: Target = id === undefined ? { kind: 'create' } : { kind: 'upsert', id };
  return [{ path: `${path}.resource`, fullUrl: entry.fullUrl, type: resource.resourceType, resource, target }];
}

export function transactionOf(bundle: JsonObject): Interaction {
  const kind = bundle.type === 'batch' ? 'batch' : 'transaction';
  const entries = entriesOf(bundle).map((entry, index) => writeEntry(entry, `Bundle.entry[${index}]`));
  return { kind, atomic: kind === 'transaction', whole: bundle, entries };
}

export function messageOf(bundle: JsonObject): Interaction {
  return {
    kind: 'message',
    atomic: true,
    whole: bundle,
    entries: entriesOf(bundle).flatMap((entry, index) => carriedEntry(entry, `Bundle.entry[${index}]`)),
  };
}

/**
 * A single resource. A Bundle as a resource (document, collection) is its entries, taken as a message's are, and itself
 * without them: curated tables hold resources, and the sealed original holds the document as it was.
 */
export function singleOf(resource: JsonObject, type: string, target: Target): Interaction {
  const kind = target.kind === 'create' || target.kind === 'createIfNone' ? 'create' : 'update';
  const own: EntryRequest = { path: type, fullUrl: undefined, type, resource, target };
  if (type !== 'Bundle') return { kind, atomic: true, whole: resource, entries: [own] };
  const { entry: _entries, link: _links, signature: _signature, ...frame } = resource;
  const carried = entriesOf(resource).flatMap((entry, index) => carriedEntry(entry, `Bundle.entry[${index}]`));
  return {
    kind: 'document',
    atomic: true,
    whole: resource,
    entries: [{ ...own, resource: frame as JsonObject }, ...carried],
  };
}
