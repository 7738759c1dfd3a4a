import type { JsonObject } from '../../../functions/fhir/json';
import { first, type Mutator, put } from './fault-sites';

const ucum = 'http://unitsofmeasure.org';

/** Objects that fail one rule of their data type and are right otherwise: type, rule, object, where the issue stands below. */
const failing: readonly (readonly [type: string, rule: string, value: JsonObject, below?: string])[] = [
  ['Period', 'per-1', { start: '2024-02-01', end: '2024-01-31' }],
  ['Quantity', 'qty-3', { value: 1, code: 'mg' }],
  ['Age', 'age-1', { value: 0, system: ucum, code: 'a' }],
  ['Duration', 'drt-1', { value: 1, system: 'http://example.org/units', code: 'h' }],
  ['Range', 'rng-2', { low: { value: 2, unit: 'mg' }, high: { value: 1, unit: 'mg' } }],
  ['Range', 'sqty-1', { low: { value: 2, comparator: '<' } }, '.low'],
  ['Ratio', 'rat-1', { numerator: { value: 1 } }],
  ['ContactPoint', 'cpt-2', { value: 'word' }],
  ['Attachment', 'att-1', { data: 'aGVsbG8=' }],
  ['Expression', 'exp-1', { language: 'text/fhirpath' }],
  ['Timing', 'tim-1', { repeat: { duration: 1 } }, '.repeat'],
  ['Timing', 'tim-2', { repeat: { period: 1 } }, '.repeat'],
  ['Timing', 'tim-4', { repeat: { duration: -1, durationUnit: 'h' } }, '.repeat'],
  ['Timing', 'tim-8', { repeat: { countMax: 2 } }, '.repeat'],
  ['Timing', 'tim-10', { repeat: { timeOfDay: ['10:00:00'], when: ['MORN'] } }, '.repeat'],
  ['TriggerDefinition', 'trd-3', { type: 'named-event' }],
];

/** A fault for each rule: an object that fails it, wherever an object of its type stands. */
export const ruleMutators: Readonly<Record<string, Mutator>> = Object.fromEntries(
  failing.map(([type, rule, value, below = '']): [string, Mutator] => [
    `rule ${rule} of ${type}`,
    (site) => {
      if (site.type !== type) return undefined;
      put(site, structuredClone(value));
      return { code: 'invariant', expression: `${first(site.path, site)}${below}` };
    },
  ]),
);
