import type { LakeErrorCode } from '../ports/errors';
import { Retry } from '../shared/retry';
import { timeLeft } from '../shared/time-limit';
import { toLakeError } from './aws-errors';

const policy = { attempts: 4, firstPause: 100, attemptTimeout: 5000, deadline: 20_000 };

/** What the SDK takes beside a command. */
interface CallOptions {
  readonly abortSignal: AbortSignal;
}

type Call<Output> = (options: CallOptions) => Promise<Output>;

/** Where a service is. */
export interface AwsPlace {
  readonly region: string;
  /** For emulators, and for endpoints of a private network that the region's name does not lead to. */
  readonly endpoint?: string;
}

/** How a client of the SDK is opened here: it repeats nothing itself, and no connection is waited for without end. */
export const clientConfig = ({ region, endpoint }: AwsPlace) => ({
  region,
  maxAttempts: 1,
  // Said, or the SDK looks for each in the environment and in files of a home folder, at the first call of a process.
  retryMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  authSchemePreference: [],
  userAgentAppId: async () => undefined,
  disableClockSkewCorrection: false,
  requestHandler: {
    connectionTimeout: 2000,
    requestTimeout: policy.attemptTimeout,
    throwOnRequestTimeout: true,
    socketTimeout: policy.attemptTimeout,
  },
  ...(endpoint === undefined ? {} : { endpoint }),
});

/** Calls of one client: failures become errors of a port, in its words, and what did not get through is repeated. */
export class AwsCalls {
  readonly #messages: Readonly<Partial<Record<LakeErrorCode, string>>>;
  readonly #retry = new Retry(policy);

  constructor(messages: Readonly<Partial<Record<LakeErrorCode, string>>>) {
    this.#messages = messages;
  }

  /** For calls whose repetition is harmless. */
  repeat<Output>(call: Call<Output>): Promise<Output> {
    return this.#retry.run((abortSignal) => this.#reach(call({ abortSignal })));
  }

  /** Given all the time that tries together have: making a key takes its service a while. */
  once<Output>(call: Call<Output>): Promise<Output> {
    return this.#reach(call({ abortSignal: AbortSignal.timeout(Math.min(policy.deadline, timeLeft())) }));
  }

  async #reach<Output>(answer: Promise<Output>): Promise<Output> {
    try {
      return await answer;
    } catch (error) {
      throw toLakeError(error, this.#messages);
    }
  }
}
