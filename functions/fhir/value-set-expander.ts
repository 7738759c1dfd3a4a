/** A conformance resource as parsed; only ValueSets and CodeSystems are read here. */
interface Definition {
  readonly resourceType: string;
  readonly url?: string;
  readonly [name: string]: unknown;
}

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

/** Codes by system; a system without a list is one whose codes the package does not tell. */
export type PartialExpansion = ReadonlyMap<string, ReadonlySet<string> | undefined>;
type Codes = Map<string, Set<string> | undefined>;

/** Expands value sets from the code systems of the same package; what lies outside it (SNOMED CT, UCUM) stays open. */
export class ValueSetExpander {
  readonly #byUrl = new Map<string, Definition>();
  readonly #codesBySystem = new Map<string, ReadonlySet<string>>();

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

  /** The codes of a value set by system, in order; undefined when it holds something that this package does not define. */
  expand(url: string): readonly (readonly [system: string, codes: readonly string[]])[] | undefined {
    const codes = this.expandPartly(url);
    if (codes === undefined || [...codes.values()].includes(undefined)) return undefined;
    return [...codes]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([system, set]) => [system, [...set!].sort()] as const);
  }

  /** The same, with the systems whose codes are not known left open; undefined when not even the systems can be told. */
  expandPartly(url: string): PartialExpansion | undefined {
    return this.#expand(url.split('|')[0]!, new Set());
  }

  /** Every code of a code system; undefined when the package does not hold it whole. */
  allCodesOf(system: string): ReadonlySet<string> | undefined {
    const known = this.#codesBySystem.get(system);
    if (known !== undefined) return known;
    const all = this.#codesOf(system, {});
    if (all === undefined) return undefined;
    const codes = new Set(all);
    this.#codesBySystem.set(system, codes);
    return codes;
  }

  /** `around` are the value sets being expanded, so that one that includes itself is refused instead of followed. */
  #expand(url: string, around: ReadonlySet<string>): Codes | undefined {
    if (around.has(url)) return undefined;
    const inside = new Set([...around, url]);
    const compose = this.#byUrl.get(`ValueSet ${url}`)?.compose as
      | { include?: readonly Include[]; exclude?: readonly Include[] }
      | undefined;
    if (compose?.include === undefined) return undefined;
    const codes: Codes = new Map();
    for (const include of compose.include) if (!this.#add(include, codes, inside)) return undefined;
    const excluded: Codes = new Map();
    for (const exclude of compose.exclude ?? []) if (!this.#add(exclude, excluded, inside)) return undefined;
    for (const [system, removed] of excluded) {
      if (removed === undefined) codes.set(system, undefined);
      else for (const code of removed) codes.get(system)?.delete(code);
    }
    return codes;
  }

  #add(include: Include, codes: Codes, around: ReadonlySet<string>): boolean {
    const { system, valueSet } = include;
    // What a system and value sets, or several value sets, have in common is not worked out here: R4's own have no such.
    if (valueSet !== undefined && (system !== undefined || valueSet.length > 1)) return false;
    for (const url of valueSet ?? []) {
      const inner = this.#expand(url.split('|')[0]!, around);
      if (inner === undefined) return false;
      for (const [name, list] of inner) put(codes, name, list);
    }
    if (system === undefined) return valueSet !== undefined;
    put(codes, system, this.#codesOf(system, include));
    return true;
  }

  #codesOf(system: string, { concept, filter }: Include): Iterable<string> | undefined {
    if (concept !== undefined) return concept.map(({ code }) => code);
    const all = this.#byUrl.get(`CodeSystem ${system}`);
    if (all === undefined || all.content !== 'complete') return undefined;
    const roots = (all.concept ?? []) as readonly Concept[];
    if (filter === undefined || filter.length === 0) return allCodes(roots);
    const [{ op, value } = { op: '', value: '' }, ...more] = filter;
    if (more.length > 0 || (op !== 'is-a' && op !== 'descendent-of')) return undefined;
    const found = findConcept(roots, value);
    if (found === undefined) return undefined;
    return op === 'is-a' ? allCodes([found]) : allCodes(found.concept ?? []);
  }
}

/** Adds codes of a system; a system that is open once stays open. */
function put(codes: Codes, system: string, list: Iterable<string> | undefined): void {
  const known = codes.get(system);
  if (list === undefined || (codes.has(system) && known === undefined)) codes.set(system, undefined);
  else codes.set(system, new Set([...(known ?? []), ...list]));
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
