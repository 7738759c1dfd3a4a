import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4';
import type { SimulatedMessage } from '../../../functions/simulation/simulated-message';

/** The JSON documents of a message: one, or one a line. */
export const documentsOf = ({ kind, body }: SimulatedMessage): FhirResource[] =>
  (kind === 'ndjson' ? body.trimEnd().split('\n') : [body]).map((text) => JSON.parse(text) as FhirResource);

/** Every resource of a message with the request of its entry, Bundles opened. */
export function* resourcesOf(
  message: SimulatedMessage,
): Generator<{ resource: FhirResource; request: BundleEntry['request'] }> {
  for (const document of documentsOf(message)) {
    if (document.resourceType !== 'Bundle') {
      yield { resource: document, request: undefined };
      continue;
    }
    for (const { resource, request } of (document as Bundle<FhirResource>).entry ?? [])
      if (resource !== undefined) yield { resource, request };
  }
}

/** Every object in a JSON value. */
export function* everyObject(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (Array.isArray(value)) for (const item of value) yield* everyObject(item);
  else if (typeof value === 'object' && value !== null) {
    yield value as Readonly<Record<string, unknown>>;
    for (const item of Object.values(value)) yield* everyObject(item);
  }
}
