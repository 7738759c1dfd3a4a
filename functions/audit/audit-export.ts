import { createHash } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import { checkpointKey, checkpointPrefix, checkpointSequence, decodeCheckpoint } from './audit-checkpoint';
import { readAuditLog } from './audit-log-reader';
import { segmentKey } from './audit-segment';
import { type AuditSource, toFhirAuditEvent } from './fhir-audit-event';

export interface AuditExport {
  readonly audit: Pick<ObjectStore, 'list' | 'read'>;
  /** An empty folder or prefix. */
  readonly target: Pick<ObjectStore, 'putIfAbsent'>;
  readonly source: AuditSource;
  /** PEM of the public keys of the audit; written beside the log for convenience, not for trust. */
  readonly publicKeys: readonly { readonly version: number; readonly pem: string }[];
}

export interface AuditExportResult {
  readonly records: number;
  /** The last checkpoint in it: give it as `toCheckpoint` when the copy is verified against a witness that went on. */
  readonly toCheckpoint: number;
  /** Hex SHA-256 of each object written, by key, as `SHA256SUMS` holds them. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** Segments and checkpoints lie here as they were sealed: the verification runs on this folder. */
export const exportedLog = 'log/';

/**
 * Writes everything out in open forms: the log byte for byte (`log/`), the records as NDJSON (`records.ndjson`), as FHIR
 * (`AuditEvent.ndjson`), the public keys, and `SHA256SUMS` in the format of sha256sum(1). It exports up to one checkpoint,
 * the newest when it began, so that it can run beside a working sealer.
 *
 * @throws LakeError `AlreadyExists` when the target holds an export already.
 */
export async function exportAudit({ audit, target, source, publicKeys }: AuditExport): Promise<AuditExportResult> {
  const checksums: Record<string, string> = {};
  const write = async (key: string, parts: Iterable<string | Uint8Array> | AsyncIterable<string>): Promise<void> => {
    const hash = createHash('sha256');
    await target.putIfAbsent(key, bytesOf(parts, hash));
    checksums[key] = hash.digest('hex');
  };
  const copy = async (key: string): Promise<void> => write(`${exportedLog}${key}`, [await audit.read(key)]);

  const { sequence, segment } = await newestCheckpoint(audit);
  for (let number = 1; number <= sequence; number += 1) await copy(checkpointKey(number));
  const segments = Array.from({ length: segment }, (_, index) => segmentKey(index + 1));
  for (const key of segments) await copy(key);

  let records = 0;
  await write(
    'records.ndjson',
    (async function* () {
      for await (const { record } of readAuditLog(audit, segments)) {
        records += 1;
        yield `${JSON.stringify(record)}\n`;
      }
    })(),
  );
  await write(
    'AuditEvent.ndjson',
    (async function* () {
      for await (const { record } of readAuditLog(audit, segments)) {
        yield `${JSON.stringify(toFhirAuditEvent(record, source))}\n`;
      }
    })(),
  );
  for (const { version, pem } of publicKeys) await write(`public-keys/audit-${version}.pem`, [pem]);
  const sums = Object.entries(checksums).map(([key, sum]) => `${sum}  ${key}\n`);
  await target.putIfAbsent('SHA256SUMS', Buffer.from(sums.join('')));
  return { records, toCheckpoint: sequence, checksums };
}

/** Numbers of the newest checkpoint and of the last segment it covers; 0 when nothing was sealed yet. */
async function newestCheckpoint(audit: AuditExport['audit']): Promise<{ sequence: number; segment: number }> {
  let newest = 0;
  for await (const { key } of audit.list(checkpointPrefix)) newest = Math.max(newest, checkpointSequence(key) ?? 0);
  if (newest === 0) return { sequence: 0, segment: 0 };
  const signed = decodeCheckpoint(await audit.read(checkpointKey(newest)));
  if (signed === undefined) {
    throw new LakeError(
      'InvalidArgument',
      'The newest checkpoint of the audit is damaged, so nothing says how far to export. Run the verification and restore it from the witness.',
    );
  }
  return { sequence: newest, segment: signed.checkpoint.segment };
}

async function* bytesOf(
  parts: Iterable<string | Uint8Array> | AsyncIterable<string>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    const bytes = Buffer.from(part);
    hash.update(bytes);
    yield bytes;
  }
}
