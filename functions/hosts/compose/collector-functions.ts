import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { type CollectServices, collect } from '../../orphans/collect-orphans';
import { collectCron, identityCollectorManifest, landingCollectorManifest } from '../../orphans/manifest';
import { tablesTurn } from '../../tables/table-turn';
import type { HostParts } from '../host-parts';

/** What the collector of the landing zone works with, over the ports of a host. */
export function landingCollector(parts: HostParts): CollectServices {
  const { landing, landingKey, leftovers } = parts.ports(landingCollectorManifest);
  const zone = { store: landing, ...new EnvelopeEncryption(landingKey) };
  return { name: 'landing', zone, leftovers, failpoint: (name) => parts.failpoint(name) };
}

/** The same for the identity zone. */
export function identityCollector(parts: HostParts): CollectServices {
  const { identity, identityKey, leftovers } = parts.ports(identityCollectorManifest);
  const zone = { store: identity, ...new EnvelopeEncryption(identityKey) };
  return { name: 'identity', zone, leftovers, failpoint: (name) => parts.failpoint(name) };
}

/** The job of a collector that is a process of its own, named as that, and its schedule. */
const collectorWork = (name: string, services: CollectServices) => ({
  handlers: { [name]: () => collect(services, systemClock.now()) },
  // An object that two write anew at a time keeps the work of one.
  schedules: [{ name, job: name, cron: collectCron, timeZone: 'Europe/London', turn: tablesTurn }],
});

export const landingCollectorWork = (parts: HostParts) => ({
  queue: parts.ports(landingCollectorManifest).queue,
  ...collectorWork(landingCollectorManifest.name, landingCollector(parts)),
});

export const identityCollectorWork = (parts: HostParts) => ({
  queue: parts.ports(identityCollectorManifest).queue,
  ...collectorWork(identityCollectorManifest.name, identityCollector(parts)),
});
