import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isLakeError } from '../adapters/ports/errors';
import { awsCodeRoot } from '../components/function/aws-code';
import { importManifest } from '../functions/bulk-import/manifest';
import { erasureJobManifest } from '../functions/erasure/manifest';
import { quarantineReplayManifest } from '../functions/identity/manifest';
import { ingestManifest } from '../functions/ingest/manifest';
import { keyRotationJobManifest } from '../functions/key-rotation/manifest';
import { martsManifest } from '../functions/marts/manifest';
import { operatorManifest } from '../functions/operator/manifest';
import { researchJobManifest } from '../functions/research/manifest';
import { matching, optional } from './config-schema';

/** A folder below another, without a way out of it. */
export const folderForm = /^[\w-][\w.-]{0,63}(\/[\w-][\w.-]{0,63}){0,9}$/;

interface Kind {
  /** What a function is told its folder by (functions/hosts/host-environment.ts). */
  readonly variable: string;
  /** The functions that read it, and no other: whoever changes a definition changes no further code. */
  readonly readers: readonly string[];
  /** Reads it as they do; loaded only where a site has one, since every preview would load it. @throws LakeError */
  readonly check: (folder: string) => unknown;
}

/** Definitions that a site may bring, by setting. */
const kinds = {
  fhirPackages: {
    variable: 'LAKE_PACKAGES',
    readers: [ingestManifest, importManifest, quarantineReplayManifest].map(({ name }) => name),
    check: (folder) => {
      const { sitePackages } =
        require('../functions/ingest/profile-folder') as typeof import('../functions/ingest/profile-folder');
      return sitePackages(folder);
    },
  },
  martDefinitions: {
    variable: 'LAKE_MARTS',
    readers: [martsManifest, operatorManifest, researchJobManifest, erasureJobManifest, keyRotationJobManifest].map(
      ({ name }) => name,
    ),
    check: (folder) => {
      const { checkMarts } =
        require('../functions/marts/check-marts') as typeof import('../functions/marts/check-marts');
      checkMarts(folder);
    },
  },
} as const satisfies Record<string, Kind>;
type KindName = keyof typeof kinds;
const kindNames = Object.keys(kinds) as KindName[];

/** By setting, a folder: of the project, or of the zips. */
export type DefinitionFolders = Readonly<Partial<Record<KindName, string | undefined>>>;

interface DefinitionSettings extends DefinitionFolders {
  readonly signedCode: DefinitionFolders | undefined;
}

/** Settings with the definitions of a site. */
export const awsDefinitionsSchema = {
  fhirPackages: optional(
    matching(
      folderForm,
      'a folder of the project with FHIR packages, an unpacked folder each, such as site/packages',
      'Profiles that messages are held to beside UK Core; what they define stands before it.',
    ),
  ),
  martDefinitions: optional(
    matching(
      folderForm,
      'a folder of the project with definitions of marts, a folder each, such as site/marts',
      'Marts of the site in place of those that ship (functions/marts/library).',
    ),
  ),
} as const;

const project = resolve(__dirname, '..');

/** What is wrong with the folders that are named, by the code that functions read them with. */
export function checkDefinitions(config: DefinitionSettings): readonly string[] {
  return kindNames.flatMap((kind) => {
    const folder = config[kind];
    if (folder === undefined) return [];
    const { check, readers } = kinds[kind];
    if (config.signedCode !== undefined)
      return `${kind}: allowed without signedCode, whose zips bring their own. Put the folder into those of ${readers.join(', ')} before they are signed, and name it as signedCode.${kind}`;
    const fault = faultOf(resolve(project, folder), check);
    return fault === undefined ? [] : [`${kind}: ${fault}; allowed: ${awsDefinitionsSchema[kind].allowed}`];
  });
}

function faultOf(folder: string, check: Kind['check']): string | undefined {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return 'there is no such folder';
  if (holdsLink(folder)) return 'it holds a link, and links are not uploaded. Put the files themselves there';
  try {
    check(folder);
    return undefined;
  } catch (error) {
    if (isLakeError(error)) return error.message.replace(/[.]$/, '');
    throw error;
  }
}

const holdsLink = (folder: string): boolean =>
  readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory() ? holdsLink(join(folder, entry.name)) : !entry.isFile(),
  );

const readBy = (name: string): readonly KindName[] =>
  kindNames.filter((kind) => (kinds[kind].readers as readonly string[]).includes(name));

/** What is put beside the code of a function, by its name there. */
export const definitionsBeside = (name: string, config: DefinitionFolders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readBy(name).flatMap((kind) => {
      const folder = config[kind];
      return folder === undefined ? [] : [[kind, resolve(project, folder)] as const];
    }),
  );

/** What a function that reads them is told, and no other. */
export const definitionsOf = (
  { name }: { readonly name: string },
  config: DefinitionSettings,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readBy(name).flatMap((kind) => {
      const folder = config[kind] === undefined ? config.signedCode?.[kind] : kind;
      return folder === undefined ? [] : [[kinds[kind].variable, `${awsCodeRoot}/${folder}`] as const];
    }),
  );
