import type { Model } from 'fhirpath';
import { capitalised, definitionOf, type ElementDefinition, typeNames } from '../definitions';

/** The tables of the library, which its types name only in part. */
type WholeModel = Model & { readonly availableTypes: Set<string> };

let made: Model | undefined;

/**
 * R4 as the FHIRPath library asks for it, made from the lake's own tables: the model that comes with the library says the
 * same and is half a megabyte that every bundle would carry.
 */
export function fhirpathModel(): Model {
  made ??= makeModel();
  return made;
}

function makeModel(): Model {
  const model: WholeModel = {
    version: 'r4',
    choiceTypePaths: {},
    pathsDefinedElsewhere: {},
    type2Parent: {},
    path2Type: {},
    path2Repeating: {},
    resourcesWithUrlParam: {},
    path2TypeWithoutElements: {},
    path2RefType: {},
    availableTypes: new Set(),
  };
  for (const name of typeNames) {
    const { base, elements } = definitionOf(name)!;
    if (base !== undefined && !name.includes('.')) {
      model.type2Parent[name] = base;
      model.availableTypes.add(name).add(base);
    }
    for (const element of elements.values()) addElement(model, `${name}.${element.name}`, element);
  }
  return model;
}

function addElement(model: Model, path: string, { choice, types, max }: ElementDefinition): void {
  if (max > 1) model.path2Repeating[path] = true;
  if (choice) model.choiceTypePaths[path] = types.map(({ code }) => capitalised(code));
  for (const { code, targets } of types) {
    if (code.includes('.') && code !== path) {
      // A contentReference: its elements are those of another path.
      model.pathsDefinedElsewhere[path] = code;
      continue;
    }
    const key = choice ? `${path}${capitalised(code)}` : path;
    if (code === path) {
      model.path2Type[key] = innerType(path);
      continue;
    }
    const type = systemType(path) ?? code;
    model.path2Type[key] = type;
    model.path2TypeWithoutElements[key] = type;
    if (targets !== undefined) model.path2RefType[key] = [...targets];
  }
}

/** What an element with elements of its own is called: R4 derives those of resources from another type than those of data types. */
const innerType = (path: string): string =>
  definitionOf(path.slice(0, path.indexOf('.')))?.kind === 'resource' ? 'BackboneElement' : 'Element';

const systemTypes: Readonly<Record<string, string>> = {
  boolean: 'System.Boolean',
  date: 'System.Date',
  dateTime: 'System.DateTime',
  decimal: 'System.Decimal',
  instant: 'System.DateTime',
  integer: 'System.Integer',
  time: 'System.Time',
};

/** Where R4 gives FHIRPath's own type instead of one of FHIR: the ids of elements, the address of an extension, what a primitive holds. */
function systemType(path: string): string | undefined {
  const at = path.lastIndexOf('.');
  const [owner, name] = [path.slice(0, at), path.slice(at + 1)];
  if (name === 'value' && definitionOf(owner)?.kind === 'primitive') return systemTypes[owner] ?? 'System.String';
  return name === 'id' || path === 'Extension.url' ? 'System.String' : undefined;
}
