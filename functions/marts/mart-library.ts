import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';
import { attachSql, parseLibrary, type SqlLibrary } from '../sql-on-fhir/library';
import { isViewDefinition } from '../sql-on-fhir/view-definition';
import { inMart, type MartFolder, readMartFolder, readMartFolders, stagedLibraryOf } from './mart-definitions';
import { type MartUse, martUse } from './mart-use';

/** A mart as it is defined: an SQLQuery Library over ViewDefinitions, by canonical URL. */
export interface MartDefinition {
  /** Name of the table: the folder's. */
  readonly name: string;
  readonly description: string;
  readonly query: SqlLibrary;
  readonly use: MartUse;
  readonly views: ReadonlyMap<string, unknown>;
  readonly libraries: ReadonlyMap<string, SqlLibrary>;
  /** Code lists, under their canonical URL with `|version`: a list without a version would change unseen. */
  readonly valueSets: ReadonlyMap<string, unknown>;
}

/** Reads one mart: ViewDefinition-*.json, ValueSet-*.json and Library-*.json, their SQL in files beside them. */
export const readMart = (folder: string, name: string): MartDefinition => martOf(readMartFolder(folder, name));

const martOf = (folder: MartFolder): MartDefinition => inMart(folder.name, () => definitionOf(folder));

function definitionOf({ name, at, files, resources }: MartFolder): MartDefinition {
  const views = new Map<string, unknown>();
  const libraries = new Map<string, SqlLibrary>();
  const valueSets = new Map<string, unknown>();
  const queries: { readonly library: SqlLibrary; readonly use: MartUse }[] = [];
  for (const { file, resource: definition } of resources) {
    if (isViewDefinition(definition)) views.set(definition.url ?? file, definition);
    if (definition.resourceType === 'ValueSet') valueSets.set(`${definition.url}|${definition.version}`, definition);
    if (definition.resourceType !== 'Library') continue;
    const library = parseLibrary(
      attachSql(definition, (sql) => (files.includes(sql) ? readFileSync(join(at, sql), 'utf8') : undefined)),
      'duckdb',
    );
    if (library.kind === 'query') queries.push({ library, use: martUse(definition) });
    else if (library.url !== undefined) libraries.set(library.url, library);
  }
  const [query, ...more] = queries;
  if (query === undefined || more.length > 0)
    throw new LakeError('InvalidArgument', 'It needs exactly one SQLQuery Library; SQLViews may stand beside it.');
  const { library, use } = query;
  const description = library.description ?? library.title ?? '';
  return { name, description, query: library, use, views, libraries, valueSets };
}

/** Every mart of a folder that views and SQL make, by name. */
export const readMarts = (folder: string): readonly MartDefinition[] =>
  readMartFolders(folder)
    .filter((one) => stagedLibraryOf(one) === undefined)
    .map(martOf);
