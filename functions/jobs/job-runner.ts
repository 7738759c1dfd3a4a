import { randomUUID } from 'node:crypto';
import type { Clock } from '../../adapters/ports/clock';
import { isLakeError, LakeError } from '../../adapters/ports/errors';
import { type Failpoint, noFailpoint } from '../failpoint';
import type { PortsOf } from '../manifest';
import type { ClaimedRun } from './job-claims';
import type { JobFailure, JobRun } from './job-run';
import type { JobSchedule } from './job-schedules';
import type { jobWorkerManifest } from './manifest';

export interface JobContext {
  readonly run: JobRun;
  readonly input: unknown;
  /** Grows with every claim of any run: what a handler writes under a lower number than one seen must be refused. */
  readonly fence: number;
  /** Aborted when the run is cancelled, its lease was lost or the process stops; the handler then ends soon. */
  readonly signal: AbortSignal;
  /** Tells how far the run is, and asks whether it may go on: `PreconditionFailed` when the lease was lost. */
  progress(done: number, total?: number): Promise<void>;
}

/** Gives a summary: counts and names, no content. Throwing fails the attempt; see `JobRunner` for what is tried again. */
export type JobHandler = (context: JobContext) => Promise<unknown>;

/** What a worker does, by the names of jobs, and when. */
export interface JobWork {
  readonly queue: PortsOf<typeof jobWorkerManifest>['queue'];
  readonly handlers: Readonly<Record<string, JobHandler>>;
  readonly schedules?: readonly JobSchedule[];
}

export interface JobRunnerOptions extends JobWork {
  readonly clock: Clock;
  /** A name that only this process has at a time; runs it held when it died are taken up at once at `start`. */
  readonly worker?: string;
  /** Runs at the same time. Default 1. */
  readonly concurrency?: number;
  /** Default 60. */
  readonly leaseSeconds?: number;
  /** How often to look for work when nobody calls `wake`. Default 1,000. */
  readonly pollMilliseconds?: number;
  /** Progress is written at most this often. Default 250. */
  readonly progressMilliseconds?: number;
  /** For the operator's log: what a handler threw, or why the queue could not be reached. */
  readonly onError?: (error: unknown, run: JobRun | undefined) => void;
  /** 0 to 1, for the jitter of the backoff. */
  readonly random?: () => number;
  readonly failpoint?: Failpoint;
}

const longestBackoffSeconds = 3600;
/** Refusals that trying again cannot mend. */
const permanent: ReadonlySet<string> = new Set(['InvalidArgument', 'Unsupported']);

