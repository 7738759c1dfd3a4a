import { systemClock } from '../../../adapters/ports/clock';
import { type CollectServices, collect, collectLeftovers } from '../../orphans/collect-orphans';
import { identityCollector, landingCollector } from '../compose/collector-functions';
import type { LakeParts } from './lake-parts';

/** What crashes and refused requests left in the zones of one machine, taken out. */
export class LocalOrphans {
  readonly #zones: readonly CollectServices[];

  constructor(parts: LakeParts) {
    this.#zones = [landingCollector(parts), identityCollector(parts)];
  }

  async leftovers(): Promise<void> {
    for (const zone of this.#zones) await collectLeftovers(zone);
  }

  /** The hourly beat. */
  async collect(now = systemClock.now()): Promise<{ readonly leftovers: number; readonly orphans: number }> {
    const sum = { leftovers: 0, orphans: 0 };
    for (const zone of this.#zones) {
      const { leftovers, orphans } = await collect(zone, now);
      sum.leftovers += leftovers;
      sum.orphans += orphans;
    }
    return sum;
  }
}
