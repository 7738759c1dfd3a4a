import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { Failpoint } from '../failpoint';
import type { CurateBatch, Ledger } from '../ingest/ledger';
import { keyVersionOf } from '../privacy/tokens';

/** One row of a curated table as NDJSON carries it into the query engine. */
export interface CuratedRow {
  readonly id: string;
  readonly version: number;
  /** RFC 3339. */
  readonly last_updated: string;
  readonly provider: string;
  readonly patient_ref: string | null;
  readonly deleted: boolean;
  /** The clinical copy, its exact JSON text. */
  readonly resource: string;
}

/** Where curated rows go: the Delta table of a resource type. */
export interface CuratedWriter {
  /**
   * Appends a file of CuratedRow lines as batch number `batch`; a batch that is there already is left alone.
   *
   * @param keyVersion the oldest version of the pseudonym key in the rows: a table that was made over since refuses them
   *   (`Unavailable`), and the batch is done again from what landing holds now.
   */
  append(type: string, batch: number, ndjsonFile: string, keyVersion: number): Promise<void>;
}

export interface CurateServices {
  readonly landing: Pick<ObjectStore, 'read'>;
  readonly open: (sealed: Uint8Array, context: Readonly<Record<string, string>>) => Promise<Uint8Array>;
  readonly ledger: Pick<Ledger, 'claimBatch' | 'versionsOf' | 'completeBatch'>;
  readonly writer: CuratedWriter;
  readonly spoolFolder: string;
  readonly failpoint: Failpoint;
}

export interface CurateResult {
  readonly segments: number;
  readonly rows: number;
  readonly types: readonly string[];
}

/** Segments of one batch: bounds the spool, and the number of files a table grows by. */
const segmentsPerBatch = 500;

/**
 * Moves what the ledger had acknowledged when it was called into curated tables, batch by numbered batch. A batch is claimed in the ledger, each
 * table takes it under its number once, and it is completed last: after a crash the same batch is done again, and tables
 * that have it already skip it. Lines of a segment without a ledger row were never acknowledged and are left behind.
 */
export async function curate(
  services: CurateServices,
  progress: (result: CurateResult) => void = () => undefined,
): Promise<CurateResult> {
  let total: CurateResult = { segments: 0, rows: 0, types: [] };
  for (let batches = 1; ; batches += 1) {
    const batch = await services.ledger.claimBatch(segmentsPerBatch);
    if (batch === undefined) return total;
    await services.failpoint('curate.claimed');
    const { rows, types } = await curateBatch(services, batch);
    await services.failpoint('curate.before-complete');
    await services.ledger.completeBatch(batch.batch);
    total = {
      segments: total.segments + batch.segments.length,
      rows: total.rows + rows,
      types: [...new Set([...total.types, ...types])].sort(),
    };
    progress(total);
    // It took all there was, or (the first only) it was one that a crash left open. What landed since waits for the next run: under a
    // steady load this one would never end, and links, marts and erasures wait for its end.
    if (batches > 1 && batch.segments.length < segmentsPerBatch) return total;
  }
}

async function curateBatch(
  services: CurateServices,
  { batch, segments }: CurateBatch,
): Promise<{ rows: number; types: readonly string[] }> {
  const folder = join(services.spoolFolder, `curate-${batch}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    const keyVersions = new Map<string, number>();
    let rows = 0;
    for (const { segment, provider } of segments) {
      const lines = await readSegment(services, segment, provider);
      const texts = new Map<string, string[]>();
      for (const version of await services.ledger.versionsOf(segment)) {
        const row: CuratedRow = {
          id: version.id,
          version: version.version,
          last_updated: version.last_updated,
          provider,
          patient_ref: version.patient_ref,
          deleted: false,
          resource: lines[version.line] ?? '',
        };
        keyVersions.set(version.type, Math.min(keyVersions.get(version.type) ?? 255, oldestKeyVersion(row)));
        const text = texts.get(version.type) ?? [];
        texts.set(version.type, text);
        text.push(`${JSON.stringify(row)}\n`);
        rows += 1;
      }
      // Not a stream, whose error at a full disk comes when nobody waits for it and ends the process.
      for (const [type, text] of texts) await appendFile(join(folder, `${type}.ndjson`), text.join(''));
    }
    const types = [...keyVersions.keys()].sort();
    for (const type of types) {
      await services.writer.append(type, batch, join(folder, `${type}.ndjson`), keyVersions.get(type)!);
      await services.failpoint('curate.table-written');
    }
    return { rows, types };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The ledger's ids and the landed text are made over one after the other: a row may be of two versions. */
function oldestKeyVersion({ id, patient_ref: patient, resource }: CuratedRow): number {
  const own = /"id":"([A-Za-z0-9.-]{44})"/.exec(resource)?.[1];
  return Math.min(...[id, patient, own].filter((one) => typeof one === 'string').map(keyVersionOf));
}

async function readSegment(services: CurateServices, segment: string, provider: string): Promise<readonly string[]> {
  const retention = segment.split('/')[1] ?? '';
  const plaintext = await services.open(await services.landing.read(segment), { zone: 'landing', provider, retention });
  return Buffer.from(plaintext).toString('utf8').split('\n');
}
