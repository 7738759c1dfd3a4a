import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isLakeError } from '../../adapters/ports/errors';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { ndjsonLines } from '../bulk-import/ndjson-lines';
import { liftText } from '../privacy/lift-text';
import type { Tokeniser } from '../privacy/tokens';
import type { CuratedTable } from '../tables/curated-table';
import type { TableEngine, TableStore } from '../tables/delta-table';
import { placeFile } from '../tables/place-file';
import { quoteText } from '../tables/sql-text';

/** Bytes: more than the longest row that curate takes. */
const longestLine = 64 * 1024 * 1024;

interface Row {
  id: string;
  patient_ref: string | null;
  resource: string;
}

export interface LiftTableServices {
  readonly curated: TableStore;
  readonly engine: TableEngine;
  readonly session: QuerySession;
}

/** Makes the pseudonyms of a curated table over, file by file, and forgets the files and versions that held the older ones. */
export async function liftTable(
  services: LiftTableServices,
  table: CuratedTable,
  tokeniser: Tokeniser,
): Promise<number> {
  const { engine, session } = services;
  await mkdir(engine.spoolFolder, { recursive: true });
  // First: who curates in another process may hold rows of before, which must not come after these.
  await table.delta.advance(session, tokeniser.version);
  let changed = 0;
  const clean = new Set<string>();
  for (let again = true; again; ) {
    again = false;
    for (const path of (await table.delta.snapshot()).files.keys()) {
      if (clean.has(path)) continue;
      try {
        if (await liftFile(services, table, path, tokeniser)) changed += 1;
        else clean.add(path);
      } catch (error) {
        // Another process merged the file with others meanwhile: its rows are in a new one.
        if (!isLakeError(error, 'PreconditionFailed')) throw error;
        again = true;
      }
    }
  }
  await table.delta.forgetHistory(session);
  return changed;
}

/** Gives whether the file held anything to make over. */
async function liftFile(
  { curated, engine, session }: LiftTableServices,
  table: CuratedTable,
  path: string,
  tokeniser: Tokeniser,
): Promise<boolean> {
  const [before, after] = ['before', 'after'].map((name) => join(engine.spoolFolder, `${name}-${randomUUID()}.ndjson`));
  try {
    const place = await placeFile(curated, engine.spoolFolder, `${table.delta.name}/${decodeURIComponent(path)}`);
    await session.run(`COPY (SELECT * FROM read_parquet(${quoteText(place)})) TO ${quoteText(before!)} (FORMAT json)`);
    if (!(await liftLines(before!, after!, tokeniser))) return false;
    await table.delta.replaceFiles(session, [path], await table.rowsOf(after!));
    return true;
  } finally {
    for (const file of [before, after]) await rm(file!, { force: true });
  }
}

/** Gives whether any line changed. */
async function liftLines(before: string, after: string, tokeniser: Tokeniser): Promise<boolean> {
  let changed = false;
  const lifted = async function* (): AsyncGenerator<string> {
    for await (const line of ndjsonLines(createReadStream(before), longestLine)) {
      const row = JSON.parse(Buffer.from(line).toString('utf8')) as Row;
      const text = JSON.stringify({
        ...row,
        id: tokeniser.liftId(row.id),
        patient_ref: row.patient_ref === null ? null : tokeniser.liftId(row.patient_ref),
        resource: liftText(row.resource, tokeniser),
      });
      changed ||= text !== JSON.stringify(row);
      yield `${text}\n`;
    }
  };
  await pipeline(Readable.from(lifted()), createWriteStream(after));
  return changed;
}
