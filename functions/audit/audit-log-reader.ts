import type { ObjectStore } from '../../adapters/ports/object-store';
import type { StoredAuditRecord } from './audit-record';
import { recordsOf, segmentNumber, segmentPrefix } from './audit-segment';

export interface SealedRecord {
  readonly position: number;
  readonly record: StoredAuditRecord;
}

/** Keys of the segments, in the order of the log. */
export async function* segmentKeys(store: Pick<ObjectStore, 'list'>): AsyncGenerator<string> {
  for await (const { key } of store.list(segmentPrefix)) if (segmentNumber(key) !== undefined) yield key;
}

/**
 * Sealed records in their order, one segment in memory at a time. It reads, it does not verify; and reading audit is
 * itself to be audited (`auditUsed`) by whoever calls.
 */
export async function* readAuditLog(
  store: Pick<ObjectStore, 'read'>,
  segments: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<SealedRecord> {
  for await (const key of segments) {
    for (const { position, record } of recordsOf(await store.read(key))) {
      yield { position, record: JSON.parse(record) as StoredAuditRecord };
    }
  }
}
