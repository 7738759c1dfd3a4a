import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readMart } from '../../marts/mart-library';
import { researchManifest } from '../../research/manifest';
import type { ExtractFormat } from '../../research/write-extract';
import { type ExtractManifest, extractFunction, type MadeExtract, martNamed } from '../compose/extract-function';
import type { LakeParts } from './lake-parts';
import { martLibraryOf } from './local-marts';

export interface ExtractRequest {
  readonly project: string;
  /** Name of a mart; or with `definition`, the folder of one: a Library of type sql-query, its SQL and its ViewDefinitions. */
  readonly mart: string;
  readonly definition?: string | undefined;
  readonly format: ExtractFormat;
  /** A folder outside of the lake; the zone of releases when absent. */
  readonly out?: string | undefined;
}

/** An extract on one machine, which may be of a definition of one's own and go into a folder of one's own. */
export function localExtract(
  parts: LakeParts,
  { mart, definition, out, ...order }: ExtractRequest,
): Promise<MadeExtract> {
  const folder = resolve(definition ?? '');
  const one =
    definition === undefined
      ? martNamed(martLibraryOf(parts.folder), mart)
      : readMart(dirname(folder), basename(folder));
  const asked = { ...order, mart: one, operator: 'local' };
  const ports = parts.ports(researchManifest);
  return out === undefined ? extractFunction(ports, asked) : extractFunction(ports, asked, intoFolder(out));
}

const intoFolder = (out: string) => async (file: string, manifest: ExtractManifest) => {
  const folder = resolve(out, manifest.project, manifest.extract);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyFile(file, join(folder, manifest.file.name));
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await writeFile(join(folder, 'manifest.json'), text, { mode: 0o600, flush: true });
  return folder;
};
