import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import { erasureManifest, identityErasureManifest } from '../../functions/erasure/manifest';
import type { LakeParts } from '../../functions/hosts/local/lake-parts';

/** Something the lake wrote, as a reader with every key of the lake would see it. */
export interface Written {
  /** Path inside the data folder. */
  readonly place: string;
  readonly text: string;
}

type Open = (sealed: Uint8Array, context: Record<string, string>) => Promise<Uint8Array>;

/** Opens every object of a zone: `<provider>/<retention>/…`, or `quarantine/<provider>/…`. */
async function* opened(folder: string, zone: string, open: Open): AsyncGenerator<Written> {
  const store = new FileObjectStore(folder);
  for await (const { key } of store.list('')) {
    const [first = '', second = ''] = key.split('/');
    const [provider, retention] = first === 'quarantine' ? [second, first] : [first, second];
    const text = await open(await store.read(key), { zone, provider, retention });
    yield { place: join(zone, key), text: Buffer.from(text).toString('utf8') };
  }
}

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** The bytes of a file; none of one that a lake at work has moved or removed since it was listed. */
export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return '';
  }
}

/** Every byte outside the identity zone: names, files as they lie, landed objects opened, Parquet files read. */
export async function* outsideIdentity(parts: LakeParts): AsyncGenerator<Written> {
  const { root, zones } = parts.folder;
  const ports = parts.ports(erasureManifest);
  yield* opened(zones.landing, 'landing', new EnvelopeEncryption(ports.landingKey).open);
  const session = await ports.query.session({ readableFolders: [zones.curated, zones.marts] });
  try {
    for (const file of filesUnder(root)) {
      const place = relative(root, file);
      if (place.startsWith(`identity${sep}`)) continue;
      yield { place, text: place };
      yield { place, text: readIfThere(file) };
      if (!file.endsWith('.parquet')) continue;
      const { rows } = await session.query(`SELECT to_json(t)::VARCHAR AS row FROM read_parquet('${file}') t`);
      for (const { row } of rows) yield { place, text: String(row) };
    }
  } finally {
    await session.close();
  }
}

/** What the identity zone's objects hold, opened. */
export function insideIdentity(parts: LakeParts): AsyncGenerator<Written> {
  return opened(
    parts.folder.zones.identity,
    'identity',
    new EnvelopeEncryption(parts.ports(identityErasureManifest).identityKey).open,
  );
}
