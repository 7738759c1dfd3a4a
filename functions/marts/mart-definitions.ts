import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
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
    .map((file) => ({ file, resource: resourceOf(name, at, file) }));
  return { name, at, files, resources };
}

function resourceOf(mart: string, at: string, file: string): MartResource {
  try {
    return JSON.parse(readFileSync(join(at, file), 'utf8')) as MartResource;
  } catch (cause) {
    throw new LakeError('InvalidArgument', `The mart ${mart}: the file ${file} is no JSON.`, { cause });
  }
}

/** What is wrong with a definition says where in it; a library has many, so the mart is named as well. */
export function inMart<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!isLakeError(error)) throw error;
    throw new LakeError(error.code, `The mart ${name}: ${error.message}`, { cause: error });
  }
}

/** Every catalogue and engine takes it as the name of a table, without quotes. */
const tableName = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Every mart's folder of a library, by name.
 *
 * @throws LakeError `InvalidArgument` for one that cannot be called as its table, and for a file that is no JSON.
 */
export const readMartFolders = (library: string): readonly MartFolder[] =>
  readdirSync(library, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      if (tableName.test(name)) return readMartFolder(library, name);
      throw new LakeError(
        'InvalidArgument',
        `The mart ${name}: its folder is named by 63 of a-z, 0-9 and _ at most, begun by a letter.`,
      );
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));

/** The Library of a mart whose rows another engine makes; undefined where the mart is made of views and SQL. */
export const stagedLibraryOf = ({ resources }: MartFolder): MartResource | undefined =>
  resources.find(
    ({ resource: { resourceType, type } }) =>
      // http://hl7.org/fhir/R4/codesystem-library-type.html: it says what columns there are, and has no logic.
      resourceType === 'Library' && type?.coding?.some(({ code }) => code === 'model-definition') === true,
  )?.resource;
