import { isJsonObject, type JsonObject, type JsonValue, textOf } from '../json';
import type { ValidationRun } from '../validation-run';
import type { Membership, ValueSetCodes, ValueSets } from '../value-sets';

interface Binding {
  readonly strength: string;
  readonly valueSet: string;
}

/**
 * Checks a coded value against the binding of a profile. Only `required` can be an error; a code outside an extensible or
 * preferred set may be right, and a set that needs a terminology server is not decided: both are information.
 */
export function checkBinding(
  value: JsonValue,
  { strength, valueSet }: Binding,
  valueSets: ValueSets,
  profile: string,
  run: ValidationRun,
): void {
  if (value === null || strength === 'example') return;
  const codes = valueSets.get(valueSet);
  // Text alone is allowed where no code fits, unless the binding is required (terminologies.html#extensible).
  if (strength !== 'required' && !hasCode(value)) return;
  // A code that its system does not have means nothing, in whatever set (https://hl7.org/fhir/R4/datatypes.html#Coding).
  if (strength !== 'required')
    for (const { system, code } of codingsOf(value))
      if (typeof system === 'string' && typeof code === 'string' && valueSets.isDefined(system, code) === false)
        run.error('code-invalid', `The code system ${system} does not have this code (profile ${profile}).`);
  const isMember = codes === undefined ? undefined : memberOf(value, codes);
  if (isMember === true) return;
  if (codes === undefined || isMember === undefined) {
    if (strength !== 'preferred')
      run.add('information', 'not-supported', `The ${strength} value set ${valueSet} cannot be decided here.`);
    return;
  }
  const allowed = codes.few.length > 0 ? ` In it are: ${codes.few.join(', ')}.` : '';
  if (strength === 'required')
    run.error('code-invalid', `The code is not in the required value set ${valueSet} (profile ${profile}).${allowed}`);
  else run.add('information', 'code-invalid', `The code is not in the ${strength} value set ${valueSet}.${allowed}`);
}

const codingsOf = (value: JsonValue): readonly JsonObject[] =>
  !isJsonObject(value) ? [] : Array.isArray(value.coding) ? value.coding.filter(isJsonObject) : [value];

const hasCode = (value: JsonValue): boolean =>
  !isJsonObject(value) || value.coding !== undefined || value.code !== undefined;

function memberOf(value: JsonValue, codes: ValueSetCodes): Membership {
  if (typeof value === 'string') return codes.hasCode(value);
  if (!isJsonObject(value)) return undefined;
  if (Array.isArray(value.coding)) {
    const members = value.coding.map((coding) => memberOf(coding, codes));
    return members.includes(true) ? true : members.includes(undefined) ? undefined : false;
  }
  // A concept of text only has no code that could be in the set; one with an extension may say why there is none.
  if (value.code === undefined && value.system === undefined) return value.extension === undefined ? false : undefined;
  return codes.has(textOf(value.system), textOf(value.code));
}
