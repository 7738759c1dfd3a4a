import type { SqlRow, StateTransaction } from '../../adapters/ports/state-database';
import type { Found } from '../gathered-looks';
import { rowsByKey } from '../many-rows';
import { digestVersionOf } from '../privacy/tokens';
import type { EntryOutcome, IdentifierToken, LedgerEntry, LedgerRequest, RequestOutcome } from './ledger';

interface Answer {
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

/** A request id of a provider, with the digests of what it stands for now. */
export type AskedRequest = Pick<LedgerRequest, 'provider' | 'requestId' | 'digests'>;

const requestPlace = { table: 'request', where: 'provider = ?', key: 'request_id', columns: ['digest'] };

/** What request ids were answered with; undefined for those that were not used before, as nearly all are not. */
export async function answersTo(
  tx: StateTransaction,
  asked: readonly AskedRequest[],
): Promise<Found<AskedRequest, RequestOutcome | undefined>> {
  const answers = new Map<string, Answer>();
  const find = async ([provider, ids]: readonly [string, readonly string[]]): Promise<void> => {
    for (const id of (await rowsByKey(tx, requestPlace, [provider], ids)).keys()) {
      const [row] = await tx.query<Answer>(
        'SELECT digest, answer, notes, recorded FROM request WHERE provider = ? AND request_id = ?',
        [provider, id],
      );
      if (row !== undefined) answers.set(`${provider} ${id}`, row);
    }
  };
  await Promise.all([...grouped(asked.map(({ provider, requestId }) => [provider, requestId]))].map(find));
  return ({ provider, requestId, digests }) => {
    const row = answers.get(`${provider} ${requestId}`);
    return row === undefined ? undefined : answerOf(row, digests);
  };
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

interface Current extends SqlRow {
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

const resourcePlace = {
  ...{ table: 'resource', where: 'provider = ? AND type = ?', key: 'id' },
  columns: ['version', 'assigned_id'],
};

const placeOf = (provider: string, kind: string): string => `${provider} ${kind}`;

/** Keys by the provider, or by provider and type, that they are asked for under. */
function grouped(keys: Iterable<readonly [place: string, key: string]>): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const [place, key] of keys) groups.set(place, (groups.get(place) ?? new Set()).add(key));
  return new Map([...groups].map(([place, set]) => [place, [...set]]));
}

/** All at once: over a network each question would else wait for the answer to the one before. */
export async function lookUp(tx: StateTransaction, requests: readonly LedgerRequest[]): Promise<Known> {
  const resources = grouped(
    requests.flatMap(({ provider, entries }) =>
      entries.flatMap(({ type, id, formerId }) => {
        const place = placeOf(provider, type);
        return formerId === undefined ? [[place, id] as const] : [[place, id] as const, [place, formerId] as const];
      }),
    ),
  );
  const rows = new Map<string, Current>();
  const resolved = new Map<LedgerRequest, readonly (readonly string[])[]>();
  const [earlier] = await Promise.all([
    answersTo(tx, requests),
    ...[...resources].map(async ([place, ids]) => {
      const found = await rowsByKey<Current>(tx, resourcePlace, place.split(' '), ids);
      for (const [id, row] of found) rows.set(`${place} ${id}`, row);
    }),
    ...requests.map(async (request) => {
      const { provider, resolutions } = request;
      resolved.set(request, await Promise.all(resolutions.map((resolution) => idsOf(tx, provider, resolution))));
    }),
  ]);
  return {
    earlier,
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
