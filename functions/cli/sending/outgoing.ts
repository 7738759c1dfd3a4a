import type { KeyObject } from 'node:crypto';
import { isJsonObject, type JsonObject, parseJsonText } from '../../fhir/json';
import { requestIdFor } from './request-ids';

/** One HTTP request that sends something, before it has a token. */
export interface Outgoing {
  readonly method: 'POST' | 'PUT';
  /** Under the FHIR base, for example `/$process-message`. */
  readonly path: string;
  readonly body: string;
  /** How many resources it carries, for the totals. */
  readonly resources: number;
  /** Made from content under the sender's key: sending the same again is the same request, and has no second effect. */
  readonly requestId: string;
}

/** Lines of NDJSON that share one batch Bundle. */
const linesPerBatch = 500;

function countOf(resource: JsonObject): number {
  return resource.resourceType === 'Bundle' && Array.isArray(resource.entry) ? resource.entry.length : 1;
}

function outgoing(
  idKey: KeyObject,
  method: Outgoing['method'],
  path: string,
  body: string,
  resources: number,
): Outgoing {
  return { method, path, body, resources, requestId: requestIdFor(idKey, path, body) };
}

/** Which address takes a resource or Bundle: what the lake offers decides, not the name of the file. */
export function outgoingResource(idKey: KeyObject, text: string): Outgoing {
  let resource: JsonObject | undefined;
  try {
    const value = parseJsonText(text.replace(/^\uFEFF/, ''));
    resource = isJsonObject(value) ? value : undefined;
  } catch {
    // The lake's own answer says best what is wrong with it.
  }
  const type = typeof resource?.resourceType === 'string' ? resource.resourceType : 'Bundle';
  if (resource === undefined) return outgoing(idKey, 'POST', '/', text, 1);
  const count = countOf(resource);
  if (type === 'Bundle' && (resource.type === 'transaction' || resource.type === 'batch'))
    return outgoing(idKey, 'POST', '/', text, count);
  if (type === 'Bundle' && resource.type === 'message')
    return outgoing(idKey, 'POST', '/$process-message', text, count);
  if (typeof resource.id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(resource.id))
    return outgoing(idKey, 'PUT', `/${type}/${resource.id}`, text, count);
  return outgoing(idKey, 'POST', `/${encodeURIComponent(type)}`, text, count);
}

/** NDJSON as batch Bundles: the text of each line goes in as it is, so that every number keeps its digits. */
export function* outgoingNdjson(idKey: KeyObject, lines: Iterable<string>): Generator<Outgoing> {
  let entries: string[] = [];
  const flush = function* (): Generator<Outgoing> {
    if (entries.length > 0)
      yield outgoing(
        idKey,
        'POST',
        '/',
        `{"resourceType":"Bundle","type":"batch","entry":[${entries.join(',')}]}`,
        entries.length,
      );
    entries = [];
  };
  for (const line of lines) {
    if (line.trim() === '') continue;
    const single = outgoingResource(idKey, line);
    if (single.path === '/' || single.path.startsWith('/$')) {
      yield* flush();
      yield single;
      continue;
    }
    entries.push(
      `{"resource":${line},"request":{"method":"${single.method}","url":${JSON.stringify(single.path.slice(1))}}}`,
    );
    if (entries.length >= linesPerBatch) yield* flush();
  }
  yield* flush();
}
