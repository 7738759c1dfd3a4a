import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { isLakeError } from '../../../adapters/ports/errors';
import type { ObjectStore, SignedUpload } from '../../../adapters/ports/object-store';
import type { AuditRecord } from '../../audit/audit-record';
import { outcomeKey, uploadContext, uploadKey } from '../../bulk-import/import-objects';
import type { BulkImport, ImportStore } from '../../bulk-import/import-store';
import { isJsonObject } from '../../fhir/json';
import { operationOutcome } from '../../fhir/operation-outcome';
import type { Sender } from '../ingest-request';
import { Refusal } from '../refusal';
import { fhirResponse } from './fhir-answer';
import { readJson } from './parse-body';
import { readBytes } from './read-body';
import { checkContentType, ndjsonTypes } from './request-headers';

/** What the API needs for bulk imports; it seals uploads and cannot open them again. */
export interface ImportDesk {
  readonly imports: Pick<ImportStore, 'create' | 'find' | 'uploaded' | 'cancel'>;
  readonly inbox: Pick<ObjectStore, 'putIfAbsent'>;
  /** Signs uploads where the store takes them from senders. */
  readonly uploads: Pick<ObjectStore, 'signUpload' | 'capabilities'>;
  readonly outcomes: Pick<ObjectStore, 'read'>;
  readonly sealStream: (
    plaintext: AsyncIterable<Uint8Array>,
    context: Readonly<Record<string, string>>,
  ) => AsyncIterable<Uint8Array>;
  /** Bytes of one upload. */
  readonly maxBytes: number;
  /** Tells the job runner that there is work. */
  readonly wake: () => void;
}

const pollSeconds = 2;
/** A signed upload must begin by then; the store takes no longer one than this. */
const signedSeconds = 900;
const longestSigned = 5 * 1024 ** 3;
const promiseLimits = { maxBytes: 4096, timeout: 10_000, maxEntries: 1 };

interface Parameter {
  readonly name?: unknown;
  readonly valueDecimal?: unknown;
  readonly valuePositiveInt?: unknown;
  readonly valueString?: unknown;
}

const auditOf = (action: string, { clientId }: Sender, code: string): AuditRecord => ({
  recorded: new Date().toISOString(),
  event: 'import',
  action,
  agent: { kind: 'provider', id: clientId },
  outcome: { result: 'allowed', code },
  purpose: 'TREAT',
});

/**
 * `POST $import`: a new import, with the address its NDJSON is sent to and the one that tells how far it is. To a sender that says
 * what it will send, the address is one of the store itself where that takes uploads; others send through the API.
 */
export async function startImport(desk: ImportDesk, base: string, context: Context, sender: Sender): Promise<Response> {
  const promised = await promisedUpload(context.req.raw);
  const id = randomUUID();
  const status = `${base}/$import/${id}`;
  const [contentType = ''] = ndjsonTypes;
  const signed =
    promised === undefined || !desk.uploads.capabilities.has('signedUpload')
      ? undefined
      : await desk.uploads.signUpload(uploadKey(sender.ods, id), { ...promised, contentType, seconds: signedSeconds });
  const code = signed === undefined ? 'created' : 'upload-signed';
  await desk.imports.create(id, sender.ods, sender.clientId, auditOf('POST $import', sender, code));
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'upload', valueUrl: signed?.url ?? `${status}/upload` },
      { name: 'status', valueUrl: status },
      { name: 'contentType', valueCode: contentType },
      ...(signed === undefined ? [] : signedParameters(signed)),
    ],
  };
  return fhirResponse(202, body, { 'content-location': status });
}

const signedParameters = ({ headers, expires }: SignedUpload): readonly object[] => [
  { name: 'expires', valueInstant: expires.toISOString() },
  ...Object.entries(headers).map(([name, value]) => ({
    name: 'header',
    part: [
      { name: 'name', valueString: name },
      { name: 'value', valueString: value },
    ],
  })),
];

