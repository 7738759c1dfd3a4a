import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLakeError } from '../../adapters/ports/errors';
import type { Failpoint } from '../failpoint';
import { keyVersionOf } from '../privacy/tokens';
import { DeltaTable, type TableEngine, type TableStore } from '../tables/delta-table';
import { quoteText } from '../tables/sql-text';
import type { IdentityRegister } from './identity-register';

/** The table that joins patients of different providers: re-keyed reference to random person id. Every version stays readable. */
export const linkTable = 'person_link';

/** Publishings that meet each other; each takes a moment. */
const attempts = 10;

export async function publishLinks(
  register: Pick<IdentityRegister, 'links'>,
  curated: TableStore,
  engine: TableEngine,
): Promise<DeltaTable> {
  const table = new DeltaTable(curated, linkTable, engine);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await publishOnce(register, table, engine);
      return table;
    } catch (error) {
      // Links read before another publishing, an erasure's above all, must not stand after it.
      if (attempt === attempts || !isLakeError(error, 'PreconditionFailed')) throw error;
    }
  }
}

async function publishOnce(
  register: Pick<IdentityRegister, 'links'>,
  table: DeltaTable,
  engine: TableEngine,
): Promise<void> {
  const file = join(engine.spoolFolder, `links-${randomUUID()}.ndjson`);
  const { version } = await table.snapshot();
  const links = await register.links();
  const session = await engine.session();
  try {
    const lines = links.map(({ patientRef, personId, basis }) =>
      JSON.stringify({ patient_ref: patientRef.replace(/^Patient\//, ''), person_id: personId, basis }),
    );
    await writeFile(file, `${lines.join('\n')}\n`);
    const columns = "{patient_ref: 'VARCHAR', person_id: 'VARCHAR', basis: 'VARCHAR'}";
    const versions = links.map(({ patientRef }) => keyVersionOf(patientRef.replace(/^Patient\//, '')));
    await table.overwrite(
      session,
      `SELECT * FROM read_json(${quoteText(file)}, format = 'newline_delimited', columns = ${columns})`,
      // `generation`: of another process that read them before a rotation made them over: refused, and read again.
      { ifVersion: version, generation: versions.reduce((oldest, one) => Math.min(oldest, one), 255) },
    );
  } finally {
    await session.close();
    await rm(file, { force: true });
  }
}

/** Publishes when links changed since they were last published, so that a crash between the two repeats the second. */
export async function publishChangedLinks(
  register: Pick<IdentityRegister, 'links' | 'linkRevision' | 'linksPublished'>,
  curated: TableStore,
  engine: TableEngine,
  failpoint: Failpoint,
): Promise<void> {
  const { made, published } = await register.linkRevision();
  if (made === published) return;
  await failpoint('identity.before-links');
  await publishLinks(register, curated, engine);
  await failpoint('identity.after-links');
  await register.linksPublished(made);
}
