import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LakeError } from '../../adapters/ports/errors';

const sumsFile = 'SHA256SUMS';

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path !== sumsFile)
    .sort();
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** sha256sum(1) escapes backslash and newline in names, and marks such a line with a backslash in front. */
const line = (sum: string, path: string): string =>
  /[\\\n]/.test(path) ? `\\${sum}  ${path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n` : `${sum}  ${path}\n`;

/** Writes SHA256SUMS over every file of a folder, in the form of sha256sum(1). Gives the number of files. */
export async function writeChecksums(folder: string): Promise<number> {
  const files = filesUnder(folder);
  const lines: string[] = [];
  for (const path of files) lines.push(line(await sha256Of(join(folder, path)), path));
  await writeFile(join(folder, sumsFile), lines.join(''), { mode: 0o600, flag: 'wx' });
  return files.length;
}

/**
 * Holds a folder to its SHA256SUMS: every file as it was written, none missing, none added.
 *
 * @throws LakeError `InvalidArgument` with the number of files that differ.
 */
export async function verifyChecksums(folder: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(join(folder, sumsFile), 'utf8');
  } catch (cause) {
    throw new LakeError('NotFound', 'The folder holds no SHA256SUMS: it is no complete export.', { cause });
  }
  const files = filesUnder(folder);
  const wanted = new Set(text.split('\n').filter((one) => one !== ''));
  let wrong = 0;
  for (const path of files) if (!wanted.delete(line(await sha256Of(join(folder, path)), path).trimEnd())) wrong += 1;
  if (wrong + wanted.size > 0) {
    throw new LakeError(
      'InvalidArgument',
      `${wrong} files of the export differ from their checksums and ${wanted.size} are missing or differ. Take an undamaged copy.`,
    );
  }
  return files.length;
}
