import type { ObjectStore } from '../../adapters/ports/object-store';
import type { SplitNote } from '../ingest/split-note';
import { liftText } from '../privacy/lift-text';
import type { Tokeniser } from '../privacy/tokens';

type Envelope = (bytes: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;

export interface LiftableZone {
  readonly name: 'landing' | 'identity';
  readonly store: Pick<ObjectStore, 'list' | 'read' | 'put' | 'head'>;
  readonly open: Envelope;
  readonly seal: Envelope;
}

/** Objects between two notes of how far it came. */
const notedAfter = 50;

/**
 * Makes the pseudonyms in a zone's sealed objects over, each object in place: lines keep their numbers, by which the ledger
 * names them. What a sender wrote (`original`, and everything held in quarantine) stays letter for letter.
 */
export async function liftObjects(
  { name, store, open, seal }: LiftableZone,
  tokeniser: Tokeniser,
  after: string,
  moved: (key: string) => Promise<void>,
): Promise<void> {
  let passed = 0;
  for await (const { key } of store.list('', { startAfter: after })) {
    const [provider = '', retention = ''] = key.split('/');
    if (provider === 'quarantine') continue;
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
    passed += 1;
    if (passed % notedAfter === 0) await moved(key);
  }
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
