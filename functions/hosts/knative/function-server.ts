import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A function as its pod serves it. */
export interface FunctionService {
  readonly handler: NodeHandler;
  /** Ends what goes on by itself, and resolves when everything that was begun is done. */
  readonly drained: () => Promise<void>;
}

interface RunningServer {
  readonly port: number;
  /** Refuses new requests, lets those begun finish, then closes. */
  stop(): Promise<void>;
}

/** Knative's queue-proxy and Kubernetes ask here; the API has its own page for people. */
const readinessPath = '/ready';
/** Milliseconds for requests begun to finish; under the pod's own grace period. */
const drainLimit = 25_000;

/**
 * One function behind HTTP: readiness, and a drain on stop. While it drains the readiness page fails and new requests get
 * 503 with Retry-After, so that a rolling update loses none: the sender or the gateway asks another pod.
 */
export async function startFunctionServer({ handler, drained }: FunctionService, port: number): Promise<RunningServer> {
  let stopping = false;
  const server = createServer((request, response) => {
    if (request.url === readinessPath) {
      response.writeHead(stopping ? 503 : 200, { 'content-type': 'text/plain' }).end(stopping ? 'stopping' : 'ready');
      return;
    }
    if (stopping) {
      response.writeHead(503, { 'retry-after': '1', connection: 'close' }).end();
      return;
    }
    void handler(request, response);
  });
  // Longer than the gateway keeps its own connections, so that no request meets one that is just being closed.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A connection whose last request ends from now on is idle, and would be kept for its next.
      const idle = setInterval(() => server.closeIdleConnections(), 20);
      const limit = setTimeout(() => server.closeAllConnections(), drainLimit);
      await closed;
      clearTimeout(limit);
      clearInterval(idle);
      await drained();
    },
  };
}
