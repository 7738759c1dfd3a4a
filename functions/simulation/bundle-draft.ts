import type { Bundle, BundleEntry, FhirResource, Identifier } from 'fhir/r4';
import { type LondonTime, utcText } from './london-time';
import type { SimulatedProvider } from './providers';
import type { Random } from './random';
import type { MessageDraft } from './simulated-message';

type Identified = FhirResource & { identifier?: Identifier | Identifier[] | undefined };

/** `identifier=system|value` of a resource's first identifier, unescaped, as most senders write it. */
export function criteriaOf(resource: Identified): string {
  const [first] = [resource.identifier].flat();
  if (first?.system === undefined || first.value === undefined) {
    throw new TypeError('A conditional interaction needs a resource with an identifier.');
  }
  return `identifier=${first.system}|${first.value}`;
}

/** A Bundle while a provider's system puts it together. Each `add` gives the reference by which other entries name it. */
export class BundleDraft {
  readonly #entries: BundleEntry<FhirResource>[] = [];
  readonly #known = new Map<string, string>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** A new resource. */
  create(resource: FhirResource): string {
    return this.#add(resource, { method: 'POST', url: resource.resourceType });
  }

  /** Created unless the receiver has one with its first identifier; once in a Bundle, however often it is asked for. */
  createIfNone(resource: Identified): string {
    const criteria = criteriaOf(resource);
    const key = `${resource.resourceType}?${criteria}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fullUrl = this.#add(resource, { method: 'POST', url: resource.resourceType, ifNoneExist: criteria });
    this.#known.set(key, fullUrl);
    return fullUrl;
  }

  /** Put in the place of the one with its first identifier, whatever version that is. */
  replace(resource: Identified): string {
    return this.#add(resource, { method: 'PUT', url: `${resource.resourceType}?${criteriaOf(resource)}` });
  }

  /** Without a request: an entry of a message. The id is the sender's and stays over its updates. */
  carry(resource: FhirResource & { id: string }): string {
    const fullUrl = `urn:uuid:${resource.id}`;
    this.#entries.push({ fullUrl, resource });
    return fullUrl;
  }

  /** The whole as a transaction, or as a message whose first entry is the MessageHeader. */
  draft(
    provider: SimulatedProvider,
    kind: 'transaction' | 'message',
    what: string,
    at: LondonTime,
    delay?: MessageDraft['delay'],
  ): MessageDraft {
    const bundle: Bundle<FhirResource> = {
      resourceType: 'Bundle',
      id: this.#random.uuid(),
      type: kind,
      timestamp: utcText(at),
      entry: this.#entries,
    };
    const draft = { provider, kind, at, what, body: JSON.stringify(bundle), resources: this.#entries.length };
    return delay === undefined ? draft : { ...draft, delay };
  }

  #add(resource: FhirResource, request: BundleEntry['request'] & object): string {
    const fullUrl = `urn:uuid:${this.#random.uuid()}`;
    this.#entries.push({ fullUrl, resource, request });
    return fullUrl;
  }
}
