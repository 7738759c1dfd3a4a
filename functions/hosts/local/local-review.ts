import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { quarantineReviewManifest } from '../../identity/manifest';
import { type HeldMessage, QuarantineReview } from '../../identity/quarantine-review';
import { isRefusal } from '../../ingest/refusal';
import { interactionOf } from '../../ingest/replay';
import type { Provider } from '../../provider-access/provider-register';
import { ingestUseCase } from '../compose/ingest-function';
import { readProfilePackages } from '../profile-folder';
import type { LakeParts } from './lake-parts';

export interface ReplayOptions {
  /** Take NHS numbers that fail their check digit as they are, marked as not verified. */
  readonly acceptNhsNumber: boolean;
}

export interface Replayed {
  readonly tracking: string;
  readonly status: 'stored' | 'held' | 'refused';
  /** What was stored: types and versions. */
  readonly resources: readonly { readonly type: string; readonly version: number }[];
  /** Why not, when it was not. */
  readonly reasons: readonly string[];
}

/** Held messages of one machine: seen, explained, replayed. */
export class LocalReview {
  readonly #parts: LakeParts;
  readonly #review: QuarantineReview;

  constructor(parts: LakeParts) {
    this.#parts = parts;
    const ports = parts.ports(quarantineReviewManifest);
    const { open } = new EnvelopeEncryption({ unwrap: ports.identityKey.unwrap });
    this.#review = new QuarantineReview({ store: ports.identity, open, register: ports.register });
  }

  list(): Promise<readonly HeldMessage[]> {
    return this.#review.list();
  }

  /**
   * Does under today's rules what the message asked for. The tracking id is the request id of the replay, so that a replay that
   * was cut off is done once.
   */
  async replay(
    tracking: string,
    providers: readonly Provider[],
    { acceptNhsNumber }: ReplayOptions,
  ): Promise<Replayed> {
    const message = await this.#review.take(tracking);
    const provider = providers.find(({ ods }) => ods === message.provider);
    if (provider === undefined || provider.disabled)
      return { tracking, status: 'refused', resources: [], reasons: ['Its provider may not send any more.'] };
    const { ingest, groupCommit } = await ingestUseCase(this.#parts, readProfilePackages(this.#parts.folder.packages));
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
      await this.#parts.failpoint('replay.stored');
      const refused = entries.flatMap((entry) => (entry.kind === 'refused' ? entry.issues : []));
      if (refused.length > 0)
        return { tracking, status: 'refused', resources: [], reasons: refused.map(({ diagnostics }) => diagnostics) };
      await this.#review.settle(message);
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
  }
}
