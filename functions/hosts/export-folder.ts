import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { StateDatabase } from '../../adapters/ports/state-database';
import type { DatabaseName } from '../state-store';
import { verifyChecksums } from '../transfer/checksums';
import { openKeys, type SealedKeys } from '../transfer/key-bundle';
import { type DumpedRow, stateDump, tablesIn } from '../transfer/state-dump';
import { migrationsOf } from './state-stores';

export interface Transferred {
  readonly files: number;
  readonly objects: number;
  readonly rows: number;
  /** Whether the keys are in it: without them what is sealed stays sealed. */
  readonly keys: boolean;
}

export const exportFormat = 'nhs-data-lake export 1';
export const sealedKeysFile = 'keys.sealed.json';
const rowsAtOnce = 2000;

export const tablesOf = (name: DatabaseName): readonly string[] =>
  tablesIn(migrationsOf(name).flatMap(({ statements }) => statements));

/**
 * What an export says of itself, once every file of it was held to its checksum.
 *
 * @throws LakeError
 */
export async function openExport(from: string): Promise<Transferred> {
  const files = await verifyChecksums(from);
  const about = JSON.parse(await readFile(join(from, 'export.json'), 'utf8')) as Transferred & { format: string };
  if (about.format !== exportFormat)
    throw new LakeError('Unsupported', 'The folder is no export this version can read.');
  return { files, objects: about.objects, rows: about.rows, keys: about.keys };
}

/** The files of keys by their path in the old lake. */
export async function exportedKeys(
  from: string,
  passphrase: string | undefined,
): Promise<Readonly<Record<string, Buffer>>> {
  if (passphrase === undefined)
    throw new LakeError('InvalidArgument', 'The export holds its keys sealed: give --passphrase-file.');
  return openKeys(JSON.parse(await readFile(join(from, sealedKeysFile), 'utf8')) as SealedKeys, passphrase);
}

/** Every object with its metadata, byte for byte. */
export async function copyObjects(
  from: Pick<ObjectStore, 'list' | 'head' | 'stream'>,
  to: Pick<ObjectStore, 'putIfAbsent'>,
  prefix = '',
): Promise<void> {
  for await (const { key } of from.list('')) {
    const { metadata } = await from.head(key);
    await to.putIfAbsent(`${prefix}${key}`, from.stream(key), { metadata });
  }
}

/** The rows of a database in place of all that is there. */
export async function restoreState(database: StateDatabase, name: DatabaseName, folder: string): Promise<void> {
  await database.migrate(migrationsOf(name));
  const dump = stateDump(database, tablesOf(name));
  await dump.clear();
  for (const table of tablesOf(name)) {
    const file = join(folder, `${table}.ndjson`);
    if (!existsSync(file)) continue;
    let rows: DumpedRow[] = [];
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      rows.push(JSON.parse(line) as DumpedRow);
      if (rows.length < rowsAtOnce) continue;
      await dump.restore(table, rows);
      rows = [];
    }
    await dump.restore(table, rows);
  }
}
