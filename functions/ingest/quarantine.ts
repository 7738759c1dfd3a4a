import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { Seal } from './group-commit';

/** What is held back, as the identity function reads it: reasons are codes of rules, never text of the sender. */
export interface QuarantinedMessage {
  readonly tracking: string;
  readonly provider: string;
  readonly requestId: string;
  readonly route: string;
  readonly reasons: readonly string[];
  readonly body: string;
}

/**
 * Messages the split does not understand, sealed into the identity zone for a person to look at. Ingest can put them
 * there and never read them again; `lake identity quarantine` lists, explains and replays them.
 */
export class Quarantine {
  readonly #store: Pick<ObjectStore, 'putIfAbsent'>;
  readonly #seal: Seal;

  constructor(store: Pick<ObjectStore, 'putIfAbsent'>, seal: Seal) {
    this.#store = store;
    this.#seal = seal;
  }

  /** Holds a message once under its tracking id, which the sender is told. */
  async hold(
    tracking: string,
    provider: string,
    requestId: string,
    route: string,
    body: string,
    reasons: readonly string[],
  ): Promise<void> {
    const message: QuarantinedMessage = { tracking, provider, requestId, route, reasons: [...new Set(reasons)], body };
    const object = `quarantine/${provider}/${tracking}.json`;
    const sealed = await this.#seal(Buffer.from(JSON.stringify(message)), {
      zone: 'identity',
      provider,
      retention: 'quarantine',
    });
    try {
      await this.#store.putIfAbsent(object, sealed);
    } catch (error) {
      // Held by an earlier try of the same request, which was cut off before it was answered.
      if (!isLakeError(error, 'AlreadyExists')) throw error;
    }
  }
}
