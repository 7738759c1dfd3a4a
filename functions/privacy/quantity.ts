import type { JsonObject } from '../fhir/json';
import type { CodeSystems } from './coding';
import { isIdentifyingNumber } from './leaf-formats';
import { unitWords } from './rules/unit-words';
import { dropped, isObject, numberText, type RuleSource, type ValueRule } from './split-state';
import { isUcumUnit } from './ucum';

const comparators: ReadonlySet<unknown> = new Set(['<', '<=', '>=', '>']);

/** A unit somebody wrote: a UCUM unit or one of the listed words; everything else could be prose. */
export const isUnit = (text: string): boolean => unitWords.has(text.toLowerCase()) || isUcumUnit(text);

const lines = {
  value: dropped('Quantity.value', 'identifying-value'),
  unit: dropped('Quantity.unit', 'not-a-unit'),
  system: dropped('Quantity.system', 'unknown-code-system'),
  code: dropped('Quantity.code', 'not-a-code'),
  id: dropped('Quantity.id', 'technical'),
  other: dropped('Quantity.(unknown)', 'unknown-element'),
};

/**
 * Quantity and its kinds (R4 datatypes.html#Quantity). A value whose unit was sent but cannot be kept in any form is dropped
 * with it: a bare number would be read in the unit the reader expects.
 */
export function quantityRule(systems: CodeSystems, source: RuleSource): ValueRule {
  const extensions = source.extensions('Quantity.extension');
  return (value, state) => {
    if (!isObject(value)) return state.refuse('structure', 'Quantity');
    const kept: JsonObject = {};
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined || key === 'system' || key === 'code') continue;
      if (key === 'value') {
        const text = numberText(item);
        if (text === undefined) return state.refuse('structure', 'Quantity.value');
        if (isIdentifyingNumber(Number(text))) return state.count(lines.value);
        kept.value = item;
      } else if (key === 'comparator') {
        if (!comparators.has(item)) return state.refuse('modifier-lost', 'Quantity.comparator');
        kept.comparator = item;
      } else if (key === 'unit') {
        if (typeof item === 'string' && isUnit(item)) kept.unit = item;
        else state.count(lines.unit);
      } else if (key === 'extension') {
        const inner = extensions(item, state);
        if (inner !== undefined) kept.extension = inner;
      } else state.count(key === 'id' ? lines.id : lines.other);
    }
    const { system, code } = value;
    if (code !== undefined) {
      const isCode = typeof system === 'string' ? systems.testOf(system) : undefined;
      if (isCode === undefined) state.count(lines.system);
      else if (typeof code === 'string' && isCode(code)) Object.assign(kept, { system, code });
      else state.count(lines.code);
    }
    const unitLost =
      (value.unit !== undefined || code !== undefined) && kept.unit === undefined && kept.code === undefined;
    return unitLost || Object.keys(kept).length === 0 ? undefined : kept;
  };
}
