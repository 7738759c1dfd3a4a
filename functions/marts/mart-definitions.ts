import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WithUse } from './mart-use';

/** A FHIR resource of a mart's folder. */
export interface MartResource extends WithUse {
  readonly resourceType?: string;
  readonly url?: string;
  readonly version?: string;
  readonly type?: { readonly coding?: readonly { readonly code?: string }[] };
}

/** What stands in the folder of one mart: its resources by file name, in order, and the names of all files. */
export interface MartFolder {
  readonly name: string;
  readonly at: string;
  readonly files: readonly string[];
  readonly resources: readonly { readonly file: string; readonly resource: MartResource }[];
}

export function readMartFolder(library: string, name: string): MartFolder {
  const at = join(library, name);
  const files = readdirSync(at).sort();
  const resources = files
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, resource: JSON.parse(readFileSync(join(at, file), 'utf8')) as MartResource }));
  return { name, at, files, resources };
}

/** Every mart's folder of a library, by name. */
export const readMartFolders = (library: string): readonly MartFolder[] =>
  readdirSync(library, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readMartFolder(library, name))
    .sort((left, right) => (left.name < right.name ? -1 : 1));

/** The Library of a mart whose rows another engine makes; undefined where the mart is made of views and SQL. */
export const stagedLibraryOf = ({ resources }: MartFolder): MartResource | undefined =>
  resources.find(
    ({ resource: { resourceType, type } }) =>
      // http://hl7.org/fhir/R4/codesystem-library-type.html: it says what columns there are, and has no logic.
      resourceType === 'Library' && type?.coding?.some(({ code }) => code === 'model-definition') === true,
  )?.resource;