/**
 * Runs jobs: claims runs it has handlers for, keeps their leases, ends them, and lets schedules tick. A failed attempt is
 * tried again with doubling waits until the run's attempts are used up; `InvalidArgument` and `Unsupported` are not.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #worker: string;
  readonly #leaseMilliseconds: number;
  readonly #failpoint: Failpoint;
  readonly #active = new Map<Promise<void>, AbortController>();
  readonly #stopping = new AbortController();
  #wake: () => void = () => undefined;
  #woken = false;
  #loop: Promise<void> | undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#worker = options.worker ?? randomUUID();
    this.#leaseMilliseconds = (options.leaseSeconds ?? 60) * 1000;
    this.#failpoint = options.failpoint ?? noFailpoint;
  }

  /** @throws LakeError `InvalidArgument` for a schedule that is none or whose job has no handler. */
  async start(): Promise<void> {
    const { queue, clock, handlers, schedules = [] } = this.#options;
    if (schedules.some(({ job }) => !Object.hasOwn(handlers, job))) {
      throw new LakeError('InvalidArgument', 'A schedule names a job that has no handler here. Give the handler too.');
    }
    await queue.declare(schedules, clock.now());
    await queue.abandon(this.#worker, clock.now());
    this.#loop ??= this.#work();
  }

  /** Looks for work now: call it after enqueuing in the same process. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Claims and runs one run to its end; false when none may begin. For commands that run work by hand, and tests. */
  async runOne(): Promise<boolean> {
    const claimed = await this.#claim();
    if (claimed === undefined) return false;
    await this.#track(claimed);
    return true;
  }

  /** Takes no more runs and waits for those that run; after the grace they are aborted and given back unharmed. */
  async stop(graceMilliseconds = 30_000): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
    const impatience = setTimeout(() => {
      for (const controller of this.#active.values()) controller.abort(stopped());
    }, graceMilliseconds);
    await Promise.all(this.#active.keys());
    clearTimeout(impatience);
  }

  async #work(): Promise<void> {
    const { concurrency = 1, pollMilliseconds = 1000 } = this.#options;
    while (!this.#stopping.signal.aborted) {
      this.#woken = false;
      try {
        await this.#tick();
        while (this.#active.size < concurrency && !this.#stopping.signal.aborted) {
          const claimed = await this.#claim();
          if (claimed === undefined) break;
          void this.#track(claimed).then(() => this.wake());
        }
      } catch (error) {
        this.#options.onError?.(error, undefined);
      }
      if (!this.#woken) await this.#pause(pollMilliseconds);
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #tick(): Promise<void> {
    const { queue, clock, schedules = [] } = this.#options;
    for (const schedule of schedules) await queue.tick(schedule, clock.now());
  }

  #claim(): Promise<ClaimedRun | undefined> {
    const { queue, clock, handlers } = this.#options;
    const now = clock.now();
    return queue.claim({ worker: this.#worker, jobs: Object.keys(handlers), now, leaseUntil: this.#leaseEnd() });
  }

  #leaseEnd(): Date {
    return new Date(this.#options.clock.now().getTime() + this.#leaseMilliseconds);
  }

  #track(claimed: ClaimedRun): Promise<void> {
    const controller = new AbortController();
    const running = this.#run(claimed, controller).finally(() => this.#active.delete(running));
    this.#active.set(running, controller);
    return running;
  }

  async #run(claimed: ClaimedRun, controller: AbortController): Promise<void> {
    const { queue, clock, handlers, onError } = this.#options;
    const beat = setInterval(() => void this.#beat(claimed, controller), this.#leaseMilliseconds / 3);
    try {
      await this.#failpoint('jobs.after-claim');
      const result = await handlers[claimed.run.job]!({
        run: claimed.run,
        input: claimed.run.input,
        fence: claimed.fence,
        signal: controller.signal,
        progress: this.#progress(claimed, controller),
      });
      await this.#failpoint('jobs.before-complete');
      await queue.complete(claimed, result, clock.now());
    } catch (error) {
      // A lost lease is not an error of the handler, and there is nothing left to end.
      if (!isLost(controller.signal.reason)) await this.#fail(claimed, controller, error);
      onError?.(error, claimed.run);
    } finally {
      clearInterval(beat);
    }
  }

  async #fail(claimed: ClaimedRun, controller: AbortController, error: unknown): Promise<void> {
    const { queue, clock, onError } = this.#options;
    const now = clock.now();
    try {
      if (isStopped(controller.signal.reason)) await queue.release(claimed, now);
      else await queue.fail(claimed, failureOf(error), now, this.#retryAt(claimed, error, now));
    } catch (unsettled) {
      // The lease runs out and another worker takes the run.
      onError?.(unsettled, claimed.run);
    }
  }

  #retryAt({ run, backoffSeconds }: ClaimedRun, error: unknown, now: Date): Date | undefined {
    if (isLakeError(error) && permanent.has(error.code)) return undefined;
    const seconds = Math.min(backoffSeconds * 2 ** (run.attempts - 1), longestBackoffSeconds);
    const jitter = 0.8 + 0.4 * (this.#options.random ?? Math.random)();
    return new Date(now.getTime() + seconds * jitter * 1000);
  }

  #progress(claimed: ClaimedRun, controller: AbortController): JobContext['progress'] {
    let written = Number.NEGATIVE_INFINITY;
    return async (done, total) => {
      controller.signal.throwIfAborted();
      const time = performance.now();
      if (time - written < (this.#options.progressMilliseconds ?? 250) && done !== total) return;
      written = time;
      await this.#beat(claimed, controller, { done, total });
      controller.signal.throwIfAborted();
    };
  }

  async #beat(
    claimed: ClaimedRun,
    controller: AbortController,
    progress?: { done: number; total: number | undefined },
  ): Promise<void> {
    try {
      const { cancelRequested } = await this.#options.queue.heartbeat(claimed, {
        leaseUntil: this.#leaseEnd(),
        progress,
      });
      if (cancelRequested) controller.abort(new LakeError('PreconditionFailed', 'The run was cancelled.'));
    } catch (error) {
      // A database that cannot be reached for a moment is not a lost lease; the next beat tells.
      if (isLakeError(error, 'PreconditionFailed')) controller.abort(new LostLease(error));
      else this.#options.onError?.(error, claimed.run);
    }
  }
}

class LostLease extends LakeError {
  constructor(cause: LakeError) {
    super('PreconditionFailed', cause.message, { cause });
  }
}

class Stopped extends LakeError {}

const stopped = () => new Stopped('Unavailable', 'The worker is stopping; the run goes on with another.');
const isLost = (reason: unknown): boolean => reason instanceof LostLease;
const isStopped = (reason: unknown): boolean => reason instanceof Stopped;

/** What people may read of a failure: the lake's own errors carry no value; of others only the kind is shown. */
function failureOf(error: unknown): JobFailure {
  if (isLakeError(error)) return { code: error.code, message: error.message.slice(0, 1000) };
  const kind = error instanceof Error && /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : 'Error';
  return { code: 'Unknown', message: `The handler threw ${kind}; the log of the worker says more.` };
}
