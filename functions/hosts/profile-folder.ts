import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';
import { loadProfilePackage, type ProfilePackage } from '../fhir/profiles/profile-package';

/**
 * Reads a FHIR package folder (https://hl7.org/fhir/packages.html): JSON files in it or in its folder `package`.
 *
 * @throws LakeError `NotFound` when there is no such folder or no JSON in it; `InvalidArgument` when a definition cannot be used.
 */
export function readProfilePackage(folder: string): ProfilePackage {
  const inner = join(folder, 'package');
  const place = existsSync(inner) ? inner : folder;
  const files = existsSync(place) && statSync(place).isDirectory() ? readdirSync(place) : [];
  const resources = files
    .filter((file) => file.endsWith('.json') && file !== 'package.json')
    .map((file): unknown => JSON.parse(readFileSync(join(place, file), 'utf8')));
  if (resources.length === 0)
    throw new LakeError(
      'NotFound',
      'A package folder has no JSON definitions. Name the unpacked folder of a FHIR package.',
    );
  try {
    return loadProfilePackage(resources);
  } catch (cause) {
    throw new LakeError('InvalidArgument', cause instanceof Error ? cause.message : 'A package cannot be used.', {
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
