import type { JsonObject } from '../fhir/json';
import { outwardPostcode } from './generalise';
import { dropped, isObject, type ReportLine, type RuleSource, type ValueRule } from './split-state';

const uses: ReadonlySet<unknown> = new Set(['home', 'work', 'temp', 'old', 'billing']);
const kinds: ReadonlySet<unknown> = new Set(['postal', 'physical', 'both']);

const lines = {
  type: dropped('Address.type', 'not-a-code'),
  postcode: dropped('Address.postalCode', 'format'),
  address: dropped('Address', 'address'),
  location: dropped('Address', 'protected-location'),
};
const generalised: ReportLine = { path: 'Address.postalCode', action: 'generalised', reason: 'postcode' };

/**
 * Address (R4 datatypes.html#Address): the outward part of a UK postcode, what kind of address it is and when it held.
 * Lines, town, district and county are dropped, for organisations too: a village and a specialty can be one patient.
 */
export function addressRule(source: RuleSource): ValueRule {
  const period = source.ruleOf('Period');
  return (value, state) => {
    if (!isObject(value)) return state.refuse('structure', 'Address');
    if (state.restricted) return state.count(lines.location);
    const kept: JsonObject = {};
    let lost = false;
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined) continue;
      if (key === 'use') {
        if (!uses.has(item)) return state.refuse('modifier-lost', 'Address.use');
        kept.use = item;
      } else if (key === 'type') {
        if (kinds.has(item)) kept.type = item;
        else state.count(lines.type);
      } else if (key === 'postalCode') {
        const outward = typeof item === 'string' ? outwardPostcode(item) : undefined;
        state.count(outward === undefined ? lines.postcode : generalised);
        if (outward !== undefined) kept.postalCode = outward;
      } else if (key === 'period') {
        const during = period(item, state);
        if (during !== undefined) kept.period = during;
      } else lost = true;
    }
    if (lost) state.count(lines.address);
    return kept.postalCode === undefined ? undefined : kept;
  };
}
