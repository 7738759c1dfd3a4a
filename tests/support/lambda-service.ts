import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { closeServer, listenOnLoopback } from './loopback-server';

const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** What Signature Version 4 demands of this request, worked out from its documentation and not by the library that signed it. */
function signatureOf(request: IncomingMessage, body: Buffer, secret: string): string | undefined {
  const given =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  const [, scope = '', region = '', service = '', signed = ''] = given ?? [];
  const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name])}\n`);
  const canonical = [request.method, pathname, search.slice(1), headers.join(''), signed, digest(body)].join('\n');
  const moment = String(request.headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', moment, scope, digest(canonical)].join('\n');
  const key = [scope.slice(0, 8), region, service, 'aws4_request'].reduce<string | Buffer>(mac, `AWS4${secret}`);
  return given !== null && service === 'lambda' && mac(key, text).toString('hex') === given[5] ? scope : undefined;
}

/** Lets an alias of a function be invoked; undefined where there is none of it. */
type Aliases = (functionName: string, alias: string) => ((event: unknown) => Promise<unknown>) | undefined;

/**
 * Lambda's operation Invoke, played by the test: the emulator runs functions in Docker only. It refuses what is not signed for
 * Lambda with the right secret, and aliases that are not there. IAM is not played.
 */
export class LambdaService {
  /** Answers this instead, as often as it says. */
  failures: { readonly status: number; readonly name: string }[] = [];
  /** Closes a connection in place of an answer when a second request comes over it. */
  closesReused = false;
  closed = 0;
  readonly asked: { readonly functionName: string; readonly alias: string; readonly event: unknown }[] = [];
  readonly #used = new WeakSet<object>();
  readonly #server;

  constructor(aliases: Aliases, secret: string) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (this.closesReused && this.#used.has(request.socket)) {
        this.closed += 1;
        return request.socket.end();
      }
      this.#used.add(request.socket);
      const refuse = (status: number, name: string): void => {
        const headers = { 'content-type': 'application/json', 'x-amzn-errortype': `${name}:http://x` };
        response.writeHead(status, headers).end('{"Type":"User","Message":"refused"}');
      };
      const failure = this.failures.shift();
      if (failure !== undefined) return refuse(failure.status, failure.name);
      if (signatureOf(request, body, secret) === undefined) return refuse(403, 'InvalidSignatureException');
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const functionName = /^\/2015-03-31\/functions\/([A-Za-z0-9_-]+)\/invocations$/.exec(pathname)?.[1] ?? '';
      const alias = searchParams.get('Qualifier') ?? '';
      const invoke = aliases(functionName, alias);
      if (invoke === undefined) return refuse(404, 'ResourceNotFoundException');
      const event: unknown = JSON.parse(body.toString());
      this.asked.push({ functionName, alias, event });
      try {
        const answer = JSON.stringify(await invoke(event));
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      } catch {
        response
          .writeHead(200, { 'x-amz-function-error': 'Unhandled' })
          .end('{"errorType":"Error","errorMessage":"the function failed"}');
      }
    });
  }

  listen(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }
}
