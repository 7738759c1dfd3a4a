import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { LakeError } from '../../../adapters/ports/errors';
import { type LakeClientSettings, reasonsOf } from './lake-client';

export interface BulkResult {
  readonly lines: number;
  readonly accepted: number;
  readonly refused: number;
  readonly quarantined: number;
  readonly duplicate: number;
  /** Of the lines that were refused, the first. */
  readonly reasons: readonly string[];
}

/** Manifest of an import that ended (https://hl7.org/fhir/R4/async.html): what became of the lines lies at the addresses of `error`. */
interface ImportManifest {
  readonly error: readonly { readonly url: string }[];
  readonly extension: Omit<BulkResult, 'reasons'>;
}

const enoughReasons = 20;

/** What the lake says of a refusal; an empty text where it says nothing. */
const whyOf = async (response: Response): Promise<string> =>
  reasonsOf(await response.json().catch(() => undefined)).join(' ');

/** Sends one NDJSON file as a bulk import: starts it, streams the file, polls until it ends. */
export async function sendBulk(
  { baseUrl, token }: LakeClientSettings,
  file: string,
  progress: (said: string) => void,
): Promise<BulkResult> {
  const request = async (method: string, url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${await token(false)}`, ...(init.headers as Record<string, string>) };
    const response = await fetch(url, { ...init, method, headers });
    if (response.status === 401) {
      // A long import outlives a token.
      await response.body?.cancel();
      return fetch(url, { ...init, method, headers: { ...headers, authorization: `Bearer ${await token(true)}` } });
    }
    return response;
  };
  const started = await request('POST', `${baseUrl}/$import`);
  const status = started.headers.get('content-location');
  if (started.status !== 202 || status === null)
    throw new LakeError(
      'Unavailable',
      `The lake started no import (HTTP ${started.status}). ${await whyOf(started)}`.trim(),
    );
  const uploaded = await request('PUT', `${status}/upload`, {
    headers: { 'content-type': 'application/fhir+ndjson' },
    body: Readable.toWeb(createReadStream(file)) as unknown as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  if (uploaded.status !== 202)
    throw new LakeError(
      'InvalidArgument',
      `The lake did not take the upload (HTTP ${uploaded.status}). ${await whyOf(uploaded)}`.trim(),
    );
  for (;;) {
    const answer = await request('GET', status);
    if (answer.status === 200) {
      const { error, extension } = (await answer.json()) as ImportManifest;
      const reasons: string[] = [];
      for (const { url } of extension.refused > 0 ? error : []) {
        for (const text of (await (await request('GET', url)).text()).split('\n')) {
          if (text === '' || reasons.length >= enoughReasons) continue;
          const { line, outcome } = JSON.parse(text) as { line: number; outcome: unknown };
          reasons.push(...reasonsOf(outcome).map((reason) => `line ${line}: ${reason}`));
        }
      }
      return { ...extension, reasons };
    }
    if (answer.status !== 202)
      throw new LakeError('InvalidArgument', `The import ended (HTTP ${answer.status}). ${await whyOf(answer)}`.trim());
    progress(answer.headers.get('x-progress') ?? '');
    await delay(Math.min(Number(answer.headers.get('retry-after') ?? 1), 10) * 1000);
  }
}
