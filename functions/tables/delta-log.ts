import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { ObjectInfo, ObjectStore } from '../../adapters/ports/object-store';
import type { QueryEngine, QuerySession } from '../../adapters/ports/query-engine';
import { CheckpointFile } from './checkpoint-file';
import type { Action } from './delta-actions';
import { type LogListing, listingOf, nameOfVersion } from './log-listing';
import { emptySnapshot, replay, type Snapshot } from './snapshot';

type LogStore = Pick<ObjectStore, 'putIfAbsent' | 'put' | 'read' | 'list' | 'delete'>;

/** As Spark: every tenth version, so that whoever opens the table replays nine commits at most. */
const checkpointInterval = 10;
/** Commits read at once. */
const readsAtOnce = 16;
const loadAttempts = 3;
/** The longest that a reader or a writer may hold on to a version. */
export const longestReaderMilliseconds = 24 * 3_600_000;
/** How long versions of the past can be read, and how long the log remembers what was removed: Delta's default of 30 days. */
export const historyMilliseconds = 30 * 24 * 3_600_000;

/** The log of one table: numbered files of actions; whoever puts a number first has committed it. */
export class DeltaLog {
  readonly #store: LogStore;
  readonly #folder: string;
  readonly #checkpoints: CheckpointFile;
  #known: Snapshot = emptySnapshot;

  constructor(store: LogStore, table: string, engine: Pick<QueryEngine, 'query' | 'spoolFolder'>) {
    this.#store = store;
    this.#folder = `${table}/_delta_log/`;
    this.#checkpoints = new CheckpointFile(store, engine);
  }

  /** The newest snapshot: what is known already plus what was committed since. */
  async latest(): Promise<Snapshot> {
    const from = this.#known.version < 0 ? await this.#lastCheckpoint() : this.#known.version + 1;
    const snapshot = await this.#load(this.#known, from);
    if (snapshot.version > this.#known.version) this.#known = snapshot;
    return snapshot;
  }

  /** The table as it was at a version or a moment (time travel). */
  async at(point: number | Date): Promise<Snapshot> {
    const listing = await this.#list(0);
    const version = typeof point === 'number' ? point : listing.versionAt(point);
    const first = listing.firstReadable();
    const last = listing.lastVersion();
    const isThere = Number.isSafeInteger(version) && first !== undefined && version! >= first && version! <= last;
    if (!isThere) {
      throw new LakeError(
        'NotFound',
        `The table has no such version any more, or not yet. Versions ${first ?? 0} to ${Math.max(0, last)} can be read.`,
      );
    }
    return this.#load(emptySnapshot, 0, version);
  }

  /**
   * Commits as version `snapshot.version + 1`; undefined when somebody else did first. When a store's answer got lost, the
   * log itself says whether the commit is there: nothing is committed twice.
   */
  async tryCommit(snapshot: Snapshot, actions: readonly Action[]): Promise<Snapshot | undefined> {
    const version = snapshot.version + 1;
    const key = `${this.#folder}${nameOfVersion(version)}.json`;
    try {
      await this.#store.putIfAbsent(key, Buffer.from(textOf(actions), 'utf8'));
    } catch (error) {
      const present = await this.#text(key).catch((unread: unknown) => {
        if (!isLakeError(error, 'AlreadyExists')) throw error;
        throw new LakeError('Unavailable', 'The store does not say who wrote a version of a table. Try again.', {
          cause: unread,
        });
      });
      if (committerOf(parse(present)) !== committerOf(actions)) return undefined;
    }
    const next = replay(snapshot, version, actions);
    if (next.version > this.#known.version) this.#known = next;
    return next;
  }

  /** A checkpoint when one is due. It is only a shortcut: one that fails leaves a longer way, and takes nothing back. */
  async checkpointIfDue(session: QuerySession, snapshot: Snapshot): Promise<void> {
    if (snapshot.version === 0 || snapshot.version % checkpointInterval !== 0) return;
    await this.checkpoint(session, snapshot).catch(() => undefined);
  }

