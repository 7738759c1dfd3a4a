import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';

/** The request ids that senders of the golden set gave themselves. */
export const sentRequestIds = new Set<string>();

/** A lake behind some host, as the golden requests see it. */
export interface GoldenHost {
  /** `<origin>/FHIR/R4`. */
  readonly baseUrl: string;
  /** `<issuer>/oauth2/token`. */
  readonly tokenUrl: string;
  /** A gateway before the host makes a request id where the sender gives none: it is not refused then. */
  readonly gatewayMakesRequestIds?: true;
  register(ods: string, scopes: readonly string[]): Promise<ProviderCredentials>;
  disable(ods: string): Promise<void>;
  /** Resolves when everything acknowledged so far is curated and linked. */
  settle(): Promise<void>;
  /** Read-only SQL over curated tables. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  auditVerifies(): Promise<boolean>;
  stop(): Promise<void>;
}

/** One exchange as a sender sees it, with what differs from run to run replaced by its kind and order. */
export interface GoldenExchange {
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const headersOfTheContract = [
  'allow',
  'cache-control',
  'content-type',
  'etag',
  'idempotency-replayed',
  'last-modified',
  'location',
  'retry-after',
  'www-authenticate',
  'x-correlation-id',
  'x-request-id',
];

/** Replaces addresses, times, tokens and UUIDs; a UUID keeps its identity within one run by its order of appearance. */
export class GoldenTranscript {
  readonly exchanges: GoldenExchange[] = [];
  readonly #host: Pick<GoldenHost, 'baseUrl' | 'tokenUrl'>;
  readonly #uuids = new Map<string, string>();

  constructor(host: Pick<GoldenHost, 'baseUrl' | 'tokenUrl'>) {
    this.#host = host;
  }

  async add(name: string, response: Response): Promise<GoldenExchange> {
    const headers: Record<string, string> = {};
    for (const header of headersOfTheContract) {
      const value = response.headers.get(header);
      // A gateway makes an id for a request that has none, and the lake repeats it: no part of the contract.
      const foreign = header === 'x-request-id' && value !== null && !sentRequestIds.has(value);
      if (value !== null && !foreign) headers[header] = this.#neutral(value);
    }
    const exchange = { name, status: response.status, headers, body: this.#neutral(await response.text()) };
    this.exchanges.push(exchange);
    return exchange;
  }

  #neutral(text: string): string {
    return text
      .replaceAll(this.#host.tokenUrl, '<token-endpoint>')
      .replaceAll(this.#host.baseUrl, '<base>')
      .replaceAll(new URL(this.#host.baseUrl).origin, '<origin>')
      .replaceAll(/ey[\w-]+\.[\w-]+\.[\w-]+/g, '<token>')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, (uuid) => this.#uuid(uuid))
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '<instant>')
      .replaceAll(/(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '<http-date>');
  }

  #uuid(uuid: string): string {
    const known = this.#uuids.get(uuid) ?? `<uuid-${this.#uuids.size + 1}>`;
    this.#uuids.set(uuid, known);
    return known;
  }
}
