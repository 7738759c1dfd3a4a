import type { AuditSealer, SealOutcome } from './audit-sealer';

export interface AuditBeatOptions {
  readonly sealer: AuditSealer;
  /** Pause between rounds, in milliseconds; at most half the sealer's beat. Default 10,000. */
  readonly everyMilliseconds?: number;
  /** Milliseconds without a round that did all it had to, after which sealing is behind. Default five minutes. */
  readonly behindMilliseconds?: number;
  /** For the operator: what kept a round from sealing or the witness from being told. */
  readonly onError: (error: unknown) => void;
  readonly onSealed?: (outcome: SealOutcome) => void;
}

const fiveMinutes = 300_000;

/** Keeps a sealer sealing in a process that stays up; clouds call the sealer by schedule instead. */
export class AuditBeat {
  readonly #options: AuditBeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Monotonic: a clock that is set must not raise or silence the alarm. */
  #wellAt = performance.now();

  constructor(options: AuditBeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#round = this.#seal().then(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.#options.everyMilliseconds ?? 10_000);
    });
  }

  /** Whether records wait for their seal, or checkpoints for the witness, for longer than they may: somebody must look. */
  get isBehind(): boolean {
    return performance.now() - this.#wellAt > (this.#options.behindMilliseconds ?? fiveMinutes);
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
      // Without the lease another process seals, and says itself when it cannot.
      else this.#wellAt = performance.now();
    } catch (error) {
      onError(error);
    }
  }
}
