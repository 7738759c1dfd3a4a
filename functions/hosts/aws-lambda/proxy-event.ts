/** The event of a REST API with Lambda proxy integration, as far as it is read (API Gateway Developer Guide, "Input format"). */
export interface ProxyEvent {
  readonly httpMethod: string;
  /** As it was sent, without stage and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | null;
  /** Percent-decoded. */
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: {
    /** When the gateway took the request, in milliseconds since 1970. */
    readonly requestTimeEpoch?: number;
    readonly identity?: {
      readonly sourceIp?: string;
      /** Who signed, where the operation asks for a signature: the gateway's word, nobody else can say it. */
      readonly userArn?: string | null;
    };
  };
}

export interface ProxyAnswer {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  /** Where it came from, as the gateway saw it. */
  readonly address: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
}

/** Between two neighbours only (RFC 9110 section 7.6.1), or about the bytes on a wire that is not there. */
const ofOneConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const carriedOn = (headers: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.has(name.toLowerCase())));

/** The request that a proxy event stands for. */
export function requestOf(event: ProxyEvent): HttpRequest {
  const single = Object.entries(event.headers ?? {}).map(([name, value]) => [name, [value]]);
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {}))
    for (const value of values) query.append(name, value);
  // The gateway passes a path as it was sent; what no request line may hold is encoded, what is encoded stays.
  const path = event.path.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent).replaceAll(/[?#]/g, encodeURIComponent);
  return {
    method: event.httpMethod,
    target: query.size === 0 ? path : `${path}?${query}`,
    headers: carriedOn(event.multiValueHeaders ?? Object.fromEntries(single)),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded === true ? 'base64' : 'utf8'),
    address: event.requestContext?.identity?.sourceIp,
  };
}

const isText = (type: string): boolean => /^(text\/|application\/([a-z.-]+\+)?(json|xml|ndjson))/.test(type);

/** An answer as the gateway takes it; bodies that are not text go as base64. */
export function proxyAnswer({ status, headers, body }: HttpAnswer): ProxyAnswer {
  const isBase64Encoded = body.length > 0 && !isText(headers['content-type']?.[0] ?? '');
  return {
    statusCode: status,
    multiValueHeaders: carriedOn(headers),
    body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}
