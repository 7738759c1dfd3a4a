import { STATUS_CODES } from 'node:http';
import { isLakeError } from '../../../adapters/ports/errors';
import { type OperationOutcomeIssue, operationOutcome } from '../../fhir/operation-outcome';
import type { EntryAnswer, IngestAnswer } from '../ingest-answer';
import type { Interaction } from '../interaction';
import { isRefusal, Refusal } from '../refusal';

const fhirJson = 'application/fhir+json; charset=utf-8';

export const fhirResponse = (
  status: number,
  body: object | undefined,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { ...(body === undefined ? {} : { 'content-type': fhirJson }), 'cache-control': 'no-store', ...headers },
  });

const etag = (version: number): string => `W/"${version}"`;

/** A quarantined message is taken, not stored: 202, a tracking id, no Location (design section 13). */
export function heldOutcome(tracking: string): object {
  return operationOutcome([
    {
      severity: 'information',
      code: 'informational',
      diagnostics: `Held for review, nothing is lost. Quote tracking id ${tracking} to the operator of the lake; do not send it again.`,
    },
  ]);
}

type Advice = readonly OperationOutcomeIssue[];

const storedOutcome = (advice: Advice): object =>
  operationOutcome([{ severity: 'information', code: 'informational', diagnostics: 'Stored.' }, ...advice]);

function single(answer: EntryAnswer, base: string, lastModified: string, advice: Advice | undefined): Response {
  if (answer.kind === 'quarantined') return fhirResponse(202, heldOutcome(answer.tracking));
  if (answer.kind === 'refused') throw new Refusal(answer.status, answer.issues);
  const headers: Record<string, string> = {
    etag: etag(answer.version),
    'last-modified': new Date(lastModified).toUTCString(),
  };
  if (answer.id !== undefined) headers.location = `${base}/${answer.type}/${answer.id}/_history/${answer.version}`;
  return fhirResponse(answer.status, advice === undefined ? undefined : storedOutcome(advice), headers);
}

function entryOf(answer: EntryAnswer, lastModified: string, advice: Advice | undefined): object {
  if (answer.kind === 'quarantined')
    return { response: { status: '202 Accepted', outcome: heldOutcome(answer.tracking) } };
  if (answer.kind === 'refused') {
    return {
      response: {
        status: `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trim(),
        outcome: operationOutcome(answer.issues),
      },
    };
  }
  const location =
    answer.id === undefined ? {} : { location: `${answer.type}/${answer.id}/_history/${answer.version}` };
  return {
    response: {
      status: answer.status === 201 ? '201 Created' : '200 OK',
      ...location,
      etag: etag(answer.version),
      lastModified,
      ...(advice === undefined ? {} : { outcome: storedOutcome(advice) }),
    },
  };
}

/**
 * The answer of an interaction as HTTP: one resource by headers, Bundles as a transaction-response. With advice for each entry,
 * what is stored has an OperationOutcome.
 */
export function answerResponse(
  interaction: Interaction,
  answer: IngestAnswer,
  base: string,
  advice: readonly Advice[] | undefined,
): Response {
  const [first] = answer.entries;
  if (interaction.kind === 'create' || interaction.kind === 'update' || interaction.kind === 'document')
    return single(first!, base, answer.lastModified, advice?.[0]);
  if (interaction.atomic && first?.kind === 'quarantined') return fhirResponse(202, heldOutcome(first.tracking));
  const type = interaction.kind === 'batch' ? 'batch-response' : 'transaction-response';
  return fhirResponse(200, {
    resourceType: 'Bundle',
    type,
    entry: answer.entries.map((entry, index) => entryOf(entry, answer.lastModified, advice?.[index])),
  });
}

/** Every error of the FHIR base is an OperationOutcome; what was not foreseen says only that it was not. */
export function errorResponse(error: unknown): Response {
  if (isRefusal(error)) return fhirResponse(error.status, error.outcome, error.headers);
  const issue = (code: OperationOutcomeIssue['code'], diagnostics: string): object =>
    operationOutcome([{ severity: 'error', code, diagnostics }]);
  if (isLakeError(error, 'Unavailable')) {
    const seconds = String(error.retryAfterSeconds ?? 5);
    return fhirResponse(
      503,
      issue(
        'transient',
        'The lake cannot store right now; nothing of this request was kept. Send it again with the same X-Request-ID.',
      ),
      { 'retry-after': seconds },
    );
  }
  return fhirResponse(
    500,
    issue(
      'exception',
      'The lake failed on this request; nothing of it was acknowledged. Send it again with the same X-Request-ID, and tell the operator if it fails again.',
    ),
  );
}
