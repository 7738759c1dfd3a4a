import { definitionOf } from '../definitions';
import type { Profile } from './profile-package';

const domainResourceElements = 'contained';

/** The type of the element a path of names leads to: `Patient.contact` for a backbone, `HumanName` for a data type. */
function typeAt(steps: readonly string[]): string | undefined {
  let [type] = steps;
  for (const step of steps.slice(1)) {
    const typed = /^([A-Za-z]+)\.ofType\(([A-Za-z]+)\)$/.exec(step);
    const element = type === undefined ? undefined : definitionOf(type)?.elements.get(typed?.[1] ?? step);
    type = typed?.[2] ?? element?.types[0]?.code;
  }
  return type;
}

/**
 * May an extension stand on this element (https://hl7.org/fhir/R4/defining-extensions.html#context)? `steps` lead from the
 * resource type to the element, without indexes. Contexts of kind `fhirpath` are not decided and pass.
 */
export function mayStandOn({ contexts }: Profile, steps: readonly string[], aroundUrl: string | undefined): boolean {
  if (contexts.length === 0) return true;
  const names = steps.map((step) => step.replace(/\.ofType\([A-Za-z]+\)$/, '[x]'));
  const path = names.join('.');
  const type = typeAt(steps);
  return contexts.some(({ kind, expression }) => {
    if (kind === 'fhirpath') return true;
    if (kind === 'extension') return aroundUrl === expression.split('#')[0];
    if (expression === 'Element' || expression === path || expression === path.replace(/\[x\]$/, '')) return true;
    if (type === undefined) return false;
    if (expression === type) return true;
    if (steps.length === 1)
      return (
        expression === 'Resource' ||
        (expression === 'DomainResource' && definitionOf(type)?.elements.has(domainResourceElements) === true)
      );
    // `HumanName.family` names an element of a data type wherever that type is used.
    const owner = typeAt(steps.slice(0, -1));
    return expression === `${owner}.${names.at(-1)}` || (expression === 'BackboneElement' && type.includes('.'));
  });
}
