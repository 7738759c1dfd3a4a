import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '../../fhir/json';
import { Refusal } from '../refusal';
import type { BodyLimits } from './read-body';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Elements that STU3 has and R4 has not, at the root of what senders commonly send. */
const stu3Only: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['MessageHeader', ['receiver', 'timestamp']],
  ['Patient', ['animal']],
]);

function looksLikeStu3(resource: JsonObject): boolean {
  const entries = Array.isArray(resource.entry)
    ? resource.entry.slice(0, 50).map((entry) => (isJsonObject(entry) ? entry.resource : undefined))
    : [];
  return [resource, ...entries].some(
    (one) => isJsonObject(one) && (stu3Only.get(one.resourceType) ?? []).some((name) => name in one),
  );
}

const notXml =
  'The body is XML, whatever Content-Type says. The lake takes FHIR R4 as JSON: send application/fhir+json.';

/** Whether the first sign that is no white space or byte order mark is `<`. */
const isMarkup = (bytes: Uint8Array): boolean => /^\s*</.test(Buffer.from(bytes.subarray(0, 100)).toString('utf8'));

/** @throws Refusal 400 for what is no JSON. */
export function readJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw Refusal.badRequest(error.code, isMarkup(bytes) ? notXml : error.message);
  }
}

/** The body as the resource its address names (any where none is named), and as the text it came in. */
export function parseBody(bytes: Uint8Array, type?: string): { resource: JsonObject; text: string } {
  const resource = readJson(bytes);
  if (!isJsonObject(resource) || typeof resource.resourceType !== 'string') {
    throw Refusal.badRequest('structure', 'The body is not a FHIR resource: a JSON object with a resourceType.');
  }
  if (type !== undefined && resource.resourceType !== type)
    throw Refusal.badRequest(
      'invalid',
      `This address takes ${type} resources; resourceType says another type.`,
      'resourceType',
    );
  if (looksLikeStu3(resource)) {
    throw Refusal.badRequest(
      'not-supported',
      'This looks like FHIR STU3. The lake takes FHIR R4 (4.0.1): send the R4 form of this message.',
    );
  }
  return { resource, text: utf8.decode(bytes) };
}

export function checkEntries({ entry }: JsonObject, { maxEntries }: Pick<BodyLimits, 'maxEntries'>): void {
  if (!Array.isArray(entry) || entry.length <= maxEntries) return;
  throw Refusal.of(413, 'too-costly', `A Bundle holds at most ${maxEntries} entries. Send several.`, 'Bundle.entry');
}
