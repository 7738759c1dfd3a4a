import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { AuditRecord } from '../audit/audit-record';
import type { Failpoint } from '../failpoint';
import type { Seal } from '../ingest/group-commit';
import { ReferenceResolver } from '../ingest/reference-resolver';
import { interactionOf } from '../ingest/replay';
import { clinicalDigest, type SplitNote } from '../ingest/split-note';
import type { PrivacyRules } from '../privacy/privacy-rules';
import { isRestricted, splitResource } from '../privacy/split';
import type { Tokeniser } from '../privacy/tokens';
import type { RelandingStore, SplitVersion } from './relanding-store';
import type { SplitDigests } from './split-digest-store';

export interface ResplitServices {
  readonly identity: Pick<ObjectStore, 'read' | 'list'>;
  readonly open: (sealed: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;
  readonly digests: SplitDigests;
  readonly landing: Pick<ObjectStore, 'putIfAbsent'>;
  readonly sealLanding: Seal;
  readonly versions: Pick<RelandingStore, 'present' | 'reland'>;
  readonly tokeniser: Tokeniser;
  /** The shipped rules unless given. */
  readonly rules?: PrivacyRules | undefined;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
}

/** What a re-split found, in versions of resources. */
export interface ResplitCounts {
  readonly originals: number;
  readonly unchanged: number;
  /** Landed anew; with `dryRun`: would be. */
  readonly changed: number;
  /** Would be held for review under these rules. Their clinical copies stay as they are until a person decides. */
  readonly wouldBeHeld: number;
  /** Landed before the lake kept what a re-split needs, or under an earlier pseudonym key. */
  readonly unknown: number;
}

interface Original {
  readonly requestId: string;
  readonly interaction: string;
  readonly body: string;
}

interface Change extends SplitVersion {
  readonly clinicalLine: string;
  readonly digest: string;
  readonly patientRef: string | undefined;
  readonly retention: string;
}

/**
 * Splits every sealed original again under the present rules and lands the versions whose clinical copy comes out different.
 * Compared by keyed digest, so that nothing is opened but the originals. Cut off anywhere it is asked for again: what was
 * done is found unchanged.
 */
export async function resplit(
  services: ResplitServices,
  { dryRun }: { readonly dryRun: boolean },
  progress: (counts: ResplitCounts) => void = () => undefined,
): Promise<ResplitCounts> {
  const counts = { originals: 0, unchanged: 0, changed: 0, wouldBeHeld: 0, unknown: 0 };
  for await (const { key } of services.identity.list('')) {
    const [provider = '', retention = ''] = key.split('/');
    // Held messages have their own replay.
    if (provider === 'quarantine') continue;
    const { originals, notes } = await readObject(services, key, { zone: 'identity', provider, retention });
    const receivedOn = key.split('/').slice(2, 5).join('-');
    const changes: Change[] = [];
    for (const original of originals) {
      counts.originals += 1;
      const note = notes.get(original.requestId);
      if (note?.tokenVersion !== services.tokeniser.version) {
        counts.unknown += 1;
        continue;
      }
      for (const outcome of await splitAgain(services, original, note, provider, receivedOn)) {
        if (typeof outcome === 'string') counts[outcome] += 1;
        else changes.push(outcome);
      }
    }
    const present = await services.versions.present(changes);
    counts.changed += present.length;
    if (present.length > 0 && !dryRun) await land(services, provider, present);
    progress(counts);
  }
  return counts;
}

async function readObject(
  { identity, open }: ResplitServices,
  key: string,
  context: Readonly<Record<string, string>>,
): Promise<{ originals: readonly Original[]; notes: ReadonlyMap<string, SplitNote> }> {
  const text = Buffer.from(await open(await identity.read(key), context)).toString('utf8');
  const originals: Original[] = [];
  const notes = new Map<string, SplitNote>();
  for (const line of text.split('\n')) {
    if (line.startsWith('{"kind":"original"')) originals.push(JSON.parse(line) as Original);
    else if (line.startsWith('{"kind":"split"')) {
      const { requestId, ...note } = JSON.parse(line) as SplitNote & { readonly requestId: string };
      notes.set(requestId, note);
    }
  }
  return { originals, notes };
}

async function splitAgain(
  { tokeniser, digests, rules }: ResplitServices,
  { requestId, interaction: route, body }: Original,
  note: SplitNote,
  provider: string,
  receivedOn: string,
): Promise<readonly ('unchanged' | 'wouldBeHeld' | Change)[]> {
  const { entries } = interactionOf({ route, body });
  const resolver = new ReferenceResolver(provider, tokeniser);
  for (const { index, id } of note.entries) resolver.place(entries[index]!, id);
  resolver.recall(note.meanings);
  const restricted = entries.some(({ resource }) => isRestricted(resource));
  const outcomes: ('unchanged' | 'wouldBeHeld' | Change)[] = [];
  for (const { index, type, id, digest: landed } of note.entries) {
    if (landed === undefined) continue;
    const split = splitResource(entries[index]!.resource, {
      provider,
      tokeniser,
      id,
      resolveReference: () => undefined,
      rekeyedReference: resolver.rekeyed,
      restricted,
      receivedOn,
      ...(rules === undefined ? {} : { rules }),
    });
    if (split.kind === 'quarantine') {
      outcomes.push('wouldBeHeld');
      continue;
    }
    const version = { provider, type, id, requestId };
    const clinicalLine = JSON.stringify(split.clinical);
    const digest = clinicalDigest(tokeniser.digestKey, clinicalLine);
    if (digest === ((await digests.of(version)) ?? landed)) outcomes.push('unchanged');
    else {
      const { patientRef, retentionClass: retention } = split;
      outcomes.push({ ...version, clinicalLine, digest, patientRef, retention });
    }
  }
  return outcomes;
}

/** One segment for each retention class, as ingest lands them; then the ledger, then the digests. */
async function land(services: ResplitServices, provider: string, changes: readonly Change[]): Promise<void> {
  const { landing, sealLanding, versions, digests, clock, failpoint } = services;
  const now = clock.now();
  const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
  const relanded = [];
  for (const [retention, some] of Map.groupBy(changes, (change) => change.retention)) {
    const segment = `${provider}/${retention}/${day}/${now.getTime().toString(36)}-${randomUUID()}.ndjson`;
    const text = some.map(({ clinicalLine }) => `${clinicalLine}\n`).join('');
    const sealed = await sealLanding(Buffer.from(text, 'utf8'), { zone: 'landing', provider, retention });
    await landing.putIfAbsent(segment, sealed);
    relanded.push(...some.map((change, line) => ({ ...change, segment, line })));
  }
  await failpoint('resplit.put');
  await versions.reland(relanded, now, auditOf(now, changes.length));
  await failpoint('resplit.relanded');
  await digests.record(changes, auditOf(now, changes.length));
  await failpoint('resplit.recorded');
}

const auditOf = (now: Date, count: number): AuditRecord => ({
  recorded: now.toISOString(),
  event: 'restrictedFunction',
  action: 'job:identity.resplit',
  agent: { kind: 'operator', id: 'local' },
  outcome: { result: 'allowed', code: 'resplit' },
  entities: [{ type: 'version', count }],
  purpose: 'HOPERAT',
});
