import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset } from '@pulumi/pulumi';

/** The code of a function. */
export type AwsCode =
  /** A folder that the build made: `dist/aws-lambda/ingest`. */
  | {
      readonly kind: 'folder';
      readonly folder: string;
      /** Further folders, by the name that each has in the zip. @default none */
      readonly beside?: Readonly<Record<string, string>>;
    }
  /** A zip that AWS Signer signed; Lambda refuses any other. */
  | {
      readonly kind: 'signed';
      readonly bucket: string;
      readonly key: string;
      readonly objectVersion: string;
      /** Of those whose signatures hold, for layers too. */
      readonly profileVersionArns: readonly string[];
    };

/** Where Lambda unpacks the zip of a function (Lambda Developer Guide, "Defined runtime environment variables": LAMBDA_TASK_ROOT). */
export const awsCodeRoot = '/var/task';

type FolderCode = Extract<AwsCode, { readonly kind: 'folder' }>;

/** What is uploaded of a folder: without source maps, which are for people, as every cold start reads the zip. */
const filesOf = (folder: string): readonly string[] =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** By its name in the zip, where each file lies; none of a folder that was not built. */
export const awsCodeFiles = ({ folder, beside = {} }: Pick<FolderCode, 'folder' | 'beside'>): Map<string, string> =>
  new Map([
    ...filesOf(folder).map((file) => [file, join(folder, file)] as const),
    ...Object.entries(beside).flatMap(([name, place]) =>
      filesOf(place).map((file) => [join(name, file), join(place, file)] as const),
    ),
  ]);

/** A folder that was not built is left to the engine, which refuses it by its name. */
export const awsArchive = (code: FolderCode): asset.Archive =>
  existsSync(code.folder)
    ? new asset.AssetArchive(
        Object.fromEntries([...awsCodeFiles(code)].map(([name, file]) => [name, new asset.FileAsset(file)])),
      )
    : new asset.FileArchive(code.folder);

/**
 * Changes when the code does, and is known before anything is made; what the provider says of a zip is not, so that a plan that
 * waits for it shows a change where there is none.
 */
export function awsCodeVersion(code: AwsCode): string {
  if (code.kind === 'signed') return code.objectVersion;
  if (!existsSync(code.folder)) return '';
  const hash = createHash('sha256');
  for (const [name, file] of awsCodeFiles(code)) {
    const bytes = readFileSync(file);
    hash.update(JSON.stringify([name, bytes.length])).update(bytes);
  }
  return hash.digest('base64');
}
