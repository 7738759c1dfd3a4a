import { isJsonObject, type JsonObject, type JsonValue, textOf } from '../../fhir/json';
import { Refusal } from '../refusal';

const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code';

const objects = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : isJsonObject(value) ? [value] : [];

function odsCodesOf(holder: JsonObject): string[] {
  return objects(holder.identifier)
    .filter((identifier) => identifier.system === odsSystem && typeof identifier.value === 'string')
    .map((identifier) => String(identifier.value).toUpperCase());
}

/** The organisation that says it sends a message is the one whose credentials send it (reference R1.8); else 403. */
export function checkSender(bundle: JsonObject, ods: string): void {
  const entries = objects(bundle.entry);
  const header = entries
    .map((entry) => entry.resource)
    .find((resource) => isJsonObject(resource) && resource.resourceType === 'MessageHeader');
  const sender = isJsonObject(header) ? header.sender : undefined;
  if (!isJsonObject(sender)) return;
  const named = entries.find((entry) => {
    const { resource, fullUrl } = entry;
    if (!isJsonObject(resource) || typeof sender.reference !== 'string') return false;
    return (
      fullUrl === sender.reference || `${textOf(resource.resourceType)}/${textOf(resource.id)}` === sender.reference
    );
  })?.resource;
  const codes = [...odsCodesOf(sender), ...(isJsonObject(named) ? odsCodesOf(named) : [])];
  if (codes.length > 0 && !codes.includes(ods.toUpperCase())) {
    throw Refusal.of(
      403,
      'forbidden',
      'The sender of the message is another organisation than the one these credentials were given to. Send it with the credentials of its own sender.',
      'MessageHeader.sender',
    );
  }
}
