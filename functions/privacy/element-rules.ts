/**
 * The notation of the rules (rules/*.ts): default deny, one row per FHIR type or backbone path,
 *
 *     Observation.component: code value=resultWord interpretation
 *
 * lists the elements that stay, by their base name (`value` covers every `value[x]`). An element that is not named is
 * dropped and counted. What a named element keeps is decided by its type; `=treatment` decides it for types that could
 * hold text, and `@location` drops it for people whose whereabouts are protected. Lines that begin with a space continue.
 */
type Treatment =
  /** Birth dates: cut to the configured precision. */
  | 'birthDate'
  /** Dates of death: cut to the configured precision; flags stay. */
  | 'deceased'
  /** Replaced by a token under the pseudonym key: equal values stay equal, nothing can be read from them. */
  | 'tokenise'
  /** Item numbers of questionnaires stay, other link ids are tokenised. */
  | 'linkId'
  /** Strings that are one of the usual words or numbers of a laboratory result. */
  | 'resultWord'
  /** SampledData.data. */
  | 'samples'
  /** Canonical urls of profiles on the list of profiles. */
  | 'profile';

export interface ElementRule {
  readonly treatment: Treatment | undefined;
  /** Tells where a person is or is registered. */
  readonly location: boolean;
}

/** Rules of a type by element name; a type without rules keeps nothing. */
export type RuleSet = ReadonlyMap<string, ReadonlyMap<string, ElementRule>>;

const treatments: readonly string[] = [
  'birthDate',
  'deceased',
  'tokenise',
  'linkId',
  'resultWord',
  'samples',
  'profile',
];

const isTreatment = (text: string): text is Treatment => treatments.includes(text);

/** Reads rule texts. Throws at start on a row that does not follow the notation or comes twice: rules are code to the lake. */
export function parseRules(...texts: readonly string[]): RuleSet {
  const rules = new Map<string, ReadonlyMap<string, ElementRule>>();
  for (const text of texts) {
    for (const row of text.replace(/\n\s+/g, ' ').split('\n')) {
      if (row.trim() === '') continue;
      const match = /^([A-Za-z.]+):(.*)$/.exec(row);
      const type = match?.[1];
      if (type === undefined || rules.has(type))
        throw new Error(`Privacy rules: the row "${row.slice(0, 40)}" is malformed or its type has a row already.`);
      rules.set(type, parseElements(type, match?.[2] ?? ''));
    }
  }
  return rules;
}

function parseElements(type: string, text: string): ReadonlyMap<string, ElementRule> {
  const elements = new Map<string, ElementRule>();
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const match = /^([A-Za-z][A-Za-z0-9]*)(?:=([A-Za-z]+))?(@location)?$/.exec(word);
    const [, name, treatment, location] = match ?? [];
    if (name === undefined || elements.has(name) || (treatment !== undefined && !isTreatment(treatment))) {
      throw new Error(
        `Privacy rules: "${word}" in the row of ${type} is malformed, repeated or has no known treatment.`,
      );
    }
    elements.set(name, { treatment: treatment as Treatment | undefined, location: location !== undefined });
  }
  return elements;
}
