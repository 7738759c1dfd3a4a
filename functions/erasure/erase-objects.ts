import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { ErasurePlan } from './erasure-plan';

type Envelope = (bytes: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;

export interface ErasableZone {
  readonly store: Pick<ObjectStore, 'read' | 'put' | 'delete' | 'head' | 'purgeVersions'>;
  readonly open: Envelope;
  readonly seal: Envelope;
}

/**
 * Takes lines out of a sealed NDJSON object. Positions stay, as the ledger names them: an erased line becomes empty. An
 * object without a line left is deleted. Harmless when repeated.
 */
export async function blankLines(
  erasable: ErasableZone,
  key: string,
  zone: 'landing' | 'identity',
  provider: string,
  isErased: (line: string, index: number) => boolean,
): Promise<void> {
  await replace(erasable, key, zone, provider, isErased);
  // Also when there was nothing to replace: an earlier try may have died between the two.
  await erasable.store.purgeVersions(key);
}

async function replace(
  { store, open, seal }: ErasableZone,
  key: string,
  zone: 'landing' | 'identity',
  provider: string,
  isErased: (line: string, index: number) => boolean,
): Promise<void> {
  const retention = key.split('/')[1] ?? '';
  const context = { zone, provider, retention };
  let sealed: Uint8Array;
  try {
    sealed = await store.read(key);
  } catch (error) {
    if (isLakeError(error, 'NotFound')) return;
    throw error;
  }
  const lines = Buffer.from(await open(sealed, context))
    .toString('utf8')
    .split('\n');
  const kept = lines.map((line, index) => (line !== '' && isErased(line, index) ? '' : line));
  if (kept.every((line) => line === '')) await store.delete(key);
  else if (kept.some((line, index) => line !== lines[index])) {
    const { metadata } = await store.head(key);
    await store.put(key, await seal(Buffer.from(kept.join('\n'), 'utf8'), context), { metadata });
  }
}

/** Blanks the person's lines in landed segments. */
export async function eraseLanding(zone: ErasableZone, { segments }: Pick<ErasurePlan, 'segments'>): Promise<void> {
  for (const { segment, provider, lines } of segments) {
    const erased = new Set(lines);
    await blankLines(zone, segment, 'landing', provider, (_, index) => erased.has(index));
  }
}

/** Blanks the sealed originals and identity records of the person's requests. */
export async function eraseOriginals(
  zone: ErasableZone,
  { identityObjects, requests, resources }: ErasurePlan,
): Promise<void> {
  const ofRequests = new Set(requests.map(({ provider, requestId }) => `${provider} ${requestId}`));
  const ofResources = new Set(resources.map(({ provider, type, id }) => `${provider} ${type} ${id}`));
  for (const { key, provider } of identityObjects) {
    await blankLines(zone, key, 'identity', provider, (line) => {
      const { kind, requestId, type, id } = JSON.parse(line) as Readonly<Record<string, string>>;
      return kind === 'record'
        ? ofResources.has(`${provider} ${type} ${id}`)
        : ofRequests.has(`${provider} ${requestId}`);
    });
  }
}
