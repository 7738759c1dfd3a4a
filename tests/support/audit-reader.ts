import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditRecord } from '../../functions/audit/audit-record';
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
