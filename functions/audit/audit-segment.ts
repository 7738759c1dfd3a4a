import { hash } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import { canonicalJson } from './canonical-json';

/**
 * A segment of the log: NDJSON, one sealed record a line, in canonical JSON (RFC 8785):
 * `{"hash":…,"position":…,"previous":…,"record":{…}}`. `hash` is the SHA-256 of the line without its `hash` member, and so
 * of the record, its position (from 1) and the hash of the record before it. Anybody can recompute it with a shell.
 */
export interface SealedLine {
  readonly hash: string;
  readonly position: number;
  readonly previous: string;
  /** The canonical JSON the hash covers. */
  readonly content: string;
  /** JSON of the StoredAuditRecord. */
  readonly record: string;
}

export const segmentPrefix = 'segments/';

export const segmentKey = (number: number): string => `${segmentPrefix}${String(number).padStart(12, '0')}.ndjson`;

export const segmentNumber = (key: string): number | undefined => {
  const found = /^segments\/(\d{12})\.ndjson$/.exec(key);
  return found === null ? undefined : Number(found[1]);
};

export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** Seals one record behind another: its line, and the hash the next one continues from. */
export function sealLine(record: object, position: number, previous: string): { line: string; hash: string } {
  const content = canonicalJson({ position, previous, record });
  const digest = sha256Hex(content);
  return { line: `{"hash":"${digest}",${content.slice(1)}`, hash: digest };
}

const lineForm =
  /^\{"hash":"([0-9a-f]{64})",("position":([1-9]\d{0,14}),"previous":"([0-9a-f]{64})","record":(\{.*\})\})$/;

/** Takes a line apart without trusting it; undefined when it has not the form of a sealed line. */
export function parseLine(line: string): SealedLine | undefined {
  const found = lineForm.exec(line);
  if (found === null) return undefined;
  return {
    hash: found[1]!,
    position: Number(found[3]),
    previous: found[4]!,
    content: `{${found[2]!}`,
    record: found[5]!,
  };
}

/** The lines of a segment; undefined when its bytes are not UTF-8 lines, each ended by a line feed. */
export function segmentLines(bytes: Uint8Array): string[] | undefined {
  let text: string;
  try {
    // A byte order mark is a byte like any other here: nothing may be in front of the first line.
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  if (!text.endsWith('\n')) return undefined;
  return text.slice(0, -1).split('\n');
}

/** The records of a segment that was verified or is the lake's own. */
export function recordsOf(bytes: Uint8Array): SealedLine[] {
  const lines = segmentLines(bytes)?.map(parseLine);
  if (lines === undefined || lines.includes(undefined)) {
    throw new LakeError(
      'InvalidArgument',
      'A segment of the audit is not NDJSON of sealed records. Run the verification to learn what was changed.',
    );
  }
  return lines.filter((line) => line !== undefined);
}
