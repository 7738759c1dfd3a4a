import { DrainableServer, type NodeHandler } from '../drainable-server';

/** A function as its pod serves it. */
export interface FunctionService {
  readonly handler: NodeHandler;
  /** Ends what goes on by itself, and resolves when everything that was begun is done. */
  readonly drained: () => Promise<void>;
  /** False while it does not do its work; always ready when absent. */
  readonly ready?: () => boolean;
}

interface RunningServer {
  readonly port: number;
  /** Refuses new requests, lets those begun finish, then closes. */
  stop(): Promise<void>;
}

/** Knative's queue-proxy and Kubernetes ask here; the API has its own page for people. While it drains it gets 503 as all do. */
const readinessPath = '/ready';
/** Milliseconds for requests begun to finish; under the pod's own grace period. */
const drainLimit = 25_000;

/** One function behind HTTP: readiness, and a drain on stop, so that a rolling update loses no request. */
export async function startFunctionServer(
  { handler, drained, ready }: FunctionService,
  port: number,
): Promise<RunningServer> {
  const server = new DrainableServer(drainLimit);
  server.serve((request, response) => {
    if (request.url !== readinessPath) return handler(request, response);
    const is = ready === undefined || ready();
    response.writeHead(is ? 200 : 503, { 'content-type': 'text/plain' }).end(is ? 'ready' : 'not ready');
  });
  return {
    port: await server.listen(port),
    stop: async () => {
      await server.stop();
      await drained();
    },
  };
}
