import { LakeError } from '../../adapters/ports/errors';
import type { OperationOutcomeIssue } from '../fhir/operation-outcome';
import type { IngestRequest } from './ingest-request';
import type { RequestOutcome } from './ledger';
import { Refusal } from './refusal';

/** What became of one entry, as the sender is told. */
export type EntryAnswer =
  | {
      readonly kind: 'stored';
      readonly status: 200 | 201;
      readonly type: string;
      readonly id: string | undefined;
      readonly version: number;
    }
  | { readonly kind: 'quarantined'; readonly tracking: string }
  | { readonly kind: 'refused'; readonly status: number; readonly issues: readonly OperationOutcomeIssue[] };

export interface IngestAnswer {
  readonly entries: readonly EntryAnswer[];
  readonly lastModified: string;
  /** True when this request id had been answered before: nothing was done again. */
  readonly repeated: boolean;
}

/**
 * What the sender is told of what the ledger made of a request.
 *
 * @param sentIds the sender's own id of each entry, as far as this attempt knows it; a repeat knows none
 * @throws Refusal 409 when the request id was used for another request, 409 or 412 when an atomic request met another version.
 */
export function ingestAnswer(
  { interaction }: Pick<IngestRequest, 'interaction'>,
  outcome: RequestOutcome,
  sentIds: readonly (string | undefined)[] = [],
): IngestAnswer {
  if (outcome.kind === 'reused') {
    throw Refusal.of(
      409,
      'duplicate',
      'This X-Request-ID was used before with another request. Use a new UUID for each request; repeat one only to repeat the same request.',
    );
  }
  if (outcome.kind === 'conflict') throw conflict(outcome.status, interaction.entries[outcome.entry]?.path);
  if (outcome.kind === 'moved')
    throw new LakeError('Unavailable', 'The resources this request depends on changed. Send it again.');
  const settled = JSON.parse(outcome.notes) as (EntryAnswer | null)[];
  const repeated = outcome.kind === 'repeated';
  if (interaction.atomic && settled[0]?.kind === 'quarantined')
    return { entries: settled as EntryAnswer[], lastModified: outcome.recorded, repeated };
  let next = 0;
  const entries = interaction.entries.map((entry, index): EntryAnswer => {
    const note = settled[index];
    if (note !== null && note !== undefined) return note;
    const { status, version, assignedId } = outcome.entries[next++]!;
    if (status !== 200 && status !== 201)
      return { kind: 'refused', status, issues: conflict(status, entry.path).issues };
    const id = assignedId ?? sentIds[index] ?? ('id' in entry.target ? entry.target.id : undefined);
    return { kind: 'stored', status, type: entry.type, id, version };
  });
  return { entries, lastModified: outcome.recorded, repeated };
}

/** Status codes as the national demographics service has them: missing If-Match 412, stale 409. */
function conflict(status: 409 | 412, path: string | undefined): Refusal {
  return status === 412
    ? Refusal.of(
        412,
        'conflict',
        'The resource exists. Say in If-Match which version you update; HEAD on it gives the current ETag.',
        path,
      )
    : Refusal.of(
        409,
        'conflict',
        'The resource is not at the version you expect. HEAD on it gives the current ETag; look at what changed and send again.',
        path,
      );
}
