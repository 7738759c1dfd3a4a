import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { type CollectServices, collect, collectLeftovers } from '../../orphans/collect-orphans';
import { identityCollectorManifest, landingCollectorManifest } from '../../orphans/manifest';
import type { LakeParts } from './lake-parts';

/** What crashes and refused requests left in the zones of one machine, taken out. */
export class LocalOrphans {
  readonly #zones: readonly CollectServices[];

  constructor(parts: LakeParts) {
    const landing = parts.ports(landingCollectorManifest);
    const identity = parts.ports(identityCollectorManifest);
    this.#zones = [
      {
        name: 'landing',
        zone: { store: landing.landing, ...new EnvelopeEncryption(landing.landingKey) },
        leftovers: landing.leftovers,
        failpoint: (name) => parts.failpoint(name),
      },
      {
        name: 'identity',
        zone: { store: identity.identity, ...new EnvelopeEncryption(identity.identityKey) },
        leftovers: identity.leftovers,
        failpoint: (name) => parts.failpoint(name),
      },
    ];
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
