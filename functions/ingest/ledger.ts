import type { SqlRow } from '../../adapters/ports/state-database';
import type { AuditRecord } from '../audit/audit-record';
import type { RetentionClass } from '../privacy/rules/retention-codes';

/** A business identifier as the ledger knows it: the type it identifies and its token, never the value. */
export interface IdentifierToken {
  readonly type: string;
  readonly token: string;
}

/** What a request expects of a resource when it commits. */
export type Expectation =
  /** The resource must not exist yet (a create). */
  | { readonly kind: 'absent' }
  /** Exists or not: a new version either way (an entry of a message). */
  | { readonly kind: 'any' }
  /** Must exist and stays as it is (ifNoneExist found it): no version is written. */
  | { readonly kind: 'exists' }
  /** The current version must be this one; `undefined` = the sender gave no If-Match, so it must not exist. */
  | { readonly kind: 'match'; readonly version: number | undefined };

/** One resource version to record. All ids are re-keyed: the sender's own ids never reach the ledger. */
export interface LedgerEntry {
  readonly type: string;
  readonly id: string;
  /** While the pseudonym key is rotated: the id under the key before, by which the ledger may still know the resource. */
  readonly formerId: string | undefined;
  readonly expectation: Expectation;
  /** Where its clinical copy lies; undefined for `exists`. */
  readonly place: { readonly segment: string; readonly line: number } | undefined;
  readonly patientRef: string | undefined;
  readonly retention: RetentionClass;
  readonly identifiers: readonly string[];
  /** The id the lake gave the sender on create, so that a repeated request gets the first answer. */
  readonly assignedId: string | undefined;
}

/** A look-up made while preparing, checked again inside the commit. */
export interface Resolution extends IdentifierToken {
  readonly ids: readonly string[];
}

export interface LedgerRequest {
  readonly provider: string;
  readonly requestId: string;
  /** Keyed digests of interaction and body, under each living key: a repeat is told from a different request under the same id. */
  readonly digests: readonly string[];
  /** Version of the key that made the ids and tokens. */
  readonly tokenVersion: number;
  /** All entries or none (transaction, message, single resource); false for a batch. */
  readonly atomic: boolean;
  readonly entries: readonly LedgerEntry[];
  readonly resolutions: readonly Resolution[];
  /** Kept beside the answer for entries that made no version (refused, existing, quarantined). */
  readonly notes: string;
  readonly audit: (outcome: RequestOutcome) => AuditRecord;
}

export interface EntryOutcome {
  readonly status: 200 | 201 | 409 | 412;
  /** The version now current; 0 when there is none. */
  readonly version: number;
  /** The id the lake gave it, when the lake did and not the provider. */
  readonly assignedId?: string;
}

export type RequestOutcome =
  | {
      readonly kind: 'committed' | 'repeated';
      readonly entries: readonly EntryOutcome[];
      readonly recorded: string;
      readonly notes: string;
    }
  /** The same request id came before with another body. */
  | { readonly kind: 'reused' }
  /** An entry of an atomic request did not meet its expectation. */
  | { readonly kind: 'conflict'; readonly entry: number; readonly status: 409 | 412 }
  /** Somebody else changed what was resolved, or the pseudonym key is another by now: prepare again. */
  | { readonly kind: 'moved' };

/** An object as those downstream are told of it. */
export interface AnnouncedObject extends LandedObject {
  /** `<request id> <entry>`: entries of its requests that were refused, as those of a batch may be; their lines are never read. */
  readonly refused: readonly string[];
}

/** An object made visible by a commit, announced to those downstream of its zone. */
export interface LandedObject {
  readonly zone: 'landing' | 'identity';
  readonly key: string;
  readonly provider: string;
  /** Requests whose lines it holds; lines of the ones that did not commit are never read. */
  readonly requestIds: readonly string[];
}

/** A landed object as the outbox keeps it until everybody is told. */
export interface OutboxRow extends AnnouncedObject {
  readonly id: number;
  /** Failed attempts so far. */
  readonly attempts: number;
}

export interface VersionRow extends SqlRow {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly line: number;
  readonly last_updated: string;
  readonly patient_ref: string | null;
}

export interface CurateBatch {
  readonly batch: number;
  readonly segments: readonly { readonly segment: string; readonly provider: string }[];
}

export interface Ledger {
  /** The answer a request id got, if it was used before. */
  request(provider: string, requestId: string, digests: readonly string[]): Promise<RequestOutcome | undefined>;
  /** Ids of the provider's resources that carry each token. */
  resolve(provider: string, tokens: readonly IdentifierToken[]): Promise<readonly Resolution[]>;
  /** The current version of a resource of the provider. */
  head(provider: string, type: string, id: string): Promise<{ version: number; lastUpdated: string } | undefined>;
  /** One transaction for a group of requests; each gets its own outcome. The moment of truth. */
  commit(
    requests: readonly LedgerRequest[],
    landed: readonly LandedObject[],
    now: Date,
  ): Promise<readonly RequestOutcome[]>;
  /** Puts segments not yet curated into a numbered batch; gives an unfinished batch again after a crash. */
  claimBatch(limit: number): Promise<CurateBatch | undefined>;
  versionsOf(segment: string): Promise<readonly VersionRow[]>;
  completeBatch(batch: number): Promise<void>;
  /** Outbox rows that nobody was told of yet, oldest first. */
  unpublished(limit: number): Promise<readonly (AnnouncedObject & { readonly id: number })[]>;
  published(ids: readonly number[], now: Date): Promise<void>;
  /** Outbox rows to publish now, oldest first: neither waiting for another attempt nor dead letters. */
  due(limit: number, now: Date): Promise<readonly OutboxRow[]>;
  /** Records a failed attempt: offered again from that moment on, or a dead letter. */
  notPublished(id: number, again: Date | undefined, now: Date): Promise<void>;
  /** How many objects wait to be published, up to a row of the outbox (all when absent), and the newest of them. */
  untold(upTo?: number): Promise<{ readonly count: number; readonly newest: number | undefined }>;
  /** How many events nobody took, and since when the oldest waits. */
  deadLetters(): Promise<{ readonly count: number; readonly oldest: string | undefined }>;
  /** Makes every dead letter due again, as if it had never been tried; gives how many. */
  redrive(): Promise<number>;
  countSegments(): Promise<{ waiting: number; curated: number }>;
  /** What was landed, up to a row of the outbox (all when absent), and stands in no curated table yet. */
  uncurated(upTo?: number): Promise<{
    readonly upTo: number;
    readonly segments: number;
    readonly rows: number;
    readonly types: readonly string[];
  }>;
  totals(): Promise<{ requests: number; resources: number; versions: number }>;
  objectKnown(key: string): Promise<boolean>;
}
