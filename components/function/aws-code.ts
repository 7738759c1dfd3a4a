import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset } from '@pulumi/pulumi';

/** The code of a function. */
export type AwsCode =
  /** A folder that the build made: `dist/aws-lambda/ingest`. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** A zip that AWS Signer signed; Lambda refuses any other. */
  | {
      readonly kind: 'signed';
      readonly bucket: string;
      readonly key: string;
      readonly objectVersion: string;
      /** Of those whose signatures hold, for layers too. */
      readonly profileVersionArns: readonly string[];
    };

/** What is uploaded of a folder: without source maps, which are for people, as every cold start reads the zip. */
const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** A folder that was not built is left to the engine, which refuses it by its name. */
export const awsArchive = (folder: string): asset.Archive =>
  existsSync(folder)
    ? new asset.AssetArchive(
        Object.fromEntries(filesOf(folder).map((file) => [file, new asset.FileAsset(join(folder, file))])),
      )
    : new asset.FileArchive(folder);

/**
 * Changes when the code does, and is known before anything is made; what the provider says of a zip is not, so that a plan that
 * waits for it shows a change where there is none.
 */
export function awsCodeVersion(code: AwsCode): string {
  if (code.kind === 'signed') return code.objectVersion;
  if (!existsSync(code.folder)) return '';
  const hash = createHash('sha256');
  for (const file of filesOf(code.folder)) {
    const bytes = readFileSync(join(code.folder, file));
    hash.update(JSON.stringify([file, bytes.length])).update(bytes);
  }
  return hash.digest('base64');
}
