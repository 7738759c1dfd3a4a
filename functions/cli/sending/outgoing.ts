import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, parseJsonText } from '../../fhir/json';

/** One HTTP request that sends something, before it has a token. */
export interface Outgoing {
  readonly method: 'POST' | 'PUT';
  /** Under the FHIR base, for example `/$process-message`. */
  readonly path: string;
  readonly body: string;
  /** How many resources it carries, for the totals. */
  readonly resources: number;
  /** Made from provider and content: sending the same again is the same request, and has no second effect. */
  readonly requestId: string;
}

/** Lines of NDJSON that share one batch Bundle. */
const linesPerBatch = 500;

/** A UUID of version 8 (RFC 9562) from what is sent. */
export function requestIdFor(provider: string, path: string, body: string): string {
  const bytes = createHash('sha256')
    .update(provider)
    .update('\n')
    .update(path)
    .update('\n')
    .update(body)
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function countOf(resource: JsonObject): number {
  return resource.resourceType === 'Bundle' && Array.isArray(resource.entry) ? resource.entry.length : 1;
}

function outgoing(
  provider: string,
  method: Outgoing['method'],
  path: string,
  body: string,
  resources: number,
): Outgoing {
  return { method, path, body, resources, requestId: requestIdFor(provider, path, body) };
}

/** Which address takes a resource or Bundle: what the lake offers decides, not the name of the file. */
export function outgoingResource(provider: string, text: string): Outgoing {
  let resource: JsonObject | undefined;
  try {
    const value = parseJsonText(text.replace(/^\uFEFF/, ''));
    resource = isJsonObject(value) ? value : undefined;
  } catch {
    // The lake's own answer says best what is wrong with it.
  }
  const type = typeof resource?.resourceType === 'string' ? resource.resourceType : 'Bundle';
  if (resource === undefined) return outgoing(provider, 'POST', '/', text, 1);
  const count = countOf(resource);
  if (type === 'Bundle' && (resource.type === 'transaction' || resource.type === 'batch'))
    return outgoing(provider, 'POST', '/', text, count);
  if (type === 'Bundle' && resource.type === 'message')
    return outgoing(provider, 'POST', '/$process-message', text, count);
  if (typeof resource.id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(resource.id))
    return outgoing(provider, 'PUT', `/${type}/${resource.id}`, text, count);
  return outgoing(provider, 'POST', `/${encodeURIComponent(type)}`, text, count);
}

/** NDJSON as batch Bundles: the text of each line goes in as it is, so that every number keeps its digits. */
export function* outgoingNdjson(provider: string, lines: Iterable<string>): Generator<Outgoing> {
  let entries: string[] = [];
  const flush = function* (): Generator<Outgoing> {
    if (entries.length > 0)
      yield outgoing(
        provider,
        'POST',
        '/',
        `{"resourceType":"Bundle","type":"batch","entry":[${entries.join(',')}]}`,
        entries.length,
      );
    entries = [];
  };
  for (const line of lines) {
    if (line.trim() === '') continue;
    const single = outgoingResource(provider, line);
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
