import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Definition {
  readonly resourceType: string;
  readonly url?: string;
  readonly [name: string]: unknown;
}

export interface DefinitionPackage {
  readonly definitions: readonly Definition[];
  /** Over the definition files and not the archive, so that a folder and the archive of it agree. */
  readonly sha256: string;
}

const definitionFile = /^(?:StructureDefinition|ValueSet|CodeSystem)-[^/]+\.json$/;
const block = 512;

/** The conformance resources of a FHIR package (a tar of JSON files, gzipped). */
export function readPackage(bytes: Uint8Array): Definition[] {
  return [...filesOfArchive(bytes)]
    .filter(([name]) => /^[A-Z].*\.json$/.test(name))
    .map(([, content]) => JSON.parse(content.toString('utf8')) as Definition)
    .filter(({ resourceType }) => typeof resourceType === 'string');
}

/** The type, value set and code system definitions of a FHIR package: a folder, or the .tgz that npm gives. */
export function readDefinitions(path: string): DefinitionPackage {
  const files = statSync(path).isDirectory() ? filesOfFolder(path) : filesOfArchive(readFileSync(path));
  const names = [...files.keys()].filter((name) => definitionFile.test(name)).sort();
  if (names.length === 0) throw new Error('The package holds no StructureDefinition-*.json. Give a FHIR package.');
  const hash = createHash('sha256');
  const definitions = names.map((name) => {
    const content = files.get(name)!;
    hash.update(`${name}\0${createHash('sha256').update(content).digest('hex')}\n`);
    return JSON.parse(content.toString('utf8')) as Definition;
  });
  return { definitions, sha256: hash.digest('hex') };
}

function filesOfFolder(path: string): Map<string, Buffer> {
  const folder = readdirSync(path).includes('package') ? join(path, 'package') : path;
  const names = readdirSync(folder).filter((name) => definitionFile.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** A tar as npm writes it (POSIX ustar): name at 0, size in octal at 124, type at 156; `x` and `L` blocks carry long names. */
function filesOfArchive(bytes: Uint8Array): Map<string, Buffer> {
  const tar = gunzipSync(bytes);
  const files = new Map<string, Buffer>();
  const text = (from: number, length: number): string =>
    tar
      .subarray(from, from + length)
      .toString('utf8')
      .replace(/\0.*$/s, '');
  let longName: string | undefined;
  for (let at = 0; at + block <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const content = tar.subarray(at + block, at + block + size);
    const type = text(at + 156, 1);
    const name = longName ?? text(at, 100);
    longName = undefined;
    if (type === 'x') longName = /\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1];
    else if (type === 'L') longName = content.toString('utf8').replace(/\0.*$/s, '');
    else if (/^[^/]+\/[^/]+$/.test(name)) files.set(name.slice(name.indexOf('/') + 1), content);
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}
