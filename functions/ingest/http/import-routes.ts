import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { isLakeError } from '../../../adapters/ports/errors';
import type { ObjectStore } from '../../../adapters/ports/object-store';
import type { AuditRecord } from '../../audit/audit-record';
import { outcomeKey, uploadContext, uploadKey } from '../../bulk-import/import-objects';
import type { BulkImport, ImportStore } from '../../bulk-import/import-store';
import { operationOutcome } from '../../fhir/operation-outcome';
import type { Sender } from '../ingest-request';
import { Refusal } from '../refusal';
import { fhirResponse } from './fhir-answer';
import { checkContentType } from './request-headers';

/** What the API needs for bulk imports; it seals uploads and cannot open them again. */
export interface ImportDesk {
  readonly imports: Pick<ImportStore, 'create' | 'find' | 'uploaded' | 'cancel'>;
  readonly inbox: Pick<ObjectStore, 'putIfAbsent' | 'read'>;
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
const ndjsonTypes = ['application/fhir+ndjson', 'application/x-ndjson', 'application/ndjson'];

const auditOf = (action: string, { clientId }: Sender, code: string): AuditRecord => ({
  recorded: new Date().toISOString(),
  event: 'import',
  action,
  agent: { kind: 'provider', id: clientId },
  outcome: { result: 'allowed', code },
  purpose: 'TREAT',
});

/** `POST $import`: a new import, with the address its NDJSON is sent to and the one that tells how far it is. */
export async function startImport(desk: ImportDesk, base: string, sender: Sender): Promise<Response> {
  const id = randomUUID();
  await desk.imports.create(id, sender.ods, sender.clientId, auditOf('POST $import', sender, 'created'));
  const status = `${base}/$import/${id}`;
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'upload', valueUrl: `${status}/upload` },
      { name: 'status', valueUrl: status },
      { name: 'contentType', valueCode: ndjsonTypes[0] },
    ],
  };
  return fhirResponse(202, body, { 'content-location': status });
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
          code: 'too-long',
          diagnostics:
            'The upload cannot be read: it is cut, or a line of it is too long. Nothing more of it is taken.',
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
  const bytes = await desk.inbox.read(outcomeKey(sender.ods, id, part));
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
