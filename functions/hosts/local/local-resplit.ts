import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { eraseLanding } from '../../erasure/erase-objects';
import { FlatRows } from '../../marts/flat-rows';
import type { PrivacyRules } from '../../privacy/privacy-rules';
import { resplitManifest, supersededManifest } from '../../resplit/manifest';
import type { SupersededLine } from '../../resplit/relanding-store';
import { type ResplitCounts, resplit } from '../../resplit/resplit';
import { CuratedTable } from '../../tables/curated-table';
import type { RowFilter } from '../../tables/row-filter';
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

  async #takeOutRows(type: string, lines: readonly SupersededLine[]): Promise<void> {
    const { curated, query } = this.#lake;
    const session = await query.session({ readableFolders: [this.#parts.folder.zones.curated] });
    try {
      const table = new CuratedTable(curated, type, query);
      if ((await table.delta.schema()) === undefined) return;
      for (const of of Map.groupBy(lines, ({ version, relanded }) => `${version} ${relanded}`).values()) {
        const { version, relanded } = of[0]!;
        const filter: RowFilter = {
          all: [
            { column: 'id', in: of.map(({ id }) => id) },
            { column: 'version', in: [version] },
            { column: 'last_updated', below: relanded },
          ],
        };
        await table.delta.erase(session, filter);
      }
      await new FlatRows({ curated, engine: query, session }).prune(type);
    } finally {
      await session.close();
    }
  }
}
