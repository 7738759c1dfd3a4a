import { codesOf } from './definitions';
import type { PartialExpansion } from './value-set-expander';

/** What a code may be told about its value set: in it, not in it, or not to be decided without a terminology server. */
export type Membership = boolean | undefined;

export interface ValueSetCodes {
  /** Is the code in the set, whatever its system? For elements of type code. */
  readonly hasCode: (code: string) => Membership;
  /** Is the code of this system in the set? */
  readonly has: (system: string, code: string) => Membership;
  /** The codes, where they are few enough to be told; else empty. */
  readonly few: readonly string[];
}

/** Expands a value set by canonical URL without version, as far as it goes; undefined when this source cannot at all. */
export type ValueSetSource = (valueSet: string) => PartialExpansion | undefined;

/** All codes of a code system by its URL; undefined when this source does not have them all. */
export type CodeSystemSource = (system: string) => ReadonlySet<string> | undefined;

/** Value sets whose systems follow a grammar instead of a list. */
const grammars: Readonly<Record<string, { readonly system: string; readonly test: (code: string) => boolean }>> = {
  // RFC 6838 section 4.2, parameters allowed; xml, json and ttl are the short forms of R4 (http.html#mime-type).
  'http://hl7.org/fhir/ValueSet/mimetypes': {
    system: 'urn:ietf:bcp:13',
    test: (code) =>
      /^(?:xml|json|ttl)$|^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+*-]*(?:\s*;.*)?$/.test(code),
  },
  'http://hl7.org/fhir/ValueSet/currencies': {
    system: 'urn:iso:std:iso:4217',
    test: (code) => /^[A-Z]{3}$/.test(code),
  },
  'http://hl7.org/fhir/ValueSet/ucum-units': {
    system: 'http://unitsofmeasure.org',
    test: (code) => /^[\x21-\x7e]+$/.test(code),
  },
  'http://hl7.org/fhir/ValueSet/all-languages': { system: 'urn:ietf:bcp:47', test: (code) => isLanguageTag(code) },
};

/** The shape of RFC 5646: a language of two to eight letters, then subtags; `i-` and `x-` begin tags of their own kind. */
const isLanguageTag = (code: string): boolean => /^(?:[A-Za-z]{2,8}|[ixIX](?=-))(?:-[A-Za-z0-9]{1,8})*$/.test(code);

const mostTold = 30;

/** Looks codes up in value sets; each set is turned into hash sets at its first use. */
export class ValueSets {
  readonly #sources: readonly ValueSetSource[];
  readonly #known = new Map<string, ValueSetCodes | undefined>();

  readonly #codeSystems: readonly CodeSystemSource[];

  constructor(sources: readonly ValueSetSource[] = [], codeSystems: readonly CodeSystemSource[] = []) {
    this.#sources = [...sources, coreSource];
    this.#codeSystems = codeSystems;
  }

  /** Does the code system have the code? Undefined where no package has the whole system. */
  isDefined(system: string, code: string): Membership {
    for (const source of this.#codeSystems) {
      const codes = source(system);
      if (codes !== undefined) return codes.has(code);
    }
    return undefined;
  }

  /** Undefined when the set cannot be decided offline. */
  get(valueSet: string): ValueSetCodes | undefined {
    if (!this.#known.has(valueSet)) this.#known.set(valueSet, this.#find(valueSet));
    return this.#known.get(valueSet);
  }

  #find(valueSet: string): ValueSetCodes | undefined {
    const grammar = Object.hasOwn(grammars, valueSet) ? grammars[valueSet] : undefined;
    if (grammar !== undefined) {
      const { system, test } = grammar;
      return { hasCode: test, has: (given, code) => given === system && test(code), few: [] };
    }
    for (const source of this.#sources) {
      const expansion = source(valueSet);
      if (expansion !== undefined) return codesIn(expansion);
    }
    return undefined;
  }
}

const coreSource: ValueSetSource = (valueSet) => {
  const rows = codesOf(valueSet);
  return rows === undefined ? undefined : new Map(rows.map(([system, codes]) => [system, new Set(codes)]));
};

function codesIn(expansion: PartialExpansion): ValueSetCodes {
  const lists = [...expansion.values()];
  const isWhole = !lists.includes(undefined);
  const all =
    lists.length === 1 && lists[0] !== undefined ? lists[0] : new Set(lists.flatMap((list) => [...(list ?? [])]));
  return {
    hasCode: (code) => all.has(code) || (isWhole ? false : undefined),
    has: (system, code) => (expansion.has(system) ? expansion.get(system)?.has(code) : false),
    few: isWhole && all.size <= mostTold ? [...all] : [],
  };
}
