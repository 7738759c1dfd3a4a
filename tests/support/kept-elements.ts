import { definitionOf, propertyOf } from '../../functions/fhir/definitions';
import type { JsonValue } from '../../functions/fhir/json';
import { elementRules } from '../../functions/privacy/privacy-rules';

/** What the types that are checked as a whole keep; stated here on its own, not read from their code. */
export const wholes: Readonly<Record<string, readonly string[]>> = {
  Coding: ['system', 'version', 'code', 'userSelected'],
  Reference: ['reference', 'type'],
  Identifier: ['use', 'type', 'system', 'value', 'period', 'assigner'],
  Address: ['use', 'type', 'postalCode', 'period'],
};
const quantity = ['value', 'comparator', 'unit', 'system', 'code'];
export const quantityKinds = new Set([
  'Quantity',
  'Age',
  'Count',
  'Distance',
  'Duration',
  'MoneyQuantity',
  'SimpleQuantity',
]);
export const textTypes = new Set([
  'string',
  'markdown',
  'uri',
  'url',
  'canonical',
  'oid',
  'uuid',
  'id',
  'base64Binary',
  'xhtml',
]);

export interface KeptTally {
  expected: number;
  found: number;
  readonly lost: string[];
}

/** Counts the leaves the rows keep, and how many of them the clinical copy has at the same place. */
export function tallyKept(
  typeName: string,
  sent: JsonValue | undefined,
  kept: JsonValue | undefined,
  tally: KeptTally,
): void {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return;
  const type = quantityKinds.has(typeName) ? 'Quantity' : typeName;
  for (const [key, value] of Object.entries(sent)) {
    const property = propertyOf(typeName, key);
    if (property === undefined || property.sibling) continue;
    const rule = elementRules.get(type)?.get(property.element.name);
    const whole = type === 'Quantity' ? quantity : wholes[type];
    if (whole === undefined ? rule === undefined : !whole.includes(key)) continue;
    const { code } = property.type;
    const isLeaf = definitionOf(code)?.kind === 'primitive';
    // A text element stays only under a treatment; the built values fit `resultWord` and the list of profiles nowhere.
    if (
      isLeaf &&
      whole === undefined &&
      textTypes.has(code) &&
      (rule?.treatment === undefined || ['resultWord', 'profile', 'birthDate', 'deceased'].includes(rule.treatment))
    )
      continue;
    // A data type without a row keeps nothing, so a choice element keeps nothing of it either.
    if (!isLeaf && wholes[code] === undefined && !quantityKinds.has(code) && !elementRules.has(code)) continue;
    const inner = typeof kept === 'object' && kept !== null && !Array.isArray(kept) ? kept[key] : undefined;
    const first = Array.isArray(value) ? value[0] : value;
    const firstKept = Array.isArray(inner) ? inner[0] : inner;
    if (isLeaf) {
      tally.expected += 1;
      if (firstKept !== undefined) tally.found += 1;
      else tally.lost.push(`${typeName}.${key}`);
    } else tallyKept(code, first, firstKept, tally);
  }
}
