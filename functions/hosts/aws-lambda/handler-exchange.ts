import { createServer, request as httpRequest } from 'node:http';
import { duplexPair } from 'node:stream';
import { LakeError } from '../../../adapters/ports/errors';
import type { NodeHandler } from '../drainable-server';
import type { HttpAnswer, HttpRequest } from './proxy-event';

/** The longest request line and headers together; a REST API takes 10,240 bytes (its quotas). */
const maxHeaderSize = 32 * 1024;

/**
 * Speaks HTTP to a handler inside the process: the handler meets what it meets behind every other host, Node's own parser
 * included, over a pair of streams in memory. Node takes any Duplex as a connection (its manual, event `connection`).
 */
export class HandlerExchange {
  readonly #running = new Set<Promise<void>>();
  readonly #server;

  constructor(handler: NodeHandler) {
    this.#server = createServer({ maxHeaderSize }, (request, response) => {
      const running = (async () => handler(request, response))()
        .catch(() => void request.destroy())
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  /** Resolves when the answer is whole and the handler is done. */
  async send({ method, target, headers, body, address }: HttpRequest): Promise<HttpAnswer> {
    const [here, there] = duplexPair();
    if (address !== undefined) Object.assign(there, { remoteAddress: address });
    this.#server.emit('connection', there);
    const answer = new Promise<HttpAnswer>((resolve, reject) => {
      const length = body.length === 0 ? {} : { 'content-length': String(body.length) };
      const outgoing = httpRequest({
        method,
        path: target,
        headers: { ...singled(headers), ...length },
        createConnection: () => here,
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => {
          const found = Object.entries(incoming.headersDistinct) as [string, string[]][];
          resolve({
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(found),
            body: Buffer.concat(chunks),
          });
        });
      });
      outgoing.end(body);
    });
    try {
      return await answer;
    } catch (cause) {
      // What Node refuses to send, no server would have read.
      if (cause instanceof TypeError) throw new LakeError('InvalidArgument', 'The request is not HTTP/1.1 (RFC 9112).');
      throw new LakeError('Unavailable', 'The function did not answer. Send the request again.', { cause });
    } finally {
      await Promise.all(this.#running);
      here.destroy();
    }
  }
}

/** Node takes lists for fields that may come twice only. */
const singled = (headers: HttpRequest['headers']): Record<string, string | readonly string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
  );
