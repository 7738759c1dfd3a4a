import type { IssueSink, Path } from './issue-sink';
import { isJsonObject, type JsonObject } from './json';

const requestTypes = ['batch', 'transaction', 'history'];
const responseTypes = ['batch-response', 'transaction-response', 'history'];

/** The invariants of Bundle, bdl-1 to bdl-12: counts and presence, so written out instead of evaluated. */
export function checkBundle(bundle: JsonObject, path: Path, sink: IssueSink): void {
  const type = String(bundle.type);
  const entries = (Array.isArray(bundle.entry) ? bundle.entry : []).filter(isJsonObject);
  const fail = (at: Path, text: string): void => sink.error('invariant', at, text);
  const resourceOf = (entry: JsonObject | undefined): JsonObject =>
    isJsonObject(entry?.resource) ? entry.resource : {};
  if (bundle.total !== undefined && type !== 'searchset' && type !== 'history')
    fail(path, 'total is only for searches and histories (bdl-1).');
  if (type === 'document') {
    if (
      !isJsonObject(bundle.identifier) ||
      bundle.identifier.system === undefined ||
      bundle.identifier.value === undefined
    )
      fail(path, 'A document has an identifier with a system and a value (bdl-9).');
    if (bundle.timestamp === undefined) fail(path, 'A document has a timestamp (bdl-10).');
    if (resourceOf(entries[0]).resourceType !== 'Composition')
      fail(path, 'The first resource of a document is a Composition (bdl-11).');
  }
  if (type === 'message' && resourceOf(entries[0]).resourceType !== 'MessageHeader')
    fail(path, 'The first resource of a message is a MessageHeader (bdl-12).');
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const at: Path = { parent: { parent: path, step: 'entry' }, step: index };
    const { fullUrl } = entry;
    if (entry.search !== undefined && type !== 'searchset') fail(at, 'search is only for searches (bdl-2).');
    if (
      (entry.request !== undefined) !== requestTypes.includes(type) &&
      (requestTypes.includes(type) || entry.request !== undefined)
    ) {
      fail(at, 'Each entry of a batch, transaction or history has a request, no other Bundle does (bdl-3).');
    }
    if (
      (entry.response !== undefined) !== responseTypes.includes(type) &&
      (responseTypes.includes(type) || entry.response !== undefined)
    ) {
      fail(at, 'Each entry of a response or history has a response, no other Bundle does (bdl-4).');
    }
    if (entry.resource === undefined && entry.request === undefined && entry.response === undefined)
      fail(at, 'An entry holds a resource unless it has a request or a response (bdl-5).');
    if (typeof fullUrl !== 'string') continue;
    if (/\/_history\//.test(fullUrl)) fail(at, 'fullUrl names no version (bdl-8).');
    const { meta } = resourceOf(entry);
    const key = `${fullUrl} ${isJsonObject(meta) ? String(meta.versionId) : ''}`;
    if (seen.has(key) && type !== 'history')
      fail(at, 'fullUrl is unique in a Bundle, or the entries have different versions (bdl-7).');
    seen.add(key);
  }
}
