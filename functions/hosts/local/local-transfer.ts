import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { FileObjectStore } from '../../../adapters/local/file-object-store';
import { LakeError } from '../../../adapters/ports/errors';
import { type Zone, zones } from '../../manifest';
import type { DatabaseName } from '../../state-store';
import { writeChecksums } from '../../transfer/checksums';
import { sealKeys } from '../../transfer/key-bundle';
import { stateDump } from '../../transfer/state-dump';
import {
  copyObjects,
  exportedKeys,
  exportFormat,
  openExport,
  restoreState,
  sealedKeysFile,
  type Transferred,
  tablesOf,
} from '../export-folder';
import type { LakeFolder } from './lake-folder';
import type { LakeParts } from './lake-parts';

const databases: readonly DatabaseName[] = ['lake', 'identity'];

const keyFolders = ({ keys }: LakeFolder): readonly string[] => [keys.lake, keys.identity, keys.pseudonym];
/**
 * A whole lake out into a folder and in again: objects byte for byte in their zones (sealed ones stay sealed, in the published
 * message format), tables of state as NDJSON, Delta folders as they are, the audit with its chain, keys under a passphrase,
 * SHA256SUMS over all.
 */
export class LocalTransfer {
  readonly #parts: LakeParts;

  constructor(parts: LakeParts) {
    this.#parts = parts;
  }

  /**
   * The caller holds the audit's sealers back while `state and audit` are read, so that the chain and its tip agree; objects
   * that come later have no row in the ledger and are passed over by every reader.
   */
  async exportState(out: string): Promise<number> {
    if (existsSync(out) && readdirSync(out).length > 0)
      throw new LakeError('AlreadyExists', 'The folder of --out is not empty. Name a new one.');
    mkdirSync(join(out, 'state'), { recursive: true, mode: 0o700 });
    let rows = 0;
    for (const name of databases) {
      const folder = join(out, 'state', name);
      mkdirSync(folder, { mode: 0o700 });
      await stateDump(this.#parts.stateDatabase(name), tablesOf(name)).dump(async (table, some) => {
        rows += some.length;
        const text = some.map((row) => `${JSON.stringify(row)}\n`).join('');
        await appendFile(join(folder, `${table}.ndjson`), text, { mode: 0o600 });
      });
    }
    for (const zone of ['audit', 'witness'] as const) await this.#copy(zone, out, 'out');
    return rows;
  }

  async exportRest(out: string, rows: number, passphrase: string | undefined): Promise<Transferred> {
    let objects = 0;
    for (const zone of zones) {
      if (zone !== 'audit' && zone !== 'witness') await this.#copy(zone, out, 'out');
      objects += await count(join(out, 'zones', zone));
    }
    if (passphrase !== undefined) {
      const { folder } = this.#parts;
      const files: Record<string, Buffer> = {};
      for (const path of keyFolders(folder).flatMap(filesUnder))
        files[relative(folder.root, path)] = readFileSync(path);
      writeFileSync(join(out, sealedKeysFile), JSON.stringify(await sealKeys(files, passphrase)), {
        mode: 0o600,
        flag: 'wx',
      });
    }
    const about = {
      format: exportFormat,
      created: new Date().toISOString(),
      rows,
      objects,
      keys: passphrase !== undefined,
    };
    writeFileSync(join(out, 'export.json'), `${JSON.stringify(about, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return { files: (await writeChecksums(out)) + 1, objects, rows, keys: passphrase !== undefined };
  }

  /** Into a lake that holds nothing yet; everything is verified before anything is written. */
  async import(from: string, passphrase: string | undefined): Promise<Transferred> {
    const about = await openExport(from);
    const { folder } = this.#parts;
    if (existsSync(folder.database.lake))
      throw new LakeError('AlreadyExists', 'There is a lake in this folder. Import into a new one: --data DIR.');
    if (about.keys) {
      for (const [path, bytes] of Object.entries(await exportedKeys(from, passphrase))) writeKey(folder, path, bytes);
    } else if (!keyFolders(folder).every((path) => existsSync(path) && readdirSync(path).length > 0)) {
      throw new LakeError(
        'PreconditionFailed',
        'The export holds no keys. Put the folders keys and identity/keys of the old lake in place first: what is sealed opens with them alone.',
      );
    }
    for (const zone of zones) await this.#copy(zone, from, 'in');
    for (const name of databases) await restoreState(this.#parts.stateDatabase(name), name, join(from, 'state', name));
    return about;
  }

  async #copy(zone: Zone, folder: string, direction: 'out' | 'in'): Promise<void> {
    const place = join(folder, 'zones', zone);
    const own = this.#parts.folder.zones[zone];
    if (direction === 'in' && !existsSync(place)) return;
    // The audit keeps its two streams in folders of their own, each a store by itself.
    const stores = zone === 'audit' || zone === 'witness' ? ['lake', 'identity'] : [''];
    for (const part of stores) {
      const [outside, inside] = [join(place, part), join(own, part)];
      const [source, target] = direction === 'out' ? [inside, outside] : [outside, inside];
      if (!existsSync(source)) continue;
      await copyObjects(new FileObjectStore(source), new FileObjectStore(target));
    }
  }
}

async function count(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  let objects = 0;
  for await (const _ of new FileObjectStore(folder).list('')) objects += 1;
  return objects;
}

const filesUnder = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];

/** Only into the folders of keys, whatever path the bundle names. */
function writeKey(folder: LakeFolder, path: string, bytes: Buffer): void {
  const file = join(folder.root, path);
  if (!keyFolders(folder).some((allowed) => dirname(file).startsWith(allowed)))
    throw new LakeError('InvalidArgument', 'The bundle of keys names a file outside the folders of keys.');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
}
