import { isLakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { AuditRecord } from '../audit/audit-record';
import { type Failpoint, noFailpoint } from '../failpoint';
import { resourceTypes } from '../fhir/definitions';
import type { JsonObject } from '../fhir/json';
import { type OperationOutcomeIssue, operationOutcome } from '../fhir/operation-outcome';
import { derivedUuid } from '../ingest/derived-uuid';
import { parseBody } from '../ingest/http/parse-body';
import type { Ingest } from '../ingest/ingest';
import type { Sender } from '../ingest/ingest-request';
import { isFhirId, singleOf } from '../ingest/interaction';
import { isRefusal, Refusal } from '../ingest/refusal';
import { allows } from '../provider-access/scopes';
import { outcomeKey } from './import-objects';
import type { BulkImport, ImportCounts, ImportState, ImportStore } from './import-store';
import { ndjsonLines } from './ndjson-lines';

/** The provider at the time the lines are read: one that was shut out meanwhile imports no further. */
export interface ImportSender extends Sender {
  readonly scopes: readonly string[];
}

/** The lines as they were sent, wherever they lie. */
export interface ImportUpload {
  read(): AsyncIterable<Uint8Array>;
  /** Harmless when repeated. */
  remove(): Promise<void>;
}

export interface ImportServices {
  readonly imports: Pick<ImportStore, 'advance' | 'finish'>;
  readonly upload: ImportUpload;
  readonly outcomes: Pick<ObjectStore, 'put'>;
  readonly ingest: Pick<Ingest, 'accept'>;
  /** Undefined when the provider may not send any more. */
  readonly senderOf: (clientId: string) => Promise<ImportSender | undefined>;
  readonly maxLineBytes: number;
  readonly failpoint?: Failpoint;
}

interface LineOutcome {
  readonly line: number;
  readonly kind: keyof ImportCounts;
  readonly outcome: object;
}

/** Lines whose outcomes are one object: bounds the memory, and what a crash does again. */
const linesInPart = 500;
/** Lines on their way at the same time; the group commit shares their segments and fsyncs. */
const parallel = 64;
const known = new Set(resourceTypes);

/** A request id of its own for each line, the same whenever the line is done again. */
const requestIdOf = (importId: string, line: number): string => derivedUuid(`${importId} ${line}`);

const said = (severity: OperationOutcomeIssue['severity'], code: OperationOutcomeIssue['code'], diagnostics: string) =>
  operationOutcome([{ severity, code, diagnostics }]);

/**
 * Takes the lines of an upload as the API takes single resources: one that has an id is created or updated under it, one that
 * has none is created. Every line gets an outcome; a line done before is a duplicate and changes nothing, so that an import
 * which a crash cut off goes on where its last part ended.
 */
export async function runImport(
  services: ImportServices,
  bulkImport: BulkImport,
  progress: (lines: number) => Promise<void> = async () => undefined,
): Promise<ImportState> {
  const { imports, upload, outcomes: store, maxLineBytes, failpoint = noFailpoint } = services;
  const { id, provider, clientId } = bulkImport;
  try {
    // Only its end shows that an object is whole: nothing is done before it was seen.
    for await (const _ of ndjsonLines(upload.read(), maxLineBytes)) {
      // Counted by nobody: this pass looks for the end alone.
    }
  } catch (error) {
    if (!isLakeError(error, 'InvalidArgument')) throw error;
    await imports.finish(id, 'failed', auditOf('job:import', bulkImport, 'failed'));
    return 'failed';
  }
  let line = 0;
  let part = bulkImport.parts;
  let waiting: { readonly line: number; readonly bytes: Uint8Array }[] = [];
  const flush = async (): Promise<ImportState> => {
    if (waiting.length === 0) return 'running';
    const sender = await services.senderOf(clientId);
    const outcomes = await takeAll(services, id, sender, waiting);
    await failpoint('import.taken');
    part += 1;
    const text = outcomes.map(({ line: number, outcome }) => `${JSON.stringify({ line: number, outcome })}\n`).join('');
    await store.put(outcomeKey(provider, id, part), Buffer.from(text, 'utf8'));
    await failpoint('import.outcome');
    const counts = { accepted: 0, refused: 0, quarantined: 0, duplicate: 0 };
    for (const { kind } of outcomes) counts[kind] += 1;
    const state = await imports.advance(id, part, waiting.length, counts);
    await progress(line);
    waiting = [];
    return state;
  };
  for await (const bytes of ndjsonLines(upload.read(), maxLineBytes)) {
    line += 1;
    if (line <= bulkImport.linesDone) continue;
    waiting.push({ line, bytes });
    if (waiting.length === linesInPart && (await flush()) !== 'running') return finishUpload(services, 'cancelled');
  }
  if ((await flush()) !== 'running') return finishUpload(services, 'cancelled');
  await failpoint('import.before-finish');
  await imports.finish(id, 'completed', auditOf('job:import', bulkImport, 'completed'));
  return finishUpload(services, 'completed');
}

/** What was taken is sealed with what it became; the upload itself is not needed any more. */
async function finishUpload({ upload }: ImportServices, state: ImportState): Promise<ImportState> {
  await upload.remove();
  return state;
}

async function takeAll(
  services: ImportServices,
  importId: string,
  sender: ImportSender | undefined,
  lines: readonly { readonly line: number; readonly bytes: Uint8Array }[],
): Promise<readonly LineOutcome[]> {
  const outcomes = new Array<LineOutcome>(lines.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < lines.length; index = next++) {
      const { line, bytes } = lines[index]!;
      outcomes[index] = { line, ...(await takeLine(services, requestIdOf(importId, line), sender, bytes)) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, lines.length) }, worker));
  return outcomes;
}

