import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { readProfilePackages } from '../../ingest/profile-folder';
import { JobRunner } from '../../jobs/job-runner';
import { jwksPath, tokenPath } from '../../provider-access/issuer';
import { ownIssuer } from '../../provider-access/token-source';
import { fhirPath, ingestFunction } from '../compose/ingest-function';
import { providerAccessFunction } from '../compose/provider-access-function';
import { DrainableServer } from '../drainable-server';
import type { LakeParts } from './lake-parts';
import { localJobs } from './local-jobs';
import type { Operator } from './operator';
import { serveOperator } from './operator-socket';

/** Requests a provider may send in a minute on one machine when nothing else is said. */
const defaultRequestsPerMinute = 60_000;
/** Milliseconds for requests begun to finish when the lake stops. */
const drainMilliseconds = 10_000;

export interface LocalLakeOptions {
  readonly port: number;
  /** Of one provider in a rolling minute, at the API and at the token endpoint; default 60,000. */
  readonly requestsPerMinute?: number;
  /** `job`: the name of the job that failed, where it was one. */
  readonly onFailure: (error: unknown, job?: string) => void;
}

/** The whole lake in one process: HTTP, issuer, jobs, sealer and the operator's socket, over real parts. */
export class LocalLake {
  readonly origin: string;
  readonly #stops: (() => Promise<void>)[];

  private constructor(origin: string, stops: (() => Promise<void>)[]) {
    this.origin = origin;
    this.#stops = stops;
  }

  get baseUrl(): string {
    return `${this.origin}${fhirPath}`;
  }

  static async start(parts: LakeParts, operator: Operator, options: LocalLakeOptions): Promise<LocalLake> {
    const { port, requestsPerMinute = defaultRequestsPerMinute, onFailure } = options;
    const server = new DrainableServer(drainMilliseconds);
    const origin = `http://127.0.0.1:${await listen(server, port)}`;
    const { handler, baseUrl, drained } = await ingestFunction(parts, {
      origin,
      tokens: ownIssuer(origin, `${origin}${fhirPath}`),
      requestsPerMinute,
      packages: readProfilePackages(parts.folder.packages),
      wake: () => runner.wake(),
      onFailure,
    });
    const issuer = await providerAccessFunction(parts, { origin, baseUrl, requestsPerMinute, onFailure });
    server.serve((request, response) => {
      const path = request.url?.split('?', 1)[0];
      const issued = path === tokenPath || path === jwksPath || path === '/.well-known/openid-configuration';
      return (issued ? issuer : handler)(request, response);
    });
    await operator.resumeRotation();
    await operator.resumeErasures();
    const runner = new JobRunner({
      ...localJobs(operator),
      queue: operator.jobQueue,
      clock: systemClock,
      worker: 'local',
      onError: (error, run) => onFailure(error, run?.job),
      failpoint: parts.failpoint,
    });
    await runner.start();
    const sealing = operator.startSealing(onFailure);
    const stopOperator = await serveOperator(parts.folder.socket, operator, {
      origin,
      baseUrl,
      wake: () => runner.wake(),
      onFailure,
    });
    const said = { action: 'lake up', outcome: { result: 'allowed', code: 'done' } } as const;
    await operator.record({ event: 'start', ...said });
    const stopped = () => operator.record({ event: 'stop', ...said });
    const stops = [stopOperator, () => server.stop(), drained, () => runner.stop(5000), stopped, sealing];
    return new LocalLake(origin, stops);
  }

  /** Refuses new work, finishes what was begun, seals the audit. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}

async function listen(server: DrainableServer, port: number): Promise<number> {
  try {
    // Loopback only: one machine is not a server for others; a stack is.
    return await server.listen(port, '127.0.0.1');
  } catch (cause) {
    throw new LakeError('Unavailable', `Port ${port} is in use, or not for this user. Give another with --port.`, {
      cause,
    });
  }
}
