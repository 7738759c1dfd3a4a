import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';
import { loadProfilePackage, type ProfilePackage } from '../fhir/profiles/profile-package';

/** What the validator takes from a package. */
const defining = ['StructureDefinition', 'ValueSet', 'CodeSystem'];

/**
 * Reads a FHIR package folder (https://hl7.org/fhir/packages.html): JSON files in it or in its folder `package`.
 *
 * @throws LakeError `NotFound` when there is no such folder or it defines nothing; `InvalidArgument` when a definition cannot be used.
 */
export function readProfilePackage(folder: string): ProfilePackage {
  const inner = join(folder, 'package');
  const place = existsSync(inner) ? inner : folder;
  const files = existsSync(place) && statSync(place).isDirectory() ? readdirSync(place) : [];
  const resources = files
    .filter((file) => file.endsWith('.json') && file !== 'package.json')
    .map((file) => definitionOf(place, file));
  if (!resources.some(({ resourceType = '' }) => defining.includes(resourceType)))
    throw new LakeError(
      'NotFound',
      `The package folder ${basename(folder)} has no JSON definitions (${defining.join(', ')}). Name the unpacked folder of a FHIR package.`,
    );
  try {
    return loadProfilePackage(resources);
  } catch (cause) {
    throw new LakeError('InvalidArgument', cause instanceof Error ? cause.message : 'A package cannot be used.', {
      cause,
    });
  }
}

function definitionOf(place: string, file: string): { readonly resourceType?: string } {
  try {
    return { ...(JSON.parse(readFileSync(join(place, file), 'utf8')) as object) };
  } catch (cause) {
    throw new LakeError('InvalidArgument', `The file ${file} of a package is no JSON. Unpack the package again.`, {
      cause,
    });
  }
}

/** Every package folder inside a folder; none when it does not exist. */
export function readProfilePackages(folder: string): readonly ProfilePackage[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory())
    .map(readProfilePackage);
}

/**
 * The packages of a site: every one of a folder that it names, none when it names none.
 *
 * @throws LakeError `NotFound` when it names one without packages: messages would be held to fewer profiles than the site thinks.
 */
export function sitePackages(folder: string | undefined): readonly ProfilePackage[] {
  const packages = folder === undefined ? [] : readProfilePackages(folder);
  if (folder !== undefined && packages.length === 0)
    throw new LakeError(
      'NotFound',
      'The folder of FHIR packages holds none. Put each unpacked package into a folder of its own.',
    );
  return packages;
}
