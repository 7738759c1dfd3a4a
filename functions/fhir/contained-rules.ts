import { has } from './invariants/element-access';
import { isJsonObject, type JsonObject, textOf } from './json';
import type { ValidationRun } from './validation-run';

export const noContained: ReadonlyMap<string, string> = new Map();

/** Types of the contained resources by id. */
export function containedTypes({ contained }: JsonObject): ReadonlyMap<string, string> {
  if (!Array.isArray(contained)) return noContained;
  const types = new Map<string, string>();
  for (const one of contained) {
    if (isJsonObject(one) && typeof one.id === 'string') types.set(one.id, textOf(one.resourceType));
  }
  return types;
}

/** dom-2 to dom-5, after the walk of the whole resource, when it is known what is referred to. */
export function checkContainedRules({ contained }: JsonObject, run: ValidationRun): void {
  if (!Array.isArray(contained)) return;
  const seen = new Set<string>();
  for (const [index, one] of contained.entries()) {
    if (!isJsonObject(one)) continue;
    const fail = (text: string): void => run.error('invariant', text, `contained[${index}]`);
    const id = textOf(one.id);
    if (typeof one.id !== 'string' || !run.scope.referred.has(id))
      fail('A contained resource has an id and is referred to from the resource around it (rule dom-3 of FHIR R4).');
    if (seen.has(id)) fail('Each contained resource has an id of its own.');
    seen.add(id);
    if (has(one, 'contained')) fail('A contained resource must not contain another (rule dom-2 of FHIR R4).');
    if (!isJsonObject(one.meta)) continue;
    if (has(one.meta, 'versionId', 'lastUpdated'))
      fail('A contained resource has no meta.versionId and no meta.lastUpdated (rule dom-4 of FHIR R4).');
    if (has(one.meta, 'security')) fail('A contained resource has no security label (rule dom-5 of FHIR R4).');
  }
}
