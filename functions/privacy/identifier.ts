import type { JsonObject } from '../fhir/json';
import { looksLikeNhsNumber } from './nhs-number';
import { personIdentifierSystems, publicIdentifierSystems } from './rules/identifier-systems';
import { dropped, isObject, type ReportLine, type RuleSource, type ValueRule } from './split-state';
import { pseudonymSystem } from './tokens';

const uses: ReadonlySet<unknown> = new Set(['usual', 'official', 'temp', 'secondary', 'old']);

const lines = {
  value: dropped('Identifier.value', 'identifier'),
  person: dropped('Identifier.value', 'person-identifier'),
  id: dropped('Identifier.id', 'technical'),
  other: dropped('Identifier.(unknown)', 'unknown-element'),
};
const tokenised: ReportLine = { path: 'Identifier.value', action: 'tokenised', reason: 'pseudonym' };

/**
 * Identifier (R4 datatypes.html#Identifier) of an order, a specimen, an encounter: worth keeping because messages about the
 * same thing share it, so system and value become one token under the lake's own system. Public registers of organisations
 * stay as they are; a person's identifier, wherever it stands, is dropped.
 */
export function identifierRule(source: RuleSource): ValueRule {
  const inner = {
    type: source.ruleOf('CodeableConcept'),
    period: source.ruleOf('Period'),
    assigner: source.ruleOf('Reference'),
    extension: source.extensions('Identifier.extension'),
  };
  return (value, state) => {
    if (!isObject(value)) return state.refuse('structure', 'Identifier');
    const { system, value: text } = value;
    if (
      typeof text !== 'string' ||
      (system !== undefined && typeof system !== 'string') ||
      system?.includes('\x1f') === true
    )
      return state.count(lines.value);
    if ((system !== undefined && personIdentifierSystems.has(system)) || looksLikeNhsNumber(text))
      return state.count(lines.person);
    const kept: JsonObject = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined || key === 'system' || key === 'value') continue;
      if (key === 'use') {
        if (!uses.has(item)) return state.refuse('modifier-lost', 'Identifier.use');
        kept.use = item;
      } else if (key === 'type' || key === 'period' || key === 'assigner' || key === 'extension') {
        const part = inner[key](item, state);
        if (part !== undefined) kept[key] = part;
      } else state.count(key === 'id' ? lines.id : lines.other);
    }
    if (system !== undefined && publicIdentifierSystems.get(system)?.test(text) === true)
      return { ...kept, system, value: text };
    state.count(tokenised);
    return { ...kept, system: pseudonymSystem, value: state.tokeniser.tokenFor(system ?? '', text) };
  };
}
