import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ProxyAnswer, ProxyEvent } from '../../functions/hosts/aws-lambda/proxy-event';
import { closeServer, listenOnLoopback } from './loopback-server';

type Invoke = (event: ProxyEvent) => Promise<ProxyAnswer>;

/**
 * What a REST API with proxy integration does between a sender and a function (API Gateway Developer Guide, "Set up Lambda
 * proxy integrations"): bodies as base64, headers and query in both forms, the sender's address beside them.
 */
export class RestGateway {
  readonly #route: (path: string) => Invoke;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => {
      response.writeHead(502).end('{"message": "Internal server error"}');
    });
  });

  constructor(route: (path: string) => Invoke) {
    this.#route = route;
  }

  listen(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gateway');
    const query: Record<string, string[]> = {};
    for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
    const multi = Object.entries(request.headersDistinct) as [string, string[]][];
    const answer = await this.#route(pathname)({
      httpMethod: request.method ?? 'GET',
      path: pathname,
      headers: Object.fromEntries(multi.map(([name, values]) => [name, values.at(-1) ?? ''])),
      multiValueHeaders: Object.fromEntries(multi),
      multiValueQueryStringParameters: searchParams.size === 0 ? null : query,
      body: body.length === 0 ? null : body.toString('base64'),
      isBase64Encoded: body.length > 0,
      requestContext: { identity: { sourceIp: request.socket.remoteAddress ?? '' } },
    });
    const headers = Object.fromEntries(
      Object.entries(answer.multiValueHeaders).map(([name, values]) => [name, [...values]]),
    );
    response.writeHead(answer.statusCode, headers);
    response.end(Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8'));
  }
}