/** What the sender says of its upload, in Parameters of `size` (bytes) and `sha256` (hex); undefined without them. */
export async function promisedUpload(
  request: Request,
): Promise<{ readonly size: number; readonly sha256: string } | undefined> {
  // A POST without a body may also come without a Content-Length: `curl -X POST` sends it so.
  const bytes = await readBytes(request, promiseLimits);
  if (bytes.length === 0) return undefined;
  const body = readJson(bytes);
  const list = isJsonObject(body) ? body.parameter : undefined;
  const parameters = Array.isArray(list) ? (list as readonly Parameter[]) : [];
  const told = (name: string): unknown => {
    const found = parameters.find((one) => one?.name === name);
    return found?.valueDecimal ?? found?.valuePositiveInt ?? found?.valueString;
  };
  // Who promises nothing sends through the API, whatever else stands in the body.
  if (told('size') === undefined && told('sha256') === undefined) return undefined;
  const [size, sha256] = [Number(told('size')), told('sha256')];
  const whole = Number.isSafeInteger(size) && size >= 1 && size <= longestSigned;
  if (!whole || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw Refusal.badRequest(
      'value',
      `Send nothing of the upload, or Parameters of size (1 to ${longestSigned} bytes, valueDecimal) and sha256 (64 hexadecimal digits in lower case, valueString) of the upload.`,
    );
  return { size, sha256 };
}

/** `PUT $import/{id}/upload`: the lines, sealed as they come, in bounded memory. */
export async function takeUpload(desk: ImportDesk, context: Context, sender: Sender): Promise<Response> {
  const bulkImport = await importOf(desk, context, sender);
  checkContentType(context.req.raw.headers, ndjsonTypes);
  if (bulkImport.state !== 'waiting') throw uploadedAlready();
  const { body } = context.req.raw;
  if (body === null) throw Refusal.badRequest('required', 'The body is empty. Send one FHIR R4 resource on each line.');
  const key = uploadKey(sender.ods, bulkImport.id);
  try {
    await desk.inbox.putIfAbsent(
      key,
      desk.sealStream(bounded(body as unknown as AsyncIterable<Uint8Array>, desk.maxBytes), uploadContext(sender.ods)),
    );
  } catch (error) {
    // An upload whose answer was lost: what is there is taken, a different one needs an import of its own.
    if (!isLakeError(error, 'AlreadyExists')) throw error;
    await body.cancel().catch(() => undefined);
  }
  if (!(await desk.imports.uploaded(bulkImport.id, auditOf('PUT $import/{id}/upload', sender, 'uploaded'))))
    throw uploadedAlready();
  desk.wake();
  return fhirResponse(202, undefined, { 'content-location': context.req.url.replace(/\/upload$/, '') });
}

const uploadedAlready = (): Refusal =>
  Refusal.of(409, 'conflict', 'This import has its upload already. Start another one for more lines.');

async function* bounded(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes)
      throw Refusal.of(413, 'too-long', `The upload is longer than ${maxBytes} bytes. Split it into several imports.`);
    yield chunk;
  }
}

/** `GET $import/{id}`: the FHIR asynchronous pattern (https://hl7.org/fhir/R4/async.html). */
export async function importStatus(
  desk: ImportDesk,
  context: Context,
  base: string,
  sender: Sender,
): Promise<Response> {
  const bulkImport = await importOf(desk, context, sender);
  const { id, state, linesDone, parts, created, finished } = bulkImport;
  if (state === 'waiting' || state === 'running') {
    const progress = state === 'waiting' ? 'waiting for the upload' : `${linesDone} lines`;
    return fhirResponse(202, undefined, { 'x-progress': progress, 'retry-after': String(pollSeconds) });
  }
  if (state === 'failed')
    return fhirResponse(
      422,
      operationOutcome([
        {
          severity: 'error',
          code: 'processing',
          diagnostics:
            'The import ended before its last line: its upload is cut, a line of it is too long, or the lake could not finish it. Nothing more of it is taken. What was stored stays. Check the upload and start another import with the rest: a line without an id would be stored again. The operator of the lake sees why it ended.',
        },
      ]),
    );
  if (state === 'cancelled') throw Refusal.of(404, 'not-found', 'This import was cancelled.');
  const { accepted, refused, quarantined, duplicate } = bulkImport;
  return fhirResponse(
    200,
    {
      transactionTime: finished ?? created,
      request: `${base}/$import`,
      requiresAccessToken: true,
      output: [],
      error: Array.from({ length: parts }, (_, index) => ({
        type: 'OperationOutcome',
        url: `${base}/$import/${id}/outcome/${index + 1}`,
      })),
      extension: { lines: linesDone, accepted, refused, quarantined, duplicate },
    },
    { 'content-type': 'application/json' },
  );
}

/** `GET $import/{id}/outcome/{part}`: what became of each line, as NDJSON of line number and OperationOutcome. */
export async function importOutcome(desk: ImportDesk, context: Context, sender: Sender): Promise<Response> {
  const { id, parts } = await importOf(desk, context, sender);
  const part = Number(context.req.param('part'));
  if (!Number.isInteger(part) || part < 1 || part > parts)
    throw Refusal.of(404, 'not-found', 'This import has no such part of its outcome.');
  const bytes = await desk.outcomes.read(outcomeKey(sender.ods, id, part));
  return new Response(Buffer.from(bytes), {
    headers: { 'content-type': 'application/fhir+ndjson', 'cache-control': 'no-store' },
  });
}

/** `DELETE $import/{id}`: goes no further; what was stored stays. */
export async function cancelImport(desk: ImportDesk, context: Context, sender: Sender): Promise<Response> {
  const { id } = await importOf(desk, context, sender);
  if (!(await desk.imports.cancel(sender.ods, id, auditOf('DELETE $import/{id}', sender, 'cancelled'))))
    throw Refusal.of(
      409,
      'conflict',
      'This import has ended already. What it stored stays; GET its address for what became of it.',
    );
  return fhirResponse(202, undefined);
}

async function importOf(desk: ImportDesk, context: Context, sender: Sender): Promise<BulkImport> {
  const id = context.req.param('id') ?? '';
  const found = /^[0-9a-f-]{36}$/.test(id) ? await desk.imports.find(sender.ods, id, new Date()) : undefined;
  if (found === undefined) throw Refusal.of(404, 'not-found', 'You have started no such import.');
  return found;
}
