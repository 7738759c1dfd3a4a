import { setTimeout as delay } from 'node:timers/promises';
import { TokenRefused } from '../../provider-access/client-assertion';
import type { Outgoing } from './outgoing';

export type SendStatus = 'accepted' | 'refused' | 'quarantined' | 'duplicate' | 'mixed' | 'failed';

export interface SendResult {
  readonly status: SendStatus;
  /** Resources by what became of them. */
  readonly accepted: number;
  readonly refused: number;
  readonly quarantined: number;
  readonly duplicate: number;
  /** HTTP status; 0 when no answer came. */
  readonly http: number;
  /** The lake's OperationOutcome or response Bundle, if it said more than headers. */
  readonly outcome: unknown;
}

export interface LakeClientSettings {
  readonly baseUrl: string;
  /** Gives a valid access token; called again when one is refused. */
  readonly token: (fresh: boolean) => Promise<string>;
  readonly maxAttempts?: number;
  /** Once it is aborted nothing is tried again. */
  readonly signal?: AbortSignal;
}

interface ResponseEntry {
  readonly response?: { readonly status?: string; readonly outcome?: unknown };
}

/** Sends to a lake as a provider's system does: repeats on 429, 503 and broken lines, always with the same request id. */
export class LakeClient {
  readonly #settings: LakeClientSettings;

  constructor(settings: LakeClientSettings) {
    this.#settings = settings;
  }

  async send(outgoing: Outgoing): Promise<SendResult> {
    const { maxAttempts = 8, signal } = this.#settings;
    let ifMatch: string | undefined;
    let freshToken = false;
    for (let attempt = 1; ; attempt += 1) {
      const response: Response | undefined = await this.#request(outgoing, ifMatch, freshToken).catch(brokenLine);
      freshToken = response?.status === 401;
      const etag =
        response?.status === 412 && ifMatch === undefined && outgoing.method === 'PUT'
          ? await this.#etag(outgoing.path)
          : undefined;
      if (etag !== undefined) {
        ifMatch = etag;
        continue;
      }
      const again =
        response === undefined ||
        response.status === 429 ||
        response.status === 503 ||
        (response.status === 401 && attempt === 1);
      if (!again || attempt >= maxAttempts || signal?.aborted === true)
        return resultOf(outgoing, response, await bodyOf(response));
      const seconds = Number(response?.headers.get('retry-after') ?? 0) || Math.min(0.1 * 2 ** attempt, 5);
      await response?.body?.cancel();
      if (response?.status !== 401) await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  }

  async #request(
    { method, path, body, requestId }: Outgoing,
    ifMatch: string | undefined,
    fresh: boolean,
  ): Promise<Response> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${await this.#settings.token(fresh)}`,
      'content-type': 'application/fhir+json',
      'x-request-id': requestId,
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    };
    return fetch(`${this.#settings.baseUrl}${path === '/' ? '' : path}`, { method, headers, body });
  }

  /** The version the lake has, for a sender that does not know it. */
  async #etag(path: string): Promise<string | undefined> {
    const headers = { authorization: `Bearer ${await this.#settings.token(false)}` };
    const response = await fetch(`${this.#settings.baseUrl}${path}`, { method: 'HEAD', headers });
    return response.ok ? (response.headers.get('etag') ?? undefined) : undefined;
  }
}

/** A line that broke is tried again; a sender whose credentials are refused should hear so at once. */
function brokenLine(error: unknown): undefined {
  if (error instanceof TokenRefused && error.status < 500 && error.status !== 429) throw error;
  return undefined;
}

async function bodyOf(response: Response | undefined): Promise<unknown> {
  const text = await response?.text().catch(() => '');
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function resultOf({ resources }: Outgoing, response: Response | undefined, outcome: unknown): SendResult {
  const none = { accepted: 0, refused: 0, quarantined: 0, duplicate: 0, http: response?.status ?? 0, outcome };
  if (response === undefined || response.status >= 500 || response.status === 429) return { ...none, status: 'failed' };
  const entries = (outcome as { readonly entry?: readonly ResponseEntry[] } | undefined)?.entry;
  // The request id stands for path and body: what the lake knows as another request is this one as an update, sent with If-Match.
  const isKnown = response.status === 409 && codesOf(outcome).includes('duplicate');
  const isRepeat = isKnown || response.headers.get('idempotency-replayed') === 'true';
  if (isRepeat && entries === undefined) return { ...none, status: 'duplicate', duplicate: resources };
  if (response.status === 202) return { ...none, status: 'quarantined', quarantined: resources };
  if (!response.ok) return { ...none, status: 'refused', refused: resources };
  if (entries === undefined) return { ...none, status: 'accepted', accepted: resources };
  const counts = { accepted: 0, refused: 0, quarantined: 0, duplicate: 0 };
  for (const { response: answer } of entries) {
    const status = Number(answer?.status?.slice(0, 3) ?? 0);
    if (status < 200 || status >= 300) counts.refused += 1;
    else if (isRepeat) counts.duplicate += 1;
    else if (status === 202) counts.quarantined += 1;
    else counts.accepted += 1;
  }
  const kinds = (['accepted', 'refused', 'quarantined', 'duplicate'] as const).filter((name) => counts[name] > 0);
  return { ...none, ...counts, status: kinds.length === 1 ? kinds[0]! : kinds.length === 0 ? 'accepted' : 'mixed' };
}

interface SaidIssue {
  readonly severity?: string;
  readonly code?: string;
  readonly expression?: readonly string[];
  readonly diagnostics?: string;
}

const issuesOf = (outcome: unknown): readonly SaidIssue[] =>
  (outcome as { readonly issue?: readonly SaidIssue[] } | undefined)?.issue ?? [];

const codesOf = (outcome: unknown): readonly unknown[] => issuesOf(outcome).map(({ code }) => code);

/** Why something was refused, an element and a sentence each: of an OperationOutcome, or of the entries of a response Bundle. */
export function reasonsOf(outcome: unknown): readonly string[] {
  const entries = (outcome as { readonly entry?: readonly ResponseEntry[] } | undefined)?.entry ?? [];
  const issues = [outcome, ...entries.map(({ response }) => response?.outcome)].flatMap(issuesOf);
  return issues
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ expression, diagnostics }) => `${expression?.[0] ?? ''} ${diagnostics ?? ''}`.trim());
}
