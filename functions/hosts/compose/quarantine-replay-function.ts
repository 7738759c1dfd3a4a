import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { ProfilePackage } from '../../fhir/profiles/profile-package';
import { quarantineReplayManifest } from '../../identity/manifest';
import { openHeld, type Replayed } from '../../identity/quarantine-review';
import { isRefusal } from '../../ingest/refusal';
import { interactionOf } from '../../ingest/replay';
import { answersDesk } from '../../operator/desk-request';
import { inputOf } from '../../operator/operator-input';
import type { HostParts } from '../host-parts';
import { ingestUseCase } from './ingest-function';

/** Replays held messages for the identity zone's desk, over the ports of a host. */
export function quarantineReplayFunction(parts: HostParts, packages: readonly ProfilePackage[]) {
  const { callers, ...ports } = parts.ports(quarantineReplayManifest);
  const { open } = new EnvelopeEncryption({ unwrap: ports.heldKey.unwrap });

  /**
   * Does under today's rules what the message asked for. The tracking id is the request id of the replay, so that a replay that
   * was cut off is done once.
   */
  const replay = async (asked: unknown): Promise<Replayed> => {
    const { acceptNhsNumber, ...origin } = inputOf(asked, {
      provider: 'text',
      tracking: 'text',
      acceptNhsNumber: 'flag',
    });
    const message = await openHeld(ports.held, open, origin);
    const { tracking } = message;
    const provider = (await ports.register.list()).find(({ ods }) => ods === message.provider);
    if (provider === undefined || provider.disabled)
      return { tracking, status: 'refused', resources: [], reasons: ['Its provider may not send any more.'] };
    const { ingest, groupCommit } = await ingestUseCase(parts, packages, ports);
    const { clientId, ods, nhsNumberPolicy, defaultProfile } = provider;
    try {
      const { entries } = await ingest.accept({
        sender: { clientId, ods, nhsNumberPolicy: acceptNhsNumber ? 'flag' : nhsNumberPolicy, defaultProfile },
        requestId: tracking,
        correlationId: message.requestId,
        interaction: interactionOf(message),
        route: message.route,
        body: message.body,
        heldBefore: true,
      });
      await parts.failpoint('replay.stored');
      const refused = entries.flatMap((entry) => (entry.kind === 'refused' ? entry.issues : []));
      if (refused.length > 0)
        return { tracking, status: 'refused', resources: [], reasons: refused.map(({ diagnostics }) => diagnostics) };
      const resources = entries.flatMap((entry) =>
        entry.kind === 'stored' ? [{ type: entry.type, version: entry.version }] : [],
      );
      return { tracking, status: 'stored', resources, reasons: [] };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const reasons = error.issues.map(({ diagnostics }) => diagnostics);
      const held = error.issues.some(({ code }) => code === 'business-rule');
      return { tracking, status: held ? 'held' : 'refused', resources: [], reasons };
    } finally {
      await groupCommit.drained();
    }
  };
  const record = async (audit: Parameters<Parameters<typeof answersDesk>[1]>[0]): Promise<void> => {
    await ports.audit.append({ recorded: systemClock.now().toISOString(), ...audit, purpose: 'HOPERAT' });
  };
  return { callers, answer: answersDesk(quarantineReplayManifest, record, replay) };
}
