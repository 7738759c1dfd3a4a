import { has, objectAt, objectsAt } from './invariants/element-access';
import { isJsonObject, type JsonObject, textOf } from './json';
import type { ValidationRun } from './validation-run';

const requestTypes: readonly unknown[] = ['batch', 'transaction', 'history'];
const responseTypes: readonly unknown[] = ['batch-response', 'transaction-response', 'history'];

/** bundle.html defines fullUrl as the absolute URL of the resource, and no invariant says so. RFC 3986 section 3.1. */
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Types of the entries' resources by fullUrl, so that references between entries can be told. */
export function bundleTypes(bundle: JsonObject): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const { fullUrl, resource } of objectsAt(bundle, 'entry')) {
    if (typeof fullUrl === 'string' && isJsonObject(resource) && typeof resource.resourceType === 'string')
      types.set(fullUrl, resource.resourceType);
  }
  return types;
}

/** The invariants of Bundle, bdl-1 to bdl-12: counts and presence, so written out instead of evaluated. */
export function checkBundle(bundle: JsonObject, run: ValidationRun): void {
  const { type } = bundle;
  const fail = (rule: string, text: string, child?: string): void =>
    run.error('invariant', `${text} (rule ${rule} of FHIR R4).`, child);
  if (has(bundle, 'total') && type !== 'searchset' && type !== 'history')
    fail('bdl-1', 'total is only for searches and histories', 'total');
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  const first = isJsonObject(entries[0]) ? objectAt(entries[0], 'resource')?.resourceType : undefined;
  if (type === 'document') {
    const identifier = objectAt(bundle, 'identifier');
    if (identifier === undefined || !has(identifier, 'system') || !has(identifier, 'value'))
      fail('bdl-9', 'A document has an identifier with a system and a value', 'identifier');
    if (bundle.timestamp === undefined) fail('bdl-10', 'A document has a timestamp', 'timestamp');
    if (first !== 'Composition') fail('bdl-11', 'The first resource of a document is a Composition', 'entry[0]');
  }
  if (type === 'message' && first !== 'MessageHeader')
    fail('bdl-12', 'The first resource of a message is a MessageHeader', 'entry[0]');
  const seen = new Set<string>();
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index];
    if (!isJsonObject(entry)) continue;
    checkEntry(
      entry,
      type,
      seen,
      (rule, text) => fail(rule, text, `entry[${index}]`),
      () =>
        run.error('value', 'fullUrl is an absolute URL: urn:uuid:…, urn:oid:…, https://….', `entry[${index}].fullUrl`),
    );
  }
}

function checkEntry(
  entry: JsonObject,
  type: unknown,
  seen: Set<string>,
  fail: (rule: string, text: string) => void,
  relative: () => void,
): void {
  const { fullUrl } = entry;
  if (has(entry, 'search') && type !== 'searchset') fail('bdl-2', 'search is only for searches');
  if (has(entry, 'request') !== requestTypes.includes(type))
    fail('bdl-3', 'Each entry of a batch, transaction or history has a request, an entry of another Bundle has none');
  if (has(entry, 'response') !== responseTypes.includes(type))
    fail('bdl-4', 'Each entry of a response or history has a response, an entry of another Bundle has none');
  if (!has(entry, 'resource', 'request', 'response'))
    fail('bdl-5', 'An entry holds a resource unless it has a request or a response');
  if (typeof fullUrl !== 'string') return;
  if (!absolute.test(fullUrl)) relative();
  if (fullUrl.includes('/_history/')) fail('bdl-8', 'fullUrl names no version');
  if (type === 'history') return;
  const meta = objectAt(objectAt(entry, 'resource') ?? {}, 'meta');
  const key = `${fullUrl} ${textOf(meta?.versionId)}`;
  if (seen.has(key)) fail('bdl-7', 'fullUrl is unique in a Bundle, or the entries have different versions');
  seen.add(key);
}
