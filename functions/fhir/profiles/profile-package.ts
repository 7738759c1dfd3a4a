import { isJsonObject, type JsonObject } from '../json';
import { ValueSetExpander } from '../value-set-expander';
import type { CodeSystemSource, ValueSetSource } from '../value-sets';

/** What a differential says of one element (https://hl7.org/fhir/R4/elementdefinition.html), the parts that are checked. */
export interface DifferentialElement extends JsonObject {
  id: string;
  path: string;
}

/** A StructureDefinition of derivation `constraint`: a profile of a resource or data type, or an extension. */
export interface Profile {
  readonly url: string;
  readonly type: string;
  readonly base: string | undefined;
  readonly elements: readonly DifferentialElement[];
  /** Where an extension may stand: element paths or types; for `extension` the URL of the extension around it. */
  readonly contexts: readonly { readonly kind: string; readonly expression: string }[];
}

/** The conformance resources of one FHIR package, ready for the validator. */
export interface ProfilePackage {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly valueSets: ValueSetSource;
  readonly codeSystems: CodeSystemSource;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const objects = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/**
 * Takes the parsed resources of a FHIR package (StructureDefinitions with differentials, ValueSets, CodeSystems; others are
 * passed over). Reading files is the caller's. Throws when a StructureDefinition cannot be used, naming what is missing.
 */
export function loadProfilePackage(resources: readonly unknown[]): ProfilePackage {
  const profiles = new Map<string, Profile>();
  const definitions: (JsonObject & { resourceType: string })[] = [];
  for (const resource of resources) {
    if (!isJsonObject(resource) || typeof resource.resourceType !== 'string') continue;
    definitions.push(resource as JsonObject & { resourceType: string });
    if (resource.resourceType !== 'StructureDefinition' || resource.derivation !== 'constraint') continue;
    const profile = profileOf(resource);
    profiles.set(profile.url, profile);
  }
  const expander = new ValueSetExpander(definitions as unknown as ConstructorParameters<typeof ValueSetExpander>[0]);
  return {
    profiles,
    valueSets: (valueSet) => expander.expandPartly(valueSet),
    codeSystems: (system) => expander.allCodesOf(system),
  };
}

function profileOf(resource: JsonObject): Profile {
  const url = text(resource.url);
  const type = text(resource.type);
  if (url === undefined || type === undefined)
    throw new Error('A StructureDefinition of the package has no url or no type. Give a complete FHIR package.');
  const differential = isJsonObject(resource.differential) ? resource.differential.element : undefined;
  const elements = objects(differential).filter((element) => text(element.path) !== undefined);
  if (elements.length === 0)
    throw new Error(`The StructureDefinition ${url} has no differential, which this package reader compiles.`);
  return {
    url,
    type,
    base: text(resource.baseDefinition),
    elements: elements.map((element) => ({
      ...element,
      path: String(element.path),
      id: text(element.id) ?? idOf(element),
    })),
    contexts: objects(resource.context).map((context) => ({
      kind: String(context.type),
      expression: String(context.expression),
    })),
  };
}

/** Element ids are optional in R4: path, and the slice name where one is given. */
const idOf = ({ path, sliceName }: JsonObject): string =>
  typeof sliceName === 'string' ? `${String(path)}:${sliceName}` : String(path);
