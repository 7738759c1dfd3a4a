import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { AuditRecord, StoredAuditRecord } from '../../functions/audit/audit-record';
import { recordsOf, segmentPrefix } from '../../functions/audit/audit-segment';
import { type AuditStream, streamPrefix } from '../../functions/audit/manifest';
import type { RunningLake } from './running-lake';

/** Every audit record of one stream so far, in order, read from an export. */
export async function auditOf(running: RunningLake, stream: 'lake' | 'identity'): Promise<readonly AuditRecord[]> {
  const out = join(running.folder.root, `audit-export-${randomUUID()}`);
  await running.operator.exportAudit(out);
  return readFileSync(join(out, stream, 'records.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditRecord);
}

/** Every record that is sealed in one stream of an audit zone, in order. */
export async function sealedRecords(
  audit: Pick<ObjectStore, 'list' | 'read'>,
  stream: AuditStream,
): Promise<readonly StoredAuditRecord[]> {
  const records: StoredAuditRecord[] = [];
  for await (const { key } of audit.list(`${streamPrefix(stream)}${segmentPrefix}`))
    for (const { record } of recordsOf(await audit.read(key))) records.push(JSON.parse(record) as StoredAuditRecord);
  return records;
}
