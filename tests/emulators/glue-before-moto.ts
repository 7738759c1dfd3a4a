import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { closeServer, listenOnLoopback } from '../support/loopback-server';

/**
 * Moto takes a table of any version; Glue refuses one that is not the version it has ("UpdateTable", `VersionId`). This stands
 * before moto and does so; everything else goes through as it is.
 */
export class GlueBeforeMoto {
  readonly #moto: string;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #server = createServer((request, response) => {
    const answer = this.#turn.then(() => this.#answer(request));
    this.#turn = answer.catch(() => undefined);
    answer.then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(body),
      () => response.destroy(),
    );
  });

  constructor(moto: string) {
    this.#moto = moto;
  }

  listen(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  close(): Promise<void> {
    return closeServer(this.#server);
  }

  async #answer(request: IncomingMessage) {
    const body = await buffer(request);
    const headers = { ...request.headers } as Record<string, string>;
    for (const name of ['host', 'connection', 'content-length', 'expect']) delete headers[name];
    const target = headers['x-amz-target'] ?? '';
    if (target === 'AWSGlue.UpdateTable') {
      const { DatabaseName, TableInput, VersionId } = JSON.parse(String(body)) as {
        readonly DatabaseName: string;
        readonly TableInput: { readonly Name: string };
        readonly VersionId?: string;
      };
      const asked = JSON.stringify({ DatabaseName, Name: TableInput.Name });
      const found = await this.#pass({ ...headers, 'x-amz-target': 'AWSGlue.GetTable' }, Buffer.from(asked));
      const { Table } = JSON.parse(found.body.toString()) as { readonly Table?: { readonly VersionId?: string } };
      if (VersionId !== undefined && Table?.VersionId !== VersionId)
        return { status: 400, body: Buffer.from('{"__type":"ConcurrentModificationException"}') };
    }
    return this.#pass(headers, body);
  }

  async #pass(headers: Readonly<Record<string, string>>, body: Buffer) {
    const response = await fetch(this.#moto, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  }
}
