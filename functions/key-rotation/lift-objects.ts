import type { ObjectInfo, ObjectStore } from '../../adapters/ports/object-store';
import type { SplitNote } from '../ingest/split-note';
import { liftText } from '../privacy/lift-text';
import type { Tokeniser } from '../privacy/tokens';

type Envelope = (bytes: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;

export interface LiftableZone {
  readonly name: 'landing' | 'identity';
  readonly store: Pick<ObjectStore, 'list' | 'read' | 'put' | 'head' | 'purgeVersions'>;
  readonly open: Envelope;
  readonly seal: Envelope;
}

/** A portion is one request, whose answer is waited for two minutes at most. */
const portion = { objects: 100, bytes: 256 * 1024 * 1024 };
/** At the same time, so that a lake is not made over at the pace of single answers; in the memory of one large object. */
const together = { objects: 8, bytes: 8 * 1024 * 1024 };

/**
 * Makes the pseudonyms in the next sealed objects of a zone over, each object in place: lines keep their numbers, by which the
 * ledger names them; an earlier version in a store that keeps them goes. What a sender wrote (`original`, and everything held in
 * quarantine) stays letter for letter. Gives the key it came to, undefined after the last.
 */
export async function liftObjects(
  zone: LiftableZone,
  tokeniser: Tokeniser,
  after: string,
): Promise<string | undefined> {
  const objects = await nextObjects(zone, after);
  for (const group of groupsOf(objects)) await Promise.all(group.map(({ key }) => liftObject(zone, key, tokeniser)));
  return objects.at(-1)?.key;
}

async function nextObjects({ store }: LiftableZone, after: string): Promise<readonly ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  let bytes = 0;
  for await (const object of store.list('', { startAfter: after })) {
    if (object.key.startsWith('quarantine/')) continue;
    objects.push(object);
    bytes += object.size;
    if (objects.length === portion.objects || bytes >= portion.bytes) break;
  }
  return objects;
}

function* groupsOf(objects: readonly ObjectInfo[]): Generator<readonly ObjectInfo[]> {
  let group: ObjectInfo[] = [];
  let bytes = 0;
  for (const object of objects) {
    if (group.length === together.objects || (group.length > 0 && bytes + object.size > together.bytes)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(object);
    bytes += object.size;
  }
  if (group.length > 0) yield group;
}

async function liftObject({ name, store, open, seal }: LiftableZone, key: string, tokeniser: Tokeniser): Promise<void> {
  const [provider = '', retention = ''] = key.split('/');
  const context = { zone: name, provider, retention };
  const text = Buffer.from(await open(await store.read(key), context)).toString('utf8');
  const lifted = text
    .split('\n')
    .map((line) => liftLine(line, tokeniser))
    .join('\n');
  if (lifted !== text) {
    const { metadata } = await store.head(key);
    await store.put(key, await seal(Buffer.from(lifted, 'utf8'), context), { metadata });
  }
  // Also when there was nothing to replace: an earlier try may have died between the two.
  await store.purgeVersions(key);
}

function liftLine(line: string, tokeniser: Tokeniser): string {
  if (line.startsWith('{"kind":"original"')) return line;
  if (!line.startsWith('{"kind":"split"')) return liftText(line, tokeniser);
  const note = JSON.parse(line) as SplitNote;
  return note.tokenVersion === tokeniser.version ? line : JSON.stringify(liftNote(note, tokeniser));
}

/** The digest of a clinical line says nothing of the line as it is now, so that the next re-split lands it again. */
function liftNote(note: SplitNote, tokeniser: Tokeniser): SplitNote {
  const meanings = Object.entries(note.meanings).map(([name, id]) => {
    const [type = '', token = ''] = name.split(' ');
    return [`${type} ${tokeniser.liftToken(token)}`, tokeniser.liftId(id)];
  });
  return {
    ...note,
    tokenVersion: tokeniser.version,
    entries: note.entries.map((entry) => ({
      ...entry,
      id: tokeniser.liftId(entry.id),
      ...(entry.digest === undefined ? {} : { digest: '' }),
    })),
    meanings: Object.fromEntries(meanings) as SplitNote['meanings'],
  };
}