  async checkpoint(session: QuerySession, snapshot: Snapshot): Promise<void> {
    const { version } = snapshot;
    const size = await this.#checkpoints.write(
      session,
      `${this.#folder}${nameOfVersion(version)}.checkpoint.parquet`,
      snapshot,
      new Date(Date.now() - historyMilliseconds),
    );
    await this.#store.put(`${this.#folder}_last_checkpoint`, Buffer.from(JSON.stringify({ version, size })));
  }

  /**
   * Deletes log entries that neither the newest version nor any version since `olderThan` needs: those before the newest
   * checkpoint that is not younger (PROTOCOL.md, Metadata Cleanup). Gives how many.
   */
  async cleanUp(olderThan: Date): Promise<number> {
    const listing = await this.#list(0);
    const at = listing.versionAt(olderThan);
    const checkpoint = at === undefined ? undefined : listing.newestCheckpoint(at)?.version;
    return checkpoint === undefined ? 0 : this.#delete(listing.keysBefore(checkpoint));
  }

  /**
   * Takes what the log tells of rows out of every entry before a version that has a checkpoint. Entries that a writer at work
   * may still have read stay, without statistics: were they gone, the next version of that writer would be a past one.
   */
  async forgetBefore(version: number): Promise<void> {
    const listing = await this.#list(0);
    const young = listing.commitsAfter(-1, version - 1, new Date(Date.now() - longestReaderMilliseconds));
    for (const key of young) await this.#store.put(key, Buffer.from(withoutStatistics(await this.#text(key)), 'utf8'));
    const kept = new Set(young);
    await this.#delete(listing.keysBefore(version).filter((key) => !kept.has(key)));
  }

  /** When the store took a version in, by the store's own clock. */
  async committedAt(version: number): Promise<Date> {
    const key = `${this.#folder}${nameOfVersion(version)}.json`;
    for await (const info of this.#store.list(key)) if (info.key === key) return info.lastModified;
    throw new LakeError('NotFound', `Version ${version} of the table is no longer in its log.`);
  }

  async #load(known: Snapshot, from: number, upTo = Number.POSITIVE_INFINITY): Promise<Snapshot> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#loadOnce(known, attempt === 1 ? from : 0, upTo);
      } catch (error) {
        // A clean-up may take a file away between listing and reading it; the checkpoint that made it needless is there.
        if (!isLakeError(error, 'NotFound') || attempt === loadAttempts) throw error;
      }
    }
  }

  async #loadOnce(known: Snapshot, from: number, upTo: number): Promise<Snapshot> {
    const listing = await this.#list(from);
    const checkpoint = listing.newestCheckpoint(upTo);
    const isBehind =
      checkpoint !== undefined &&
      (checkpoint.version > known.version + checkpointInterval ||
        listing.missingAfter(known.version, Math.max(known.version, checkpoint.version)) !== undefined);
    const snapshot = isBehind
      ? replay(emptySnapshot, checkpoint.version, await this.#checkpoints.read(checkpoint.parts))
      : known;
    const last = Math.min(upTo, Math.max(snapshot.version, listing.lastVersion()));
    const missing = listing.missingAfter(snapshot.version, last);
    if (from > 0 && (snapshot.version < 0 || missing !== undefined)) return this.#loadOnce(known, 0, upTo);
    if (missing !== undefined) {
      throw new LakeError(
        'Unknown',
        `Version ${missing} is missing in the log of a table. Restore its file from a backup.`,
      );
    }
    const tail = listing.commitsAfter(snapshot.version, upTo);
    if (tail.length === 0) return snapshot;
    const actions: Action[] = [];
    for (let at = 0; at < tail.length; at += readsAtOnce) {
      const texts = await Promise.all(tail.slice(at, at + readsAtOnce).map((key) => this.#text(key)));
      for (const text of texts) actions.push(...parse(text));
    }
    return replay(snapshot, snapshot.version + tail.length, actions);
  }

  async #list(from: number): Promise<LogListing> {
    const found: ObjectInfo[] = [];
    // Without an ending the name sorts before every file of its version.
    const options = from > 0 ? { startAfter: `${this.#folder}${nameOfVersion(from)}` } : {};
    for await (const info of this.#store.list(this.#folder, options)) found.push(info);
    return listingOf(found);
  }

  /** A hint only: absent, outdated or damaged it costs a longer listing. */
  async #lastCheckpoint(): Promise<number> {
    try {
      const { version } = JSON.parse(await this.#text(`${this.#folder}_last_checkpoint`)) as { version?: unknown };
      return typeof version === 'number' && Number.isSafeInteger(version) && version > 0 ? version : 0;
    } catch (error) {
      if (isLakeError(error, 'NotFound') || error instanceof SyntaxError) return 0;
      throw error;
    }
  }

  async #delete(keys: readonly string[]): Promise<number> {
    for (const key of keys) {
      await this.#store.delete(key);
    }
    return keys.length;
  }

  async #text(key: string): Promise<string> {
    return Buffer.from(await this.#store.read(key)).toString('utf8');
  }
}

const parse = (text: string): Action[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Action);

const textOf = (actions: readonly Action[]): string => actions.map((action) => `${JSON.stringify(action)}\n`).join('');

/** The random text of a commit of the lake; others have none, or one of their own. */
function committerOf(actions: readonly Action[]): string | undefined {
  for (const action of actions) if ('commitInfo' in action) return action.commitInfo.txnId;
  return undefined;
}

function withoutStatistics(text: string): string {
  return textOf(
    parse(text).map((action) => {
      if (!('add' in action)) return action;
      const { stats: _, ...add } = action.add;
      return { add };
    }),
  );
}
