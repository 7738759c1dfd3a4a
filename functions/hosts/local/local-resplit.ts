import { systemClock } from '../../../adapters/ports/clock';
import type { QuerySession } from '../../../adapters/ports/query-engine';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { eraseLanding } from '../../erasure/erase-objects';
import { FlatRows } from '../../marts/flat-rows';
import type { PrivacyRules } from '../../privacy/privacy-rules';
import { resplitManifest, supersededManifest } from '../../resplit/manifest';
import type { SupersededLine } from '../../resplit/relanding-store';
import { type ResplitCounts, resplit } from '../../resplit/resplit';
import { CuratedTable } from '../../tables/curated-table';
import type { RowFilter } from '../../tables/row-filter';
import { quoteText } from '../../tables/sql-text';
import type { LakeParts } from './lake-parts';

export interface ResplitOptions {
  /** Counts, and changes nothing. */
  readonly dryRun: boolean;
}

/** A re-split on one machine: sealed originals split under the present rules, what came out different landed in place of the old. */
export class LocalResplit {
  readonly #parts: LakeParts;
  readonly #lake;

  constructor(parts: LakeParts) {
    this.#parts = parts;
    this.#lake = parts.ports(supersededManifest);
  }

  /** @param rules the shipped rules unless given. */
  async run(options: ResplitOptions, rules?: PrivacyRules): Promise<ResplitCounts> {
    const { identity, identityKey, digests, landing, landingKey, versions } = this.#parts.ports(resplitManifest);
    return resplit(
      {
        identity,
        open: new EnvelopeEncryption({ unwrap: identityKey.unwrap }).open,
        digests,
        landing,
        sealLanding: new EnvelopeEncryption({ generateDataKey: landingKey.generateDataKey }).seal,
        versions,
        tokeniser: await this.#parts.tokeniser(),
        rules,
        clock: systemClock,
        failpoint: this.#parts.failpoint,
      },
      options,
    );
  }

  async isUnfinished(): Promise<boolean> {
    return (await this.#lake.versions.superseded()).length > 0;
  }

  /** Takes the old copies out of landing and of the curated tables, history included. The new ones must be curated by then. */
  async takeOutSuperseded(): Promise<void> {
    const { versions, landing, landingKey } = this.#lake;
    const lines = await versions.superseded();
    const segments = [...Map.groupBy(lines, ({ segment }) => segment)].map(([segment, of]) => ({
      segment,
      provider: of[0]!.provider,
      lines: of.map(({ line }) => line),
    }));
    await eraseLanding({ store: landing, ...new EnvelopeEncryption(landingKey) }, { segments });
    await this.#parts.failpoint('resplit.superseded');
    for (const [type, of] of Map.groupBy(lines, (line) => line.type)) await this.#takeOutRows(type, of);
    await versions.forgetSuperseded(segments.map(({ segment }) => segment));
  }

  /** Those of these lines whose old row stands in the table. */
  async #stillThere(
    session: QuerySession,
    table: CuratedTable,
    lines: readonly SupersededLine[],
  ): Promise<readonly SupersededLine[]> {
    const ids = [...new Set(lines.map(({ id }) => quoteText(id)))].join(', ');
    const { rows } = await session.query(
      `SELECT id, version, epoch_ms(min(last_updated)) AS oldest FROM ${await table.delta.relation()} WHERE id IN (${ids}) GROUP BY ALL`,
    );
    const oldest = new Map(rows.map(({ id, version, oldest: time }) => [`${id} ${version}`, Number(time)]));
    return lines.filter(
      ({ id, version, relanded }) =>
        (oldest.get(`${id} ${version}`) ?? Number.POSITIVE_INFINITY) < Date.parse(relanded),
    );
  }

  async #takeOutRows(type: string, lines: readonly SupersededLine[]): Promise<void> {
    const { curated, query } = this.#lake;
    const session = await query.session({ readableFolders: [this.#parts.folder.zones.curated] });
    try {
      const table = new CuratedTable(curated, type, query);
      if ((await table.delta.schema()) === undefined) return;
      // Nearly all rows are older than the whole run: one pass for each version number, then what landed during the run.
      for (const of of Map.groupBy(lines, ({ version }) => version).values())
        await table.delta.erase(session, olderThan(of, of.map(({ relanded }) => relanded).sort()[0]!));
      const left = await this.#stillThere(session, table, lines);
      for (const of of Map.groupBy(left, ({ version, relanded }) => `${version} ${relanded}`).values())
        await table.delta.erase(session, olderThan(of, of[0]!.relanded));
      await new FlatRows({ curated, engine: query, session }).prune(type);
    } finally {
      await session.close();
    }
  }
}

/** Rows of one version number of these resources from before a moment. */
const olderThan = (lines: readonly SupersededLine[], moment: string): RowFilter => ({
  all: [
    { column: 'id', in: lines.map(({ id }) => id) },
    { column: 'version', in: [lines[0]!.version] },
    { column: 'last_updated', below: moment },
  ],
});
