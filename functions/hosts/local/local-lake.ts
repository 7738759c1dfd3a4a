import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import { JobRunner } from '../../jobs/job-runner';
import { jwksPath, tokenPath } from '../../provider-access/issuer';
import { fhirPath, ingestFunction } from '../compose/ingest-function';
import { providerAccessFunction } from '../compose/provider-access-function';
import { readProfilePackages } from '../profile-folder';
import type { LakeParts } from './lake-parts';
import { localJobs } from './local-jobs';
import type { Operator } from './operator';
import { serveOperator } from './operator-socket';

/** Requests a provider may send in a minute on one machine; stacks set their own. */
const requestsPerMinute = 60_000;

export interface LocalLakeOptions {
  readonly port: number;
  readonly onFailure: (error: unknown) => void;
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

  static async start(parts: LakeParts, operator: Operator, { port, onFailure }: LocalLakeOptions): Promise<LocalLake> {
    const server = createServer();
    const address = await listen(server, port);
    const origin = `http://127.0.0.1:${address.port}`;
    const { site, baseUrl, drained } = await ingestFunction(parts, {
      origin,
      tokens: { issuer: origin, jwksUrl: `${origin}${jwksPath}` },
      requestsPerMinute,
      packages: readProfilePackages(parts.folder.packages),
      wake: () => runner.wake(),
      onFailure,
    });
    const issuer = await providerAccessFunction(parts, { origin, baseUrl, requestsPerMinute });
    const listener = getRequestListener(site.fetch);
    server.on('request', (request, response) => {
      const path = request.url?.split('?', 1)[0];
      const handler =
        path === tokenPath || path === jwksPath || path === '/.well-known/openid-configuration' ? issuer : listener;
      void handler(request, response);
    });
    await operator.resumeErasures();
    const runner = new JobRunner({
      ...localJobs(operator),
      queue: operator.jobQueue,
      clock: systemClock,
      worker: 'local',
      onError: onFailure,
    });
    await runner.start();
    const sealing = operator.startSealing(onFailure);
    const stopOperator = await serveOperator(parts.folder.socket, operator, {
      origin,
      baseUrl,
      wake: () => runner.wake(),
    });
    const stops = [stopOperator, () => closeServer(server), drained, () => runner.stop(5000), sealing];
    return new LocalLake(origin, stops);
  }

  /** Refuses new work, finishes what was begun, seals the audit. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new LakeError('Unavailable', `Port ${port} cannot be used. Give another with --port.`, { cause })),
    );
    // Loopback only: one machine is not a server for others; a stack is.
    server.listen(port, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5000).unref();
  });
}
