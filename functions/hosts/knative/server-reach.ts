import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FunctionBinding } from '../../../adapters/bindings';
import { LakeError } from '../../../adapters/ports/errors';

export interface Server {
  readonly host: string;
  readonly port: number;
}

const tryMilliseconds = 1000;
const betweenTries = 100;
/** A server that is away is no reason to serve nothing: from then on the function says itself what it lacks. */
const longestMilliseconds = 30_000;

const serverAt = (address: string): Server => {
  const { hostname, port, protocol } = new URL(address);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
};

/** Where a binding leads over the network, each server once. */
export function serversOf(binding: FunctionBinding): readonly Server[] {
  const servers = new Map<string, Server>();
  for (const one of Object.values(binding)) {
    const { endpoint, address, sink, host, port } = one as Readonly<Record<string, unknown>>;
    const url = endpoint ?? address ?? sink;
    const server =
      typeof url === 'string'
        ? serverAt(url)
        : typeof host === 'string' && typeof port === 'number'
          ? { host, port }
          : undefined;
    if (server !== undefined) servers.set(`${server.host} ${server.port}`, server);
  }
  return [...servers.values()];
}

/**
 * Whether a pod that has just begun may reach its servers. The policies of the network learn of a pod only once it has an
 * address, so the first connections of one that was woken for a request were refused, and the sender was told 503.
 */
export class ServerReach {
  #reached = false;
  /** Resolves when it is over, whether or not each server was reached. */
  readonly over: Promise<void>;

  /** Tries until each server has taken a connection once, thirty seconds at most. */
  constructor(servers: readonly Server[], onFailure: (error: unknown) => void, longest = longestMilliseconds) {
    const until = performance.now() + longest;
    this.over = Promise.all(servers.map((server) => reached(server, until)))
      .then((all) => {
        if (!all.every(Boolean))
          onFailure(
            new LakeError(
              'Unavailable',
              'Not every server of this function takes a connection. Look at its network policies, and whether the servers run.',
            ),
          );
      })
      .finally(() => {
        this.#reached = true;
      });
  }

  get isOver(): boolean {
    return this.#reached;
  }
}

async function reached(server: Server, until: number): Promise<boolean> {
  while (!(await takesConnection(server))) {
    if (performance.now() > until) return false;
    await setTimeout(betweenTries);
  }
  return true;
}

function takesConnection({ host, port }: Server): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: tryMilliseconds });
    const end = (took: boolean): void => {
      socket.destroy();
      resolve(took);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
