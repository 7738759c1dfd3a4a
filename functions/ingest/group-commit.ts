import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { Failpoint } from '../failpoint';
import { longerRetention } from '../privacy/rules/retention-codes';
import type { LandedObject, Ledger, LedgerEntry, LedgerRequest, RequestOutcome } from './ledger';
import { messageReport } from './message-report';
import type { PreparedRequest } from './prepared-request';

/** Seals plaintext for one zone: envelope encryption under the zone's key with its purpose bound in. */
export type Seal = (plaintext: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;

export interface GroupCommitPorts {
  readonly landing: Pick<ObjectStore, 'putIfAbsent'>;
  readonly identity: Pick<ObjectStore, 'putIfAbsent'>;
  readonly sealLanding: Seal;
  readonly sealIdentity: Seal;
  readonly ledger: Pick<Ledger, 'commit'>;
  readonly clock: Clock;
  readonly failpoint: Failpoint;
  /** Puts a group while the one before it commits; see GroupCommit. */
  readonly overlapping: boolean;
}

interface Waiting {
  readonly request: PreparedRequest;
  readonly resolve: (outcome: RequestOutcome) => void;
  readonly reject: (error: unknown) => void;
}

interface Segment {
  readonly zone: 'landing' | 'identity';
  readonly provider: string;
  readonly retention: string;
  readonly key: string;
  readonly lines: string[];
  readonly requestIds: Set<string>;
}

/** A group whose objects are there; the commit makes them true. */
interface PlacedGroup {
  readonly ledgerRequests: readonly LedgerRequest[];
  readonly landed: readonly LandedObject[];
  readonly now: Date;
}

/** A group is closed at this many requests or this many characters of original bodies. */
const maxRequests = 256;
const maxCharacters = 16 * 1024 * 1024;

/**
 * Lands requests in groups: while one group is being made durable the next one gathers, so that many small requests
 * share the price of a few fsyncs. Per group: one segment per provider and retention class in each zone (put-if-absent,
 * encrypted), then one ledger transaction for all. A request is answered only after that. Overlapping, two groups are on their
 * way: the objects of one are put while the one before it commits, as neither needs what the other waits for. Groups are smaller
 * then: that pays on a disk, and not where each costs servers a transaction and two requests.
 */
export class GroupCommit {
  readonly #ports: GroupCommitPorts;
  readonly #waiting: Waiting[] = [];
  #putting: Promise<void> | undefined;
  #committing: Promise<void> = Promise.resolve();

  constructor(ports: GroupCommitPorts) {
    this.#ports = ports;
  }

  submit(request: PreparedRequest): Promise<RequestOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#putting ??= this.#run();
    });
  }

  /** Resolves when everything submitted so far has been answered. */
  async drained(): Promise<void> {
    while (this.#putting !== undefined) await this.#putting;
    await this.#committing;
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets requests that are already parsed join the group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        const placed = await this.#put(group.map(({ request }) => request));
        await this.#committing;
        this.#committing = this.#commit(group, placed);
        if (!this.#ports.overlapping) await this.#committing;
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#putting = undefined;
  }

  #nextGroup(): Waiting[] {
    let characters = 0;
    let count = 0;
    while (count < this.#waiting.length && count < maxRequests && (count === 0 || characters < maxCharacters)) {
      characters += this.#waiting[count]!.request.original.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #put(requests: readonly PreparedRequest[]): Promise<PlacedGroup> {
    const { failpoint, clock } = this.#ports;
    const now = clock.now();
    const segments = new Map<string, Segment>();
    const ledgerRequests = requests.map((request) => placeLines(request, segments, now));
    await failpoint('ingest.before-put');
    await Promise.all([...segments.values()].map((segment) => this.#putSegment(segment)));
    await failpoint('ingest.after-put');
    const landed = [...segments.values()].map(({ zone, key, provider, requestIds }) => ({
      zone,
      key,
      provider,
      requestIds: [...requestIds],
    }));
    return { ledgerRequests, landed, now };
  }

  /** Never rejects: whoever waits for an answer is told. */
  async #commit(group: readonly Waiting[], { ledgerRequests, landed, now }: PlacedGroup): Promise<void> {
    try {
      const outcomes = await this.#ports.ledger.commit(ledgerRequests, landed, now);
      await this.#ports.failpoint('ingest.after-commit');
      group.forEach(({ resolve }, index) => {
        resolve(outcomes[index]!);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #putSegment(segment: Segment): Promise<void> {
    const { zone, provider, retention, key, lines } = segment;
    const plaintext = Buffer.from(`${lines.join('\n')}\n`, 'utf8');
    const seal = zone === 'landing' ? this.#ports.sealLanding : this.#ports.sealIdentity;
    const sealed = await seal(plaintext, { zone, provider, retention });
    await this.#ports[zone].putIfAbsent(key, sealed);
    await this.#ports.failpoint(`ingest.put-${zone}`);
  }
}

function segmentFor(
  segments: Map<string, Segment>,
  zone: Segment['zone'],
  provider: string,
  retention: string,
  now: Date,
): Segment {
  const name = `${zone} ${provider} ${retention}`;
  let segment = segments.get(name);
  if (segment === undefined) {
    const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
    const key = `${provider}/${retention}/${day}/${now.getTime().toString(36)}-${randomUUID()}.ndjson`;
    segment = { zone, provider, retention, key, lines: [], requestIds: new Set() };
    segments.set(name, segment);
  }
  return segment;
}

function placeLines(request: PreparedRequest, segments: Map<string, Segment>, now: Date): LedgerRequest {
  const { provider, requestId } = request;
  // The class kept longest decides for the sealed original, which cannot be split by class.
  const retention = request.entries.map((entry) => entry.retention).reduce(longerRetention, 'general');
  const identity = segmentFor(segments, 'identity', provider, retention, now);
  identity.requestIds.add(requestId);
  identity.lines.push(
    JSON.stringify({ kind: 'original', requestId, interaction: request.interaction, body: request.original }),
  );
  const entries = request.entries.map((entry, index): LedgerEntry => {
    const { type, id, formerId, expectation, patientRef, identifiers, assignedId, retention: ownRetention } = entry;
    const common = { type, id, formerId, expectation, patientRef, identifiers, assignedId, retention: ownRetention };
    if (entry.clinicalLine === undefined) return { ...common, place: undefined };
    const segment = segmentFor(segments, 'landing', provider, ownRetention, now);
    segment.requestIds.add(requestId);
    const line = segment.lines.push(entry.clinicalLine) - 1;
    if (entry.identityRecord !== undefined) {
      identity.lines.push(
        JSON.stringify({ kind: 'record', requestId, entry: index, type, id, record: entry.identityRecord }),
      );
    }
    return { ...common, place: { segment: segment.key, line } };
  });
  const report = messageReport(request.entries.flatMap((entry) => (entry.report === undefined ? [] : [entry.report])));
  identity.lines.push(JSON.stringify({ kind: 'report', requestId, report }));
  identity.lines.push(JSON.stringify({ kind: 'split', requestId, ...request.splitNote }));
  const { digests, tokenVersion, atomic, resolutions, notes, audit } = request;
  return { provider, requestId, digests, tokenVersion, atomic, entries, resolutions, notes, audit };
}
