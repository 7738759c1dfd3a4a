import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type OperationOutcomeIssue, operationOutcome } from '../fhir/operation-outcome';
import { tokenPath } from '../provider-access/token-endpoint';

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const fhirJson = 'application/fhir+json; charset=utf-8';
const outcomeText = (code: OperationOutcomeIssue['code'], diagnostics: string): string =>
  JSON.stringify(operationOutcome([{ severity: 'error', code, diagnostics }]));

const stoppingText =
  'The lake is stopping. Nothing of this request was kept; send it again with the same X-Request-ID.';
const stoppingOutcome = outcomeText('transient', stoppingText);
// RFC 6749 has no code for this at the token endpoint; `temporarily_unavailable` is what its section 4.1.2.1 calls it.
const stoppingToken = JSON.stringify({
  error: 'temporarily_unavailable',
  error_description: 'The token endpoint is stopping. Try again with a new assertion.',
});

const closeMilliseconds = 500;
const uploadMilliseconds = 2 * 60 * 60 * 1000;

/**
 * An HTTP server that stops without losing what it began. While it drains it goes on listening: requests begun are
 * finished, new ones get 503 with Retry-After, so that a sender is told to come again and not merely cut off. What is not
 * HTTP is answered in the form of the FHIR base too, since nobody knows yet where it was meant to go.
 */
export class DrainableServer {
  readonly #server = createServer((request, response) => this.#take(request, response));
  readonly #drainMilliseconds: number;
  #handler: NodeHandler | undefined;
  #begun = 0;
  #idle: (() => void) | undefined;

  /** `drainMilliseconds`: for requests begun to finish; what takes longer is cut off, unacknowledged. */
  constructor(drainMilliseconds: number) {
    this.#drainMilliseconds = drainMilliseconds;
    // Longer than a gateway keeps its own connections, so that no request meets one that is just being closed.
    this.#server.keepAliveTimeout = 65_000;
    // A bulk upload takes its time; bodies of the other addresses have limits of their own.
    this.#server.requestTimeout = uploadMilliseconds;
    this.#server.on('clientError', refuseUnread);
  }

  /** Gives the port; requests get 503 until `serve` is called. Rejects with the error of the socket. */
  listen(port: number, host?: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  serve(handler: NodeHandler): void {
    this.#handler = handler;
  }

  async stop(): Promise<void> {
    this.#handler = undefined;
    let limit: NodeJS.Timeout | undefined;
    if (this.#begun > 0) {
      await Promise.race([
        new Promise<void>((resolve) => {
          this.#idle = resolve;
        }),
        new Promise<void>((resolve) => {
          limit = setTimeout(resolve, this.#drainMilliseconds);
        }),
      ]);
    }
    clearTimeout(limit);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    // Those left are just being refused, or have not sent a whole request.
    const cut = setTimeout(() => this.#server.closeAllConnections(), closeMilliseconds);
    await closed;
    clearTimeout(cut);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#handler === undefined) {
      const token = request.url?.split('?', 1)[0] === tokenPath;
      const type = token ? 'application/json' : fhirJson;
      const headers = { 'content-type': type, 'cache-control': 'no-store', 'retry-after': '1', connection: 'close' };
      response.writeHead(503, headers).end(token ? stoppingToken : stoppingOutcome);
      return;
    }
    this.#begun += 1;
    response.once('close', () => {
      this.#begun -= 1;
      // One turn of the event loop: the last bytes of the answer leave the socket before it is closed.
      if (this.#begun === 0) setImmediate(() => this.#idle?.());
    });
    void this.#handler(request, response);
  }
}

/** Answers what the parser of HTTP gave up on; Node would send an empty body. */
function refuseUnread(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, code, diagnostics] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([
          431,
          'too-long',
          'The headers of the request are longer than 16 KB together. Send fewer or shorter ones.',
        ] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'timeout', 'The request did not arrive in time. Send it again.'] as const)
        : ([400, 'structure', 'The request is not HTTP/1.1 (RFC 9112).'] as const);
  const body = outcomeText(code, diagnostics);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${fhirJson}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
