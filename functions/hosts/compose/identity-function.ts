import { LakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { absorb, type LandedIdentity, linksChanged } from '../../identity/absorb';
import { identityManifest } from '../../identity/manifest';
import { publishChangedLinks } from '../../identity/publish-links';
import type { IdentityRecord } from '../../privacy/identity-record';
import { mayLinkPerson } from '../../privacy/nhs-number';
import type { HostParts } from '../host-parts';

/** The digits of a verified number (status 01): of the person the record is about, not of people it mentions. */
function verifiedNhsNumberOf(record: unknown): string | undefined {
  const { people } = record as IdentityRecord;
  for (const { reading, status, use } of people[0]?.nhsNumbers ?? []) {
    if (use !== 'old' && reading.kind === 'valid' && mayLinkPerson(reading, status)) return reading.value;
  }
  return undefined;
}

/** The identity function over the ports of a host. */
export function identityFunction(parts: HostParts) {
  const ports = parts.ports(identityManifest);
  const { open } = new EnvelopeEncryption({ unwrap: ports.identityKey.unwrap });
  return {
    /** Takes one landed object into the register; gives the number of links it changed. Harmless when repeated. */
    absorb: async (landed: LandedIdentity): Promise<number> => {
      const changed = await absorb(
        { store: ports.identity, open, register: ports.register, verifiedNhsNumberOf },
        landed,
      );
      await parts.failpoint('identity.absorbed');
      return changed;
    },
    /** Writes the link table anew when links changed since it was last written. */
    publishLinks: (): Promise<void> => publishChangedLinks(ports.register, ports.curated, ports.query, parts.failpoint),
  };
}

/**
 * What an event says was landed, checked; undefined for one that tells of changed links alone.
 *
 * @public loaded by name when a process serves this function
 */
export function landedIdentityOf(data: unknown): LandedIdentity | undefined {
  const { zone, key, provider, requestIds, refused, links } = (data ?? {}) as Partial<Record<string, unknown>>;
  if (zone === linksChanged.zone && links === linksChanged.links) return undefined;
  if (
    zone !== 'identity' ||
    typeof key !== 'string' ||
    typeof provider !== 'string' ||
    !Array.isArray(requestIds) ||
    !Array.isArray(refused)
  )
    throw new LakeError('InvalidArgument', 'The event announces no object of the identity zone.');
  return { key, provider, requestIds: requestIds.map(String), refused: refused.map(String) };
}
