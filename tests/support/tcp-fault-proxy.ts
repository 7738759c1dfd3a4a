import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to the bytes of one connection; asked for every piece that passes. */
export type TcpFault = 'pass' | 'reset' | 'stall';
export type Direction = 'request' | 'answer';

/** Stands in front of a server of any protocol over TCP and breaks its connections as it is told. */
export class TcpFaultProxy {
  plan: (direction: Direction, bytes: Buffer) => TcpFault = () => 'pass';
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => {
    const server = connect(this.#target);
    const pair = { client, server, stalled: false };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
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
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(
    direction: Direction,
    pair: { readonly client: Socket; readonly server: Socket; stalled: boolean },
    bytes: Buffer,
  ): void {
    if (pair.stalled) return;
    const fault = this.plan(direction, bytes);
    if (fault === 'reset') {
      pair.client.resetAndDestroy();
      pair.server.resetAndDestroy();
    } else if (fault === 'stall') pair.stalled = true;
    else (direction === 'request' ? pair.server : pair.client).write(bytes);
  }
}
