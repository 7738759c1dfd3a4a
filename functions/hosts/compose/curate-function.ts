import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { type CurateResult, curate } from '../../curate/curate';
import { curateManifest } from '../../curate/manifest';
import { linkTable } from '../../identity/publish-links';
import { CuratedTable } from '../../tables/curated-table';
import { DeltaTable } from '../../tables/delta-table';
import { readableFoldersOf } from '../../tables/place-file';
import type { HostParts } from '../host-parts';
import { publishTable } from './catalogue-publish';

/**
 * Curates everything that waits, over the ports of a host; tables that grew are published to the catalogue. Where no job runner
 * records the run, this does.
 */
export async function curateFunction(
  parts: HostParts,
  { progress, recorded = false }: { progress?: ((result: CurateResult) => void) | undefined; recorded?: boolean } = {},
): Promise<CurateResult> {
  const ports = parts.ports(curateManifest);
  const { open } = new EnvelopeEncryption({ unwrap: ports.landingKey.unwrap });
  const session = await ports.query.session({ readableFolders: readableFoldersOf(ports.curated) });
  const publisher = { catalogue: ports.catalogue, audit: ports.audit, agent: 'curate' };
  const tables = new Map<string, CuratedTable>();
  try {
    const result = await curate(
      {
        landing: ports.landing,
        open,
        ledger: ports.ledger,
        writer: {
          append: async (type, batch, file, keyVersion) => {
            const table = tables.get(type) ?? new CuratedTable(ports.curated, type, ports.query);
            tables.set(type, table);
            await table.appendBatch(session, batch, file, keyVersion);
            // Before the batch is completed: a catalogue that is away leaves it open, and it is told the next time.
            await publishTable(publisher, 'curated', table.delta);
          },
        },
        spoolFolder: ports.query.spoolFolder,
        failpoint: parts.failpoint,
      },
      progress,
    );
    for (const table of tables.values())
      if (await table.tidy(session)) await publishTable(publisher, 'curated', table.delta);
    // The identity function writes the links beside the curated tables, but no role of its reaches the lake's database.
    const links = new DeltaTable(ports.curated, linkTable, ports.query);
    if ((await links.schema()) !== undefined) await publishTable(publisher, 'curated', links);
    if (result.rows > 0 && !recorded) {
      await ports.audit.append({
        recorded: systemClock.now().toISOString(),
        event: 'job',
        action: 'job:curate',
        agent: { kind: 'function', id: 'curate' },
        outcome: { result: 'allowed', code: 'done' },
        entities: [{ type: 'curated-row', count: result.rows }],
        purpose: 'HOPERAT',
      });
    }
    return result;
  } finally {
    await session.close();
  }
}
