import type { AuditSealer, SealOutcome } from './audit-sealer';

export interface AuditBeatOptions {
  readonly sealer: AuditSealer;
  /** Pause between rounds, in milliseconds; at most half the sealer's beat. Default 10,000. */
  readonly everyMilliseconds?: number;
  /** For the operator: what kept a round from sealing or the witness from being told. */
  readonly onError: (error: unknown) => void;
  readonly onSealed?: (outcome: SealOutcome) => void;
}

/** Keeps a sealer sealing in a process that stays up; clouds call the sealer by schedule instead. */
export class AuditBeat {
  readonly #options: AuditBeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: AuditBeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#round = this.#seal().then(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.#options.everyMilliseconds ?? 10_000);
    });
  }

  /** Seals what still waits, so that a clean stop leaves nothing unsealed, and frees the lease. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#round;
    clearTimeout(this.#timer);
    await this.#seal();
    await this.#options.sealer.release().catch(this.#options.onError);
  }

  async #seal(): Promise<void> {
    const { sealer, onError, onSealed } = this.#options;
    try {
      const outcome = await sealer.seal();
      onSealed?.(outcome);
      if (outcome.witnessError !== undefined) onError(outcome.witnessError);
    } catch (error) {
      onError(error);
    }
  }
}
