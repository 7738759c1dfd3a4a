import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { linkTable, publishLinks } from '../../identity/publish-links';
import type { WrappedKey } from '../../ingest/wrapped-key-store';
import { liftObjects } from '../../key-rotation/lift-objects';
import type { identityKeyRotationManifest } from '../../key-rotation/manifest';
import type { PortsOf } from '../../manifest';
import { DeltaTable } from '../../tables/delta-table';
import { tokeniserOf } from '../wrapped-pseudonym-key';
import { forgetHistory } from './forget-history';

/** What the identity zone does for a key rotation that the lake carries out, a portion at a time; harmless when repeated. */
export interface IdentityKeyRotation {
  /** Makes the next sealed objects over; gives the key it came to, undefined after the last. */
  liftOriginals(keys: readonly WrappedKey[], after: string): Promise<string | undefined>;
  /** The same for the register; the place is one of its own, empty at the beginning. */
  remapRegister(keys: readonly WrappedKey[], after: readonly string[]): Promise<readonly string[] | undefined>;
  /** Writes the table of links anew and forgets the one before; who had read older ones is refused from then on. */
  publishLinks(version: number): Promise<void>;
}

/** Over the ports of a host. */
export function identityKeyRotation(
  ports: Omit<PortsOf<typeof identityKeyRotationManifest>, 'callers'>,
): IdentityKeyRotation {
  const { pseudonymKey, identity, identityKey, remap, register, curated, query } = ports;
  const tokeniser = (keys: readonly WrappedKey[]) => tokeniserOf(keys, pseudonymKey.unwrap);
  const zone = { name: 'identity', store: identity, ...new EnvelopeEncryption(identityKey) } as const;
  return {
    liftOriginals: async (keys, after) => liftObjects(zone, await tokeniser(keys), after),
    remapRegister: async (keys, after) =>
      remap.remap(await tokeniser(keys), after, {
        recorded: systemClock.now().toISOString(),
        event: 'securityConfiguration',
        action: 'job:identity.rotate-key',
        agent: { kind: 'function', id: 'key-rotation' },
        outcome: { result: 'allowed', code: 'made-over' },
        purpose: 'HSYSADMIN',
      }),
    publishLinks: async (version) => {
      const session = await query.session();
      try {
        await new DeltaTable(curated, linkTable, query).advance(session, version);
      } finally {
        await session.close();
      }
      await publishLinks(register, curated, query);
      await forgetHistory(query, curated, [linkTable]);
    },
  };
}
