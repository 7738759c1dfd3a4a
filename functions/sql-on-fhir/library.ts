import { isUtf8 } from 'node:buffer';
import { viewFault } from './view-fault';

/**
 * A query or a reusable view in SQL over ViewDefinitions: a Library of profile SQLQuery or SQLView
 * (http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/SQLQuery and …/SQLView, 3.0.0-ballot).
 */
export interface SqlLibrary {
  readonly kind: 'query' | 'view';
  /** Canonical URL; an SQLView has one, so that others can depend on it. */
  readonly url?: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** Tables of the SQL: the label is the table's name, the canonical says what it is. */
  readonly dependencies: readonly { readonly label: string; readonly canonical: string }[];
  readonly parameters: readonly SqlParameter[];
  /** The SQL of the dialect that was asked for. */
  readonly sql: string;
}

export const parameterTypes = ['string', 'integer', 'date', 'dateTime', 'boolean', 'decimal'] as const;
export type SqlParameterType = (typeof parameterTypes)[number];

export interface SqlParameter {
  readonly name: string;
  readonly type: SqlParameterType;
}

type Json = Readonly<Record<string, unknown>>;

const namePattern = /^[A-Za-z][A-Za-z0-9_]*$/;
const typeCodes: Readonly<Record<string, SqlLibrary['kind']>> = { 'sql-query': 'query', 'sql-view': 'view' };
/** 2.1.0-pre and 3.0.0-ballot have different canonical bases. */
const typeSystems = [
  'http://hl7.org/fhir/uv/sql-on-fhir/CodeSystem/LibraryTypesCodes',
  'https://sql-on-fhir.org/ig/CodeSystem/LibraryTypesCodes',
];

/**
 * Reads the JSON of a Library. Of several attachments the one of the dialect is taken, else the plain `application/sql`;
 * with neither it is refused rather than guessed.
 */
export function parseLibrary(json: unknown, dialect: 'duckdb'): SqlLibrary {
  if (!isObject(json) || json.resourceType !== 'Library') throw viewFault('Library', 'must be a Library resource.');
  const kind = kindOf(json);
  const name = nameOf(json.name, 'Library.name');
  const parameters = objects(json, 'parameter').map((parameter, index) =>
    parameterOf(parameter, `Library.parameter[${index}]`),
  );
  if (kind === 'view' && parameters.length > 0) throw viewFault('Library.parameter', 'an SQLView takes no parameters.');
  const dependencies = objects(json, 'relatedArtifact').map((artifact, index) =>
    dependencyOf(artifact, `Library.relatedArtifact[${index}]`),
  );
  unique(
    dependencies.map(({ label }) => label.toLowerCase()),
    'Library.relatedArtifact',
    'label',
  );
  unique(
    parameters.map((parameter) => parameter.name.toLowerCase()),
    'Library.parameter',
    'name',
  );
  return {
    kind,
    name,
    ...optional('url', json.url),
    ...optional('title', json.title),
    ...optional('description', json.description),
    dependencies,
    parameters,
    sql: sqlOf(json, dialect),
  };
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function optional<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return (typeof value === 'string' ? { [key]: value } : {}) as { readonly [K in Key]?: string };
}

function objects(json: Json, key: string): readonly Json[] {
  const value = json[key] ?? [];
  if (!Array.isArray(value) || !value.every(isObject))
    throw viewFault(`Library.${key}`, 'must be an array of objects.');
  return value;
}

function nameOf(value: unknown, location: string): string {
  if (typeof value === 'string' && namePattern.test(value) && value.length <= 255) return value;
  throw viewFault(location, 'must begin with a letter and go on with letters, digits and _ (255 at most).');
}

function unique(names: readonly string[], location: string, what: string): void {
  if (new Set(names).size < names.length)
    throw viewFault(location, `two have the same ${what}. Make each ${what} unique.`);
}

function kindOf(json: Json): SqlLibrary['kind'] {
  const coding = isObject(json.type) && Array.isArray(json.type.coding) ? json.type.coding : [];
  for (const { system, code } of coding.filter(isObject)) {
    if (typeof system !== 'string' || typeof code !== 'string') continue;
    if (typeSystems.includes(system) && Object.hasOwn(typeCodes, code)) return typeCodes[code]!;
  }
  throw viewFault('Library.type', `must be ${typeSystems[0]} with code ${Object.keys(typeCodes).join(' or ')}.`);
}

function dependencyOf(artifact: Json, location: string): SqlLibrary['dependencies'][number] {
  if (artifact.type !== 'depends-on') throw viewFault(`${location}.type`, 'must be depends-on.');
  const { resource } = artifact;
  if (typeof resource !== 'string' || resource === '') {
    throw viewFault(`${location}.resource`, 'must be the canonical URL of a ViewDefinition, an SQLView or a table.');
  }
  return { label: nameOf(artifact.label, `${location}.label`), canonical: resource };
}

function parameterOf(parameter: Json, location: string): SqlParameter {
  if (parameter.use !== 'in') throw viewFault(`${location}.use`, 'must be in.');
  const type = parameterTypes.find((known) => known === parameter.type);
  if (type === undefined) throw viewFault(`${location}.type`, `must be one of ${parameterTypes.join(', ')}.`);
  return { name: nameOf(parameter.name, `${location}.name`), type };
}

function sqlOf(json: Json, dialect: string): string {
  const content = objects(json, 'content').map((attachment, index) => {
    const type =
      typeof attachment.contentType === 'string' ? attachment.contentType.replaceAll(' ', '').toLowerCase() : '';
    if (!/^application\/sql(?:;|$)/.test(type)) {
      throw viewFault(`Library.content[${index}].contentType`, 'must begin with application/sql.');
    }
    return { type, data: attachment.data };
  });
  const chosen =
    content.find(({ type }) => type === `application/sql;dialect=${dialect}`) ??
    content.find(({ type }) => type === 'application/sql');
  if (chosen === undefined) {
    throw viewFault('Library.content', `has neither application/sql;dialect=${dialect} nor plain application/sql.`);
  }
  if (typeof chosen.data !== 'string' || !/^[A-Za-z0-9+/\s]+=*\s*$/.test(chosen.data)) {
    throw viewFault('Library.content', 'needs its SQL as base64 in data.');
  }
  const bytes = Buffer.from(chosen.data, 'base64');
  if (!isUtf8(bytes)) throw viewFault('Library.content', 'needs its SQL as UTF-8, in base64.');
  return new TextDecoder().decode(bytes);
}

const sqlTextExtension = 'http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/sql-text';

/**
 * Fills in the SQL of a Library whose attachments name a file (`"url": "timeline.sql"`) instead of carrying it: base64 is
 * hard to read and to review, so the Libraries of this repository keep their SQL beside them. The result conforms to the
 * profile: `data` and the `sql-text` extension.
 */
export function attachSql(json: unknown, textOf: (file: string) => string | undefined): unknown {
  if (!isObject(json)) return json;
  const content = objects(json, 'content').map((attachment, index) => {
    const { url, ...rest } = attachment;
    if (typeof url !== 'string' || attachment.data !== undefined) return attachment;
    const sql = textOf(url);
    if (sql === undefined)
      throw viewFault(`Library.content[${index}].url`, 'names a file that is not beside the Library.');
    const extension = [{ url: sqlTextExtension, valueString: sql }];
    return { ...rest, extension, data: Buffer.from(sql).toString('base64') };
  });
  return { ...json, content };
}
