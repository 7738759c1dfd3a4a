import type { Definition } from './read-package';

interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

interface Include {
  readonly system?: string;
  readonly concept?: readonly Concept[];
  readonly filter?: readonly { readonly property: string; readonly op: string; readonly value: string }[];
  readonly valueSet?: readonly string[];
}

type Expansion = readonly (readonly [system: string, codes: readonly string[]])[];

/** Expands value sets from the code systems of the same package; what lies outside it (languages, UCUM) is not expanded. */
export class ValueSetExpander {
  readonly #byUrl = new Map<string, Definition>();

  constructor(definitions: readonly Definition[]) {
    for (const definition of definitions) {
      if (
        (definition.resourceType === 'ValueSet' || definition.resourceType === 'CodeSystem') &&
        definition.url !== undefined
      ) {
        this.#byUrl.set(`${definition.resourceType} ${definition.url}`, definition);
      }
    }
  }

  expand(url: string): Expansion | undefined {
    const codes = new Map<string, Set<string>>();
    const valueSet = this.#byUrl.get(`ValueSet ${url.split('|')[0]}`);
    const compose = valueSet?.compose as { include?: readonly Include[]; exclude?: readonly Include[] } | undefined;
    if (compose?.include === undefined) return undefined;
    for (const include of compose.include) if (!this.#add(include, codes)) return undefined;
    const excluded = new Map<string, Set<string>>();
    for (const exclude of compose.exclude ?? []) if (!this.#add(exclude, excluded)) return undefined;
    for (const [system, removed] of excluded) for (const code of removed) codes.get(system)?.delete(code);
    return [...codes]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([system, set]) => [system, [...set].sort()] as const);
  }

  #add({ system, concept, filter, valueSet }: Include, codes: Map<string, Set<string>>): boolean {
    for (const url of valueSet ?? []) {
      const inner = this.expand(url);
      if (inner === undefined) return false;
      for (const [name, list] of inner) for (const code of list) this.#put(codes, name, code);
    }
    if (system === undefined) return valueSet !== undefined;
    if (concept !== undefined) {
      for (const { code } of concept) this.#put(codes, system, code);
      return true;
    }
    const all = this.#byUrl.get(`CodeSystem ${system}`);
    if (all === undefined || all.content !== 'complete') return false;
    const roots = (all.concept ?? []) as readonly Concept[];
    if (filter === undefined || filter.length === 0) {
      for (const code of allCodes(roots)) this.#put(codes, system, code);
      return true;
    }
    const [{ op, value } = { op: '', value: '' }, ...more] = filter;
    if (more.length > 0 || (op !== 'is-a' && op !== 'descendent-of')) return false;
    const found = findConcept(roots, value);
    if (found === undefined) return false;
    if (op === 'is-a') this.#put(codes, system, found.code);
    for (const code of allCodes(found.concept ?? [])) this.#put(codes, system, code);
    return true;
  }

  #put(codes: Map<string, Set<string>>, system: string, code: string): void {
    const set = codes.get(system) ?? new Set();
    codes.set(system, set.add(code));
  }
}

function* allCodes(concepts: readonly Concept[]): Generator<string> {
  for (const { code, concept } of concepts) {
    yield code;
    yield* allCodes(concept ?? []);
  }
}

function findConcept(concepts: readonly Concept[], code: string): Concept | undefined {
  for (const one of concepts) {
    const found = one.code === code ? one : findConcept(one.concept ?? [], code);
    if (found !== undefined) return found;
  }
  return undefined;
}
