import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to the bytes of one connection; asked for every piece that passes. */
export type TcpFault = 'pass' | 'reset' | 'stall';
export type Direction = 'request' | 'answer';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  stalled: boolean;
}

/** Stands in front of a server of any protocol over TCP and breaks its connections as it is told. */
export class TcpFaultProxy {
  plan: (direction: Direction, bytes: Buffer) => TcpFault = () => 'pass';
  readonly #pairs = new Set<Pair>();
  readonly #server = createServer((client) => {
    const server = connect(this.#target);
    const pair: Pair = { client, server, stalled: false };
    this.#pairs.add(pair);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes) => this.#pass('request', pair, bytes));
    server.on('data', (bytes) => this.#pass('answer', pair, bytes));
  });
  readonly #target: { readonly host: string; readonly port: number };

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Breaks every connection that stands, as a server does that restarts. */
  breakAll(): void {
    for (const { client, server } of this.#pairs) for (const socket of [client, server]) socket.resetAndDestroy();
  }

  /** Every connection that stands goes nowhere from now on and nobody is told, as when a network forgets idle ones. */
  forgetAll(): void {
    for (const pair of this.#pairs) pair.stalled = true;
  }

  async close(): Promise<void> {
    this.breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(direction: Direction, pair: Pair, bytes: Buffer): void {
    if (pair.stalled) return;
    const fault = this.plan(direction, bytes);
    if (fault === 'reset') {
      pair.client.resetAndDestroy();
      pair.server.resetAndDestroy();
    } else if (fault === 'stall') pair.stalled = true;
    else (direction === 'request' ? pair.server : pair.client).write(bytes);
  }
}
