import { createHash, randomUUID } from 'node:crypto';
import {
  clientAssertion,
  fetchToken,
  type ProviderCredentials,
} from '../../functions/provider-access/client-assertion';
import { type GoldenHost, sentRequestIds } from './golden-host';

/** Milliseconds: before the lake's tokens end. */
const tokenLifetime = 240_000;

/** A provider's system that speaks to any host. */
export class GoldenSender {
  readonly #host: GoldenHost;
  readonly #credentials: ProviderCredentials;
  #token: Promise<string> | undefined;
  #tokenAsked = 0;

  constructor(host: GoldenHost, credentials: ProviderCredentials) {
    this.#host = host;
    this.#credentials = credentials;
  }

  async request(
    method: string,
    path: string,
    body?: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    if (this.#token === undefined || performance.now() - this.#tokenAsked > tokenLifetime) {
      this.#tokenAsked = performance.now();
      this.#token = fetchToken(this.#credentials, this.#host.tokenUrl).then((token) => token.access_token);
    }
    return this.open(method, path, body, { authorization: `Bearer ${await this.#token}`, ...headers });
  }

  /** Without a token of its own. */
  open(
    method: string,
    path: string,
    body?: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const all: Record<string, string> = {
      ...(text === undefined ? {} : { 'content-type': 'application/fhir+json', 'x-request-id': randomUUID() }),
      ...headers,
    };
    if (all['x-request-id'] !== undefined) sentRequestIds.add(all['x-request-id']);
    return fetch(`${this.#host.baseUrl}${path}`, {
      method,
      headers: all,
      ...(text === undefined ? {} : { body: text }),
    });
  }

  /** Starts an import whose lines go straight into the store, by the address it signed; gives where to poll, and the PUT's answer. */
  async signedImport(lines: readonly object[]): Promise<{ readonly status: string; readonly put: Response }> {
    const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    const promise = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'size', valueDecimal: Buffer.byteLength(text) },
        { name: 'sha256', valueString: createHash('sha256').update(text).digest('hex') },
      ],
    };
    const started = await this.request('POST', '/$import', promise);
    interface Told {
      readonly name: string;
      readonly valueUrl?: string;
      readonly valueCode?: string;
      readonly part?: readonly { readonly valueString: string }[];
    }
    const { parameter } = (await started.json()) as { readonly parameter: readonly Told[] };
    const headers = parameter
      .filter(({ name }) => name === 'header')
      .map(({ part = [] }) => [part[0]?.valueString ?? '', part[1]?.valueString ?? '']);
    const url = parameter.find(({ name }) => name === 'upload')?.valueUrl ?? '';
    const put = await fetch(url, { method: 'PUT', headers: Object.fromEntries(headers), body: text });
    return { status: started.headers.get('content-location')!.slice(this.#host.baseUrl.length), put };
  }

  /** Starts an import, uploads the lines, polls; gives the last answer. */
  async bulkImport(lines: readonly object[]): Promise<Response> {
    const started = await this.request('POST', '/$import');
    const status = started.headers.get('content-location')!.slice(this.#host.baseUrl.length);
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    await this.request('PUT', `${status}/upload`, text, { 'content-type': 'application/fhir+ndjson' });
    for (let wait = 0; ; wait += 1) {
      const answer = await this.request('GET', status);
      if (answer.status !== 202 || wait > 600) return answer;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async askToken(changes: Readonly<Record<string, string>>): Promise<Response> {
    return this.#postToken({ client_assertion: await this.#assertion(), ...changes });
  }

  async askTokenTwice(): Promise<Response> {
    const assertion = await this.#assertion();
    await this.#postToken({ client_assertion: assertion });
    return this.#postToken({ client_assertion: assertion });
  }

  tokenByGet(): Promise<Response> {
    return fetch(this.#host.tokenUrl);
  }

  /** The token fetched before stays in hand: a disabled provider is out at once, not when its token ends. */
  async afterDisabling(send: () => Promise<Response>): Promise<Response> {
    await this.#token;
    await this.#host.disable(this.#credentials.ods);
    return send();
  }

  #assertion(): Promise<string> {
    return clientAssertion(this.#credentials, this.#host.tokenUrl);
  }

  #postToken(fields: Readonly<Record<string, string>>): Promise<Response> {
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      scope: this.#credentials.scopes.join(' '),
      ...fields,
    };
    return fetch(this.#host.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  }
}
