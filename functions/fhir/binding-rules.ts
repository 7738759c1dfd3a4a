import type { Binding } from './definitions';
import { isJsonObject, type JsonObject, type JsonValue, textOf } from './json';
import type { ValidationRun } from './validation-run';
import type { Membership, ValueSetCodes, ValueSets } from './value-sets';

/**
 * Checks a coded value against the binding of an element, of R4 itself or of a profile. Only `required` can be an error: outside
 * an extensible set another code is right where none of the set applies, which a person can tell (a warning); a preferred
 * set is a recommendation, and a set that needs a terminology server is not decided (information).
 */
export function checkBinding(
  value: JsonValue,
  { strength, valueSet, maximum }: Binding,
  valueSets: ValueSets,
  run: ValidationRun,
  profile?: string,
): void {
  if (value === null || strength === 'example') return;
  const isRequired = strength === 'required';
  // Text alone is allowed where no code fits, unless the binding is required (terminologies.html#extensible).
  if (!isRequired && !hasCode(value)) return;
  // A code that its system does not have means nothing, in whatever set (https://hl7.org/fhir/R4/datatypes.html#Coding).
  if (!isRequired && profile !== undefined)
    for (const { system, code } of codingsOf(value))
      if (typeof system === 'string' && typeof code === 'string' && valueSets.isDefined(system, code) === false)
        run.error('code-invalid', `The code system ${system} does not have this code (profile ${profile}).`);
  const codes = valueSets.get(valueSet);
  const isMember = codes === undefined ? undefined : memberOf(value, codes);
  if (isMember === true) return;
  if (maximum !== undefined && typeof value === 'string' && valueSets.get(maximum)?.hasCode(value) === false)
    return run.error('code-invalid', `The code is not in the value set ${maximum}, outside of which there is none.`);
  if (codes === undefined || isMember === undefined) {
    run.add('information', 'not-supported', `The ${strength} value set ${valueSet} cannot be decided here.`);
    return;
  }
  const asked = profile === undefined ? '' : ` (profile ${profile})`;
  const allowed = codes.few.length > 0 ? ` In it are: ${codes.few.join(', ')}.` : '';
  const severity = isRequired ? 'error' : strength === 'extensible' ? 'warning' : 'information';
  run.add(severity, 'code-invalid', `The code is not in the ${strength} value set ${valueSet}${asked}.${allowed}`);
}

const codingsOf = (value: JsonValue): readonly JsonObject[] =>
  !isJsonObject(value) ? [] : Array.isArray(value.coding) ? value.coding.filter(isJsonObject) : [value];

const hasCode = (value: JsonValue): boolean =>
  !isJsonObject(value) || value.coding !== undefined || value.code !== undefined;

function memberOf(value: JsonValue, codes: ValueSetCodes): Membership {
  if (typeof value === 'string') return codes.hasCode(value);
  if (!isJsonObject(value)) return undefined;
  if (Array.isArray(value.coding)) {
    let isOpen = false;
    for (const coding of value.coding) {
      const member = memberOf(coding, codes);
      if (member === true) return true;
      isOpen ||= member === undefined;
    }
    return isOpen ? undefined : false;
  }
  // A concept of text only has no code that could be in the set; one with an extension may say why there is none.
  if (value.code === undefined && value.system === undefined) return value.extension === undefined ? false : undefined;
  return codes.has(textOf(value.system), textOf(value.code));
}
