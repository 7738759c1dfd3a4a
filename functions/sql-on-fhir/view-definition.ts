import { resourceTypes } from '../fhir/definitions';
import { constantValue } from './constants';
import type { Literal } from './fhirpath/scope';
import { viewFault } from './view-fault';

/**
 * A ViewDefinition, 2.0.0 (https://sql-on-fhir.org/ig) and 3.0.0-ballot (http://hl7.org/fhir/uv/sql-on-fhir) alike: the
 * elements that decide rows have one meaning in both. What only describes a view (url, title, …) is not read.
 */
export interface ViewDefinition {
  readonly name?: string;
  readonly resource: string;
  readonly constants: ReadonlyMap<string, Literal>;
  readonly select: readonly ViewSelect[];
  readonly where: readonly Located<string>[];
}

/** A value with its place in the definition, for messages. */
export interface Located<Value> {
  readonly value: Value;
  readonly location: string;
}

export type Iteration =
  | { readonly kind: 'forEach' | 'forEachOrNull'; readonly path: Located<string> }
  | { readonly kind: 'repeat'; readonly paths: readonly Located<string>[] };

export interface ViewSelect {
  readonly location: string;
  readonly iteration?: Iteration;
  readonly columns: readonly ViewColumn[];
  readonly select: readonly ViewSelect[];
  readonly unionAll: readonly ViewSelect[];
}

export interface ViewColumn {
  readonly location: string;
  readonly name: string;
  readonly path: Located<string>;
  /** FHIR type code, as declared. */
  readonly type?: string;
  readonly collection: boolean;
  /** The `ansi/type` tag: the SQL type wanted. */
  readonly ansiType?: Located<string>;
}

type Json = Readonly<Record<string, unknown>>;

/** Deeper nesting of selects is refused, so that no definition can exhaust the stack. */
const maximumDepth = 20;
const namePattern = /^[A-Za-z][A-Za-z0-9_]*$/;

/** A resource since 3.0.0; 2.0 has it as a logical model, whose instances name it by its canonical URL. */
export const isViewDefinition = ({ resourceType }: { readonly resourceType?: unknown }): boolean =>
  typeof resourceType === 'string' && /^(?:https?:\/\/\S+\/StructureDefinition\/)?ViewDefinition$/.test(resourceType);

/** Reads the JSON of a ViewDefinition; every fault names its place. */
export function parseViewDefinition(json: unknown): ViewDefinition {
  const view = object(json, 'ViewDefinition');
  if (view.resourceType !== undefined && !isViewDefinition(view)) {
    throw viewFault('resourceType', 'must be ViewDefinition.');
  }
  const resource = view.resource;
  if (typeof resource !== 'string' || !resourceTypes.includes(resource)) {
    throw viewFault('resource', 'must name one resource type of FHIR R4, such as Observation.');
  }
  const constants = new Map<string, Literal>();
  for (const [index, item] of list(view, 'constant', '').entries()) {
    const location = `constant[${index}]`;
    const constant = object(item, location);
    const name = nameOf(constant, location);
    if (constants.has(name)) throw viewFault(`${location}.name`, 'is taken by another constant. Names are unique.');
    constants.set(name, constantValue(constant, location));
  }
  const select = selects(view, 'select', '', 0);
  if (select.length === 0) throw viewFault('select', 'is required: a view has at least one select.');
  const where = list(view, 'where', '').map((item, index): Located<string> => {
    const location = `where[${index}]`;
    return text(object(item, location), 'path', location);
  });
  return { ...(typeof view.name === 'string' ? { name: view.name } : {}), resource, constants, select, where };
}

function object(json: unknown, location: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw viewFault(location, 'must be a JSON object.');
  }
  return json as Json;
}

const within = (location: string, key: string): string => (location === '' ? key : `${location}.${key}`);

function list(json: Json, key: string, location: string): readonly unknown[] {
  const value = json[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw viewFault(within(location, key), 'must be a JSON array.');
  return value;
}

function text(json: Json, key: string, location: string): Located<string> {
  const value = json[key];
  if (typeof value !== 'string' || value.trim() === '') throw viewFault(within(location, key), 'must be a text.');
  return { value, location: within(location, key) };
}

function nameOf(json: Json, location: string): string {
  const { value } = text(json, 'name', location);
  if (!namePattern.test(value) || value.length > 255) {
    throw viewFault(`${location}.name`, 'must begin with a letter and go on with letters, digits and _ (255 at most).');
  }
  return value;
}

function selects(json: Json, key: 'select' | 'unionAll', parent: string, depth: number): ViewSelect[] {
  if (depth > maximumDepth) throw viewFault(parent, `selects are nested more than ${maximumDepth} deep.`);
  return list(json, key, parent).map((item, index): ViewSelect => {
    const location = within(parent, `${key}[${index}]`);
    const select = object(item, location);
    const iteration = iterationOf(select, location);
    return {
      location,
      ...(iteration === undefined ? {} : { iteration }),
      columns: list(select, 'column', location).map((column, at) => columnOf(column, `${location}.column[${at}]`)),
      select: selects(select, 'select', location, depth + 1),
      unionAll: selects(select, 'unionAll', location, depth + 1),
    };
  });
}

function iterationOf(select: Json, location: string): Iteration | undefined {
  const given = (['forEach', 'forEachOrNull', 'repeat'] as const).filter((key) => select[key] !== undefined);
  const kind = given[0];
  if (kind === undefined) return undefined;
  if (given.length > 1) throw viewFault(location, 'has more than one of forEach, forEachOrNull and repeat.');
  if (kind !== 'repeat') return { kind, path: text(select, kind, location) };
  const paths = list(select, kind, location).map((_, index) =>
    text({ [`repeat[${index}]`]: list(select, kind, location)[index] }, `repeat[${index}]`, location),
  );
  if (paths.length === 0) throw viewFault(`${location}.repeat`, 'needs at least one path.');
  return { kind, paths };
}

/** `http://hl7.org/fhir/StructureDefinition/string` and `string` are the same declaration. */
function typeOf(column: Json, location: string): string | undefined {
  if (column.type === undefined) return undefined;
  const { value } = text(column, 'type', location);
  const system = /^http:\/\/hl7\.org\/fhirpath\/System\.([A-Za-z]+)$/.exec(value)?.[1];
  if (system !== undefined) return system.charAt(0).toLowerCase() + system.slice(1);
  return value.replace(/^http:\/\/hl7\.org\/fhir\/StructureDefinition\//, '');
}

function columnOf(json: unknown, location: string): ViewColumn {
  const column = object(json, location);
  const { collection = false } = column;
  if (typeof collection !== 'boolean') throw viewFault(`${location}.collection`, 'must be true or false.');
  const type = typeOf(column, location);
  const ansiType = ansiTypeOf(column, location);
  return {
    location,
    name: nameOf(column, location),
    path: text(column, 'path', location),
    ...(type === undefined ? {} : { type }),
    collection,
    ...(ansiType === undefined ? {} : { ansiType }),
  };
}

function ansiTypeOf(column: Json, location: string): Located<string> | undefined {
  for (const [index, item] of list(column, 'tag', location).entries()) {
    const place = `${location}.tag[${index}]`;
    const tag = object(item, place);
    if (tag.name === 'ansi/type') return text(tag, 'value', place);
  }
  return undefined;
}