async function takeLine(
  { ingest }: ImportServices,
  requestId: string,
  sender: ImportSender | undefined,
  bytes: Uint8Array,
): Promise<Omit<LineOutcome, 'line'>> {
  const blank = bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
  if (blank) return { kind: 'duplicate', outcome: said('information', 'informational', 'An empty line.') };
  try {
    if (sender === undefined) throw Refusal.of(403, 'forbidden', 'The provider may not send any more.');
    const { resource, text } = parseBody(bytes);
    const { id } = resource;
    const type = typeOf(resource);
    const hasId = typeof id === 'string' && isFhirId(id);
    demand(sender, type, hasId);
    const { entries, repeated } = await ingest.accept({
      sender,
      requestId,
      correlationId: undefined,
      interaction: singleOf(resource, type, hasId ? { kind: 'upsert', id } : { kind: 'create' }),
      route: `IMPORT ${type}`,
      body: text,
    });
    const refused = entries.flatMap((entry) => (entry.kind === 'refused' ? entry.issues : []));
    if (refused.length > 0) return { kind: 'refused', outcome: operationOutcome(refused) };
    const held = entries.find((entry) => entry.kind === 'quarantined');
    if (held?.kind === 'quarantined') {
      const diagnostics = `Held for review under tracking id ${held.tracking}.`;
      return { kind: 'quarantined', outcome: said('information', 'informational', diagnostics) };
    }
    return repeated
      ? { kind: 'duplicate', outcome: said('information', 'duplicate', 'Stored by an earlier attempt.') }
      : { kind: 'accepted', outcome: said('information', 'informational', 'Stored.') };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'refused', outcome: error.outcome };
  }
}

function typeOf({ resourceType }: JsonObject): string {
  if (typeof resourceType === 'string' && known.has(resourceType)) return resourceType;
  throw Refusal.badRequest('structure', 'A line is one FHIR R4 resource as JSON, with its resourceType.');
}

function demand({ scopes }: ImportSender, type: string, mayUpdate: boolean): void {
  for (const interaction of mayUpdate ? (['c', 'u'] as const) : (['c'] as const)) {
    if (!allows(scopes, type, interaction))
      throw Refusal.of(
        403,
        'forbidden',
        `Your registration does not allow this: it needs system/${type}.${interaction}.`,
      );
  }
}

export const auditOf = (
  action: string,
  { provider: _, clientId, ...counts }: Pick<BulkImport, 'provider' | 'clientId' | keyof ImportCounts>,
  code: string,
): AuditRecord => ({
  recorded: new Date().toISOString(),
  event: 'import',
  action,
  agent: { kind: 'provider', id: clientId },
  outcome: { result: code === 'failed' ? 'failed' : 'allowed', code },
  entities: [{ type: 'line', count: counts.accepted + counts.refused + counts.quarantined + counts.duplicate }],
  purpose: 'TREAT',
});
