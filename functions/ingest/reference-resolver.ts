import type { Tokeniser } from '../privacy/tokens';
import { type Criteria, type EntryRequest, parseCriteria } from './interaction';
import type { IdentifierToken, Ledger, Resolution } from './ledger';
import { Refusal } from './refusal';

/**
 * Knows, for one request, what each reference points to: the entries of the same Bundle by fullUrl, the provider's own
 * resources by Type/id, and business identifiers by the ledger's index of tokens. Everything it gives is re-keyed.
 */
export class ReferenceResolver {
  readonly #provider: string;
  readonly #tokeniser: Tokeniser;
  readonly #byFullUrl = new Map<string, string>();
  readonly #byToken = new Map<string, readonly string[]>();
  readonly #looked: Resolution[] = [];
  /** While the pseudonym key is rotated: ids under the key before, by those under the newest. */
  readonly #former = new Map<string, string>();

  constructor(provider: string, tokeniser: Tokeniser) {
    this.#provider = provider;
    this.#tokeniser = tokeniser;
  }

  /** The look-ups made, for the ledger to check again when it commits. */
  get resolutions(): readonly Resolution[] {
    return this.#looked;
  }

  /** What the identifiers of the request meant: re-keyed id by `<type> <token>`. */
  get meanings(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#byToken].flatMap(([name, [id, more]]) => (id && !more ? [[name, id]] : [])));
  }

  /** Knows again what identifiers meant when a request landed, whatever the ledger says today. */
  recall(meanings: Readonly<Record<string, string>>): void {
    for (const [name, id] of Object.entries(meanings)) this.#byToken.set(name, [id]);
  }

  /** Asks the ledger once for every business identifier the request depends on. */
  async lookUp(ledger: Pick<Ledger, 'resolve'>, criteria: readonly Criteria[]): Promise<void> {
    const tokens = new Map<string, IdentifierToken>();
    for (const { type, system, value } of criteria)
      for (const token of this.#tokeniser.tokensFor(system, value)) tokens.set(`${type} ${token}`, { type, token });
    if (tokens.size === 0) return;
    for (const resolution of await ledger.resolve(this.#provider, [...tokens.values()])) {
      this.#looked.push(resolution);
      this.#byToken.set(
        `${resolution.type} ${resolution.token}`,
        resolution.ids.map((id) => this.#lifted(id)),
      );
    }
  }

  /** The one resource a condition names; undefined when none does; a refusal when several do. */
  match(criteria: Criteria, path: string): string | undefined {
    const names = this.#tokeniser
      .tokensFor(criteria.system, criteria.value)
      .map((token) => `${criteria.type} ${token}`);
    const ids = [...new Set(names.flatMap((name) => this.#byToken.get(name) ?? []))];
    if (ids.length > 1) {
      throw Refusal.of(
        412,
        'multiple-matches',
        'More than one of your resources carries this identifier. Update the right one by its id.',
        path,
      );
    }
    return ids[0];
  }

  /** Two entries of one Bundle with the same condition are one resource. */
  remember(criteria: Criteria, id: string): void {
    this.#byToken.set(`${criteria.type} ${this.#tokeniser.tokenFor(criteria.system, criteria.value)}`, [id]);
  }

  rekey(type: string, id: string): string {
    const [newest = '', former] = this.#tokeniser.rekeyCandidates(this.#provider, type, id);
    if (former !== undefined) this.#former.set(newest, former);
    return newest;
  }

  /** The id under the key before, by which the ledger may still know what has this one. */
  formerOf(id: string): string | undefined {
    return this.#former.get(id);
  }

  #lifted(id: string): string {
    const newest = this.#tokeniser.liftId(id);
    if (newest !== id) this.#former.set(newest, id);
    return newest;
  }

  place(entry: EntryRequest, id: string): void {
    const target = `${entry.type}/${id}`;
    if (entry.fullUrl !== undefined) this.#byFullUrl.set(entry.fullUrl, target);
    // An entry that gets a new id is also meant by the id its sender wrote in it (R4 bundle.html#references).
    if (typeof entry.resource.id === 'string') this.#byFullUrl.set(`${entry.type}/${entry.resource.id}`, target);
  }

  /** `Type/<re-keyed id>` of an entry of the same Bundle or of a conditional reference; undefined for any other. */
  rekeyed = (reference: string): string | undefined => {
    const inside = this.#byFullUrl.get(reference);
    if (inside !== undefined) return inside;
    const criteria = conditionalReference(reference, '');
    if (criteria === undefined) return undefined;
    const id = this.match(criteria, '');
    return id === undefined ? undefined : `${criteria.type}/${id}`;
  };
}

/** `Practitioner?identifier=system|value` as criteria; undefined for any other reference. */
export function conditionalReference(reference: string, path: string): Criteria | undefined {
  const question = reference.indexOf('?');
  if (question < 1 || !/^[A-Z][A-Za-z]+$/.test(reference.slice(0, question))) return undefined;
  return parseCriteria(reference.slice(0, question), reference.slice(question + 1), path);
}

/** Every reference in a resource, with the FHIRPath of its element. */
export function* referencesIn(value: unknown, path: string): Generator<{ reference: string; path: string }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* referencesIn(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null && !JSON.isRawJSON(value)) {
    for (const [name, item] of Object.entries(value)) {
      if (name === 'reference' && typeof item === 'string') yield { reference: item, path: `${path}.reference` };
      else if (typeof item === 'object') yield* referencesIn(item, `${path}.${name}`);
    }
  }
}
