import type { StateTransaction } from '../../adapters/ports/state-database';
import { placeholders, portions } from '../many-rows';
import { digestVersionOf } from '../privacy/tokens';
import type { EntryOutcome, IdentifierToken, LedgerEntry, LedgerRequest, RequestOutcome } from './ledger';

interface Answer {
  readonly request_id: string;
  readonly answer: string;
  readonly recorded: string;
  readonly notes: string;
  readonly digest: string;
}

function answerOf(row: Answer, digests: readonly string[]): RequestOutcome {
  if (!digests.includes(row.digest))
    // Made by a key that the asker has not seen yet.
    return { kind: digestVersionOf(row.digest) > digestVersionOf(digests[0]!) ? 'moved' : 'reused' };
  return {
    kind: 'repeated',
    entries: JSON.parse(row.answer) as EntryOutcome[],
    recorded: row.recorded,
    notes: row.notes,
  };
}

/** What request ids of a provider were answered with; those that were not used before are not there. */
async function answersTo(tx: StateTransaction, provider: string, requestIds: readonly string[]): Promise<Answer[]> {
  const found = portions(requestIds).map((ids) =>
    tx.query<Answer>(
      `SELECT request_id, digest, answer, notes, recorded FROM request WHERE provider = ? AND request_id IN (${placeholders(ids.length)})`,
      [provider, ...ids],
    ),
  );
  return (await Promise.all(found)).flat();
}

export async function findRequest(
  tx: StateTransaction,
  provider: string,
  requestId: string,
  digests: readonly string[],
): Promise<RequestOutcome | undefined> {
  const [row] = await answersTo(tx, provider, [requestId]);
  return row === undefined ? undefined : answerOf(row, digests);
}

export async function idsOf(
  tx: StateTransaction,
  provider: string,
  { type, token }: IdentifierToken,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'SELECT id FROM identifier WHERE provider = ? AND type = ? AND token = ? ORDER BY id LIMIT 3',
    [provider, type, token],
  );
  return rows.map((row) => row.id);
}

interface Current {
  readonly id: string;
  readonly version: number;
  readonly assigned_id: string | null;
}

/** What the ledger says of all that a few requests ask for. */
export interface Known {
  earlier(request: LedgerRequest): RequestOutcome | undefined;
  /** Ids that carry each of the identifiers it resolved, in its order. */
  resolved(request: LedgerRequest): readonly (readonly string[])[];
  /** The resource as the ledger has it: while the pseudonym key is rotated it may still go by the id of the key before. */
  current(request: LedgerRequest, entry: LedgerEntry): { readonly id: string; readonly row: Current | undefined };
}

const placeOf = (provider: string, kind: string): string => `${provider} ${kind}`;

/** Keys by the provider, or by provider and type, that they are asked for under. */
function grouped(keys: Iterable<readonly [place: string, key: string]>): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const [place, key] of keys) groups.set(place, (groups.get(place) ?? new Set()).add(key));
  return new Map([...groups].map(([place, set]) => [place, [...set]]));
}

/** All at once: over a network each question would else wait for the answer to the one before. */
export async function lookUp(tx: StateTransaction, requests: readonly LedgerRequest[]): Promise<Known> {
  const requestIds = grouped(requests.map(({ provider, requestId }) => [provider, requestId]));
  const resources = grouped(
    requests.flatMap(({ provider, entries }) =>
      entries.flatMap(({ type, id, formerId }) => {
        const place = placeOf(provider, type);
        return formerId === undefined ? [[place, id] as const] : [[place, id] as const, [place, formerId] as const];
      }),
    ),
  );
  const answers = new Map<string, Answer>();
  const rows = new Map<string, Current>();
  const resolved = new Map<LedgerRequest, readonly (readonly string[])[]>();
  await Promise.all([
    ...[...requestIds].map(async ([provider, ids]) => {
      for (const row of await answersTo(tx, provider, ids)) answers.set(placeOf(provider, row.request_id), row);
    }),
    ...[...resources].flatMap(([place, all]) => {
      const [provider, type] = place.split(' ') as [string, string];
      return portions(all).map(async (ids) => {
        const found = await tx.query<Current>(
          `SELECT id, version, assigned_id FROM resource WHERE provider = ? AND type = ? AND id IN (${placeholders(ids.length)})`,
          [provider, type, ...ids],
        );
        for (const row of found) rows.set(`${place} ${row.id}`, row);
      });
    }),
    ...requests.map(async (request) => {
      const { provider, resolutions } = request;
      resolved.set(request, await Promise.all(resolutions.map((resolution) => idsOf(tx, provider, resolution))));
    }),
  ]);
  return {
    earlier: ({ provider, requestId, digests }) => {
      const row = answers.get(placeOf(provider, requestId));
      return row === undefined ? undefined : answerOf(row, digests);
    },
    resolved: (request) => resolved.get(request) ?? [],
    current: ({ provider }, { type, id, formerId }) => {
      for (const one of formerId === undefined ? [id] : [id, formerId]) {
        const row = rows.get(`${placeOf(provider, type)} ${one}`);
        if (row !== undefined) return { id: one, row };
      }
      return { id, row: undefined };
    },
  };
}

/**
 * Requests in their order, in runs of those that cannot see what another of the run writes: a run is looked up at once. Where
 * one resolved an identifier, any earlier write to its provider and type ends the run.
 */
export function independentRuns(requests: readonly LedgerRequest[]): (readonly LedgerRequest[])[] {
  const runs: LedgerRequest[][] = [];
  let written = new Set<string>();
  for (const request of requests) {
    const { provider, requestId, entries, resolutions } = request;
    const own = [`request ${provider} ${requestId}`];
    for (const { type, id, formerId } of entries)
      for (const one of formerId === undefined ? [id] : [id, formerId]) own.push(`resource ${provider} ${type} ${one}`);
    const types = ({ type }: { readonly type: string }): string => `type ${provider} ${type}`;
    if (
      runs.length === 0 ||
      own.some((name) => written.has(name)) ||
      resolutions.map(types).some((name) => written.has(name))
    ) {
      runs.push([]);
      written = new Set();
    }
    runs.at(-1)!.push(request);
    for (const name of [...own, ...entries.map(types)]) written.add(name);
  }
  return runs;
}

/** Version of the newest pseudonym key; what an older one made must not be written any more. */
export async function tokenVersionOf(tx: StateTransaction): Promise<number | undefined> {
  const [row] = await tx.query<{ version: number | null }>(
    "SELECT max(version) AS version FROM wrapped_key WHERE name = 'pseudonym'",
  );
  return row?.version ?? undefined;
}
