import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type ServerResponse,
  request as send,
} from 'node:http';
import { closeServer, listenOnLoopback } from './loopback-server';

/** What happens to one request on its way to the server behind, or to the answer on its way back. */
export type Fault =
  /** Nothing, after so many milliseconds. */
  | { readonly kind: 'pass'; readonly delay?: number }
  /** The connection is reset before the server saw the request. */
  | { readonly kind: 'reset' }
  /** Reset in the middle of the request's body: the server sees a part of it. */
  | { readonly kind: 'resetMidRequest' }
  /** The server did it, the answer is lost. */
  | { readonly kind: 'answerLost' }
  /** Half of the answer's body comes, then a reset. */
  | { readonly kind: 'truncated' }
  /** Half of the answer's body comes, then nothing. */
  | { readonly kind: 'stalled' }
  /** No answer ever. */
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    };

/** Stands in front of an HTTP server and spoils what passes, as it is told. */
export class FaultProxy {
  /** Asked for each request, by its number from 0 since it was set. */
  #plan: (index: number, request: IncomingMessage) => Fault = () => ({ kind: 'pass' });
  #upstream: URL;
  requests = 0;
  readonly #server = createServer((request, response) => {
    this.#spoil(request, response).catch(() => response.destroy());
  });

  constructor(upstream: URL) {
    this.#upstream = upstream;
  }

  set plan(plan: (index: number, request: IncomingMessage) => Fault) {
    this.requests = 0;
    this.#plan = plan;
  }

  listen(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  async #spoil(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#plan(this.requests++, request);
    switch (fault.kind) {
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'silent':
        request.resume();
        return;
      case 'answer':
        for await (const _ of request);
        response.writeHead(fault.status, fault.headers ?? {});
        response.end(request.method === 'HEAD' ? undefined : fault.body);
        return;
      case 'pass':
        if (fault.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delay));
    }
    const onward = this.#forward(request);
    if (fault.kind === 'resetMidRequest') {
      for await (const chunk of request) {
        onward.write((chunk as Buffer).subarray(0, Math.ceil((chunk as Buffer).length / 2)));
        break;
      }
      onward.on('error', () => undefined).destroy();
      request.socket.resetAndDestroy();
      return;
    }
    request.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    if (fault.kind === 'answerLost') {
      for await (const _ of answer);
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (fault.kind === 'pass') {
      answer.pipe(response);
      return;
    }
    const half = Math.floor(Number(answer.headers['content-length'] ?? 0) / 2);
    let passed = 0;
    for await (const chunk of answer) {
      const part = (chunk as Buffer).subarray(0, half - passed);
      passed += part.length;
      response.write(part);
      if (passed >= half) break;
    }
    if (fault.kind === 'truncated') setTimeout(() => request.socket.resetAndDestroy(), 20);
  }

  /** The headers as they came: signatures cover `Host`. */
  #forward(request: IncomingMessage): ClientRequest {
    const { hostname, port } = this.#upstream;
    const { method = 'GET', url = '/', headers } = request;
    return send({ hostname, port, method, path: url, headers, agent: false });
  }
}
