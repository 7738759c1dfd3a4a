import { isJsonObject, type JsonObject, type JsonValue } from '../fhir/json';
import { Refusal } from './refusal';

/** An entry of a Bundle with what decides where its resource goes; the rest is left to the validator. */
export interface BundleEntry {
  readonly fullUrl?: string;
  readonly resource?: JsonObject & { resourceType: string; id?: string };
  readonly request?: {
    readonly method: string;
    readonly url: string;
    readonly ifNoneExist?: string;
    readonly ifMatch?: string;
  };
}

/** A text, or nothing where it may be left out. */
function checkText(value: JsonValue | undefined, path: string, required = false): void {
  if (typeof value === 'string' || (value === undefined && !required)) return;
  throw Refusal.unprocessable('structure', 'The element is one text and not left out here.', path);
}

function checkObject(value: JsonValue | undefined, path: string): value is JsonObject {
  if (value === undefined) return false;
  if (isJsonObject(value)) return true;
  throw Refusal.unprocessable('structure', 'The element is one JSON object.', path);
}

/**
 * The entries of a Bundle whose address is read before the Bundle is validated.
 *
 * @throws Refusal 422 where they are not of a form that can be read.
 */
export function entriesOf({ entry: entries = [] }: JsonObject): readonly BundleEntry[] {
  if (!Array.isArray(entries))
    throw Refusal.unprocessable('structure', 'The entries of a Bundle are a list.', 'Bundle.entry');
  for (const [index, entry] of entries.entries()) {
    const path = `Bundle.entry[${index}]`;
    if (!isJsonObject(entry)) throw Refusal.unprocessable('structure', 'An entry is a JSON object.', path);
    const { fullUrl, resource, request } = entry;
    checkText(fullUrl, `${path}.fullUrl`);
    if (checkObject(resource, `${path}.resource`)) {
      checkText(resource.resourceType, `${path}.resource`, true);
      checkText(resource.id, `${path}.resource.id`);
    }
    if (checkObject(request, `${path}.request`)) {
      checkText(request.method, `${path}.request.method`, true);
      checkText(request.url, `${path}.request.url`, true);
      checkText(request.ifNoneExist, `${path}.request.ifNoneExist`);
      checkText(request.ifMatch, `${path}.request.ifMatch`);
    }
  }
  return entries as unknown as readonly BundleEntry[];
}
