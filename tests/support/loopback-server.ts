import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

/** Starts a test's server on a free port; gives its origin. */
export async function listenOnLoopback(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Ends it at once, whoever is connected. */
export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/**
 * Below the ports that the system gives to connections going out (32768 and up), one of which could be this very port by the time
 * that a server listens; begun at random, as other test processes take ports too.
 */
const ports = { first: 17_000, last: 29_999 } as const;
let nextPort = randomInt(ports.first, ports.last);

/** A port that nobody listens on at this moment and that this process has not given yet, for a server that is told its port. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort;
    nextPort = port === ports.last ? ports.first : port + 1;
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
