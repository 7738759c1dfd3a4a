import { resourceTypes } from './definitions';
import type { JsonObject } from './json';
import type { ValidationRun } from './validation-run';

const resources: ReadonlySet<string> = new Set(resourceTypes);

/** A literal reference to a resource of a server, absolute or relative (https://hl7.org/fhir/R4/references.html#literal). */
const literal =
  /^(?:[a-z][a-z0-9+.-]*:\S*\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
/** A conditional reference, resolved by the receiver of a transaction (https://hl7.org/fhir/R4/http.html#trules). */
const conditional = /^([A-Z][A-Za-z]+)\?\S+$/;
const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Checks where a Reference points: a known form, a contained resource that is there, an allowed type. */
export function checkReference(value: JsonObject, targets: ReadonlySet<string> | undefined, run: ValidationRun): void {
  const { reference } = value;
  const type = typeof reference === 'string' ? targetType(reference, run) : undefined;
  // Reference.type: what is referred to SHALL be of that type.
  if (type !== undefined && typeof value.type === 'string' && resources.has(value.type) && value.type !== type)
    run.error(
      'value',
      'The type names another resource type than the reference. Give the one that is referred to.',
      'type',
    );
  if (targets === undefined) return;
  const named = type ?? (typeof value.type === 'string' && resources.has(value.type) ? value.type : undefined);
  if (named !== undefined && !targets.has(named)) {
    const allowed = [...targets].join(', ');
    run.error('value', `The reference points to a type that is not allowed here. Allowed are: ${allowed}.`);
  }
}

/** The resource type a reference text names, as far as this message can tell; reports a text that is no reference. */
function targetType(reference: string, run: ValidationRun): string | undefined {
  if (reference.charCodeAt(0) === 35) return localType(reference.slice(1), run);
  const entry = run.bundle?.get(reference);
  if (entry !== undefined) return entry;
  const name = (literal.exec(reference) ?? conditional.exec(reference))?.[1];
  if (name !== undefined) {
    if (resources.has(name)) return name;
    if (absolute.test(reference)) return undefined;
    run.error('value', 'A relative reference names an R4 resource type: Type/id.', 'reference');
  } else if (!absolute.test(reference)) {
    run.error(
      'value',
      'The reference is in no form FHIR knows. Allowed are: Type/id, an absolute URL, urn:uuid:…, urn:oid:…, #id of a contained resource.',
      'reference',
    );
  }
  return undefined;
}

function localType(id: string, run: ValidationRun): string | undefined {
  const { scope } = run;
  if (id === '') {
    scope.pointsBack = true;
    return typeof scope.root.resourceType === 'string' ? scope.root.resourceType : undefined;
  }
  scope.referred.add(id);
  const type = scope.contained.get(id);
  if (type === undefined) {
    run.error('invariant', 'A reference with # points to no contained resource (rule ref-1 of FHIR R4).', 'reference');
  }
  return type;
}
