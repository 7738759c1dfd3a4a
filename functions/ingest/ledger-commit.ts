import { LakeError } from '../../adapters/ports/errors';
import type { SqlValue, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit } from '../audit/audit-log';
import { digestVersionOf } from '../privacy/tokens';
import type {
  EntryOutcome,
  Expectation,
  IdentifierToken,
  LandedObject,
  LedgerEntry,
  LedgerRequest,
  RequestOutcome,
} from './ledger';

const selectCurrent = 'SELECT version, assigned_id FROM resource WHERE provider = ? AND type = ? AND id = ?';

function answerOf(
  row: { answer: string; recorded: string; notes: string; digest: string },
  digests: readonly string[],
): RequestOutcome {
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

export async function findRequest(
  tx: StateTransaction,
  provider: string,
  requestId: string,
  digests: readonly string[],
) {
  const [row] = await tx.query<{ answer: string; recorded: string; notes: string; digest: string }>(
    'SELECT digest, answer, notes, recorded FROM request WHERE provider = ? AND request_id = ?',
    [provider, requestId],
  );
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

/** The status an entry would get; `moved` when what was resolved is no longer there. */
function judge(expectation: Expectation, current: number | undefined): EntryOutcome['status'] | 'moved' {
  if (expectation.kind === 'exists') return current === undefined ? 'moved' : 200;
  if (current === undefined) return expectation.kind === 'match' && expectation.version !== undefined ? 409 : 201;
  if (expectation.kind === 'any') return 200;
  if (expectation.kind === 'absent') return 409;
  if (expectation.version === undefined) return 412;
  return expectation.version === current ? 200 : 409;
}

interface Judged {
  readonly entry: LedgerEntry;
  readonly status: EntryOutcome['status'];
  readonly current: number;
  readonly assignedId: string | undefined;
}

/** The resource as the ledger has it: while the pseudonym key is rotated it may still go by the id of the key before. */
async function currentOf(tx: StateTransaction, provider: string, { type, id, formerId }: LedgerEntry) {
  for (const one of formerId === undefined ? [id] : [id, formerId]) {
    const [row] = await tx.query<{ version: number; assigned_id: string | null }>(selectCurrent, [provider, type, one]);
    if (row !== undefined) return { row, id: one };
  }
  return { row: undefined, id };
}

/** Version of the newest pseudonym key; what an older one made must not be written any more. */
async function tokenVersionOf(tx: StateTransaction): Promise<number | undefined> {
  const [row] = await tx.query<{ version: number | null }>(
    "SELECT max(version) AS version FROM wrapped_key WHERE name = 'pseudonym'",
  );
  return row?.version ?? undefined;
}

function judgeAll(
  request: LedgerRequest,
  found: readonly Awaited<ReturnType<typeof currentOf>>[],
): readonly Judged[] | RequestOutcome {
  const judged: Judged[] = [];
  // What earlier entries of the request make: a second entry with the same ifNoneExist means the resource of the first one, and
  // entries of a batch may write one resource in turn.
  const made = new Map<string, number>();
  for (const [index, entry] of request.entries.entries()) {
    const { row, id } = found[index]!;
    const name = `${entry.type}/${id}`;
    const current = made.get(name) ?? row?.version;
    const status = judge(entry.expectation, current);
    if (status === 'moved') return { kind: 'moved' };
    if ((status === 409 || status === 412) && request.atomic) return { kind: 'conflict', entry: index, status };
    if (status <= 201 && entry.place !== undefined) made.set(name, (current ?? 0) + 1);
    judged.push({
      entry: { ...entry, id },
      status,
      current: current ?? 0,
      assignedId: entry.assignedId ?? row?.assigned_id ?? undefined,
    });
  }
  return judged;
}

/**
 * Takes a write that was begun: it runs before every statement begun after it, so nobody needs to wait for its answer until the
 * whole group is done.
 */
type Later = (write: Promise<unknown>) => void;

async function commitOne(
  tx: StateTransaction,
  request: LedgerRequest,
  tokenVersion: number | undefined,
  recorded: string,
  later: Later,
): Promise<RequestOutcome> {
  if (tokenVersion !== undefined && request.tokenVersion !== tokenVersion) return { kind: 'moved' };
  const { provider } = request;
  // All at once: over a network each would wait for the answer to the one before.
  const [earlier, resolved, current] = await Promise.all([
    findRequest(tx, provider, request.requestId, request.digests),
    Promise.all(request.resolutions.map((resolution) => idsOf(tx, provider, resolution))),
    Promise.all(request.entries.map((entry) => currentOf(tx, provider, entry))),
  ]);
  if (earlier !== undefined) return earlier;
  for (const [at, resolution] of request.resolutions.entries()) {
    const ids = resolved[at]!;
    if (ids.length !== resolution.ids.length || ids.some((id, index) => id !== resolution.ids[index]))
      return { kind: 'moved' };
  }
  const judged = judgeAll(request, current);
  if ('kind' in judged) return judged;
  const outcomes: EntryOutcome[] = [];
  const written: Promise<unknown>[] = [];
  for (const { entry, status, current: before, assignedId } of judged) {
    const writes = status <= 201 && entry.place !== undefined;
    if (writes) written.push(...writeVersion(tx, request, entry, before + 1, recorded));
    outcomes.push({
      status,
      version: writes ? before + 1 : before,
      ...(assignedId === undefined ? {} : { assignedId }),
    });
  }
  written.push(
    tx.run('INSERT INTO request (provider, request_id, digest, answer, notes, recorded) VALUES (?, ?, ?, ?, ?, ?)', [
      ...[request.provider, request.requestId, request.digests[0]!, JSON.stringify(outcomes)],
      ...[request.notes, recorded],
    ]),
  );
  later(Promise.all(written));
  return { kind: 'committed', entries: outcomes, recorded, notes: request.notes };
}

/** Its statements, begun in their order, which the database keeps. */
function writeVersion(
  tx: StateTransaction,
  { provider, requestId }: LedgerRequest,
  entry: LedgerEntry,
  version: number,
  recorded: string,
): Promise<number>[] {
  const statements: Promise<number>[] = [];
  const run = (sql: string, parameters: readonly SqlValue[]) => statements.push(tx.run(sql, parameters));
  const key = [provider, entry.type, entry.id];
  if (version === 1) {
    run('INSERT INTO resource (provider, type, id, version, assigned_id) VALUES (?, ?, ?, 1, ?)', [
      ...key,
      entry.assignedId ?? null,
    ]);
  } else {
    run('UPDATE resource SET version = ? WHERE provider = ? AND type = ? AND id = ?', [version, ...key]);
    run('DELETE FROM identifier WHERE provider = ? AND type = ? AND id = ?', key);
  }
  run(
    `INSERT INTO version (provider, type, id, version, segment, line, last_updated, patient_ref, retention, request_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[...key, version, entry.place!.segment, entry.place!.line, recorded],
      ...[entry.patientRef ?? null, entry.retention, requestId],
    ],
  );
  for (const token of entry.identifiers) {
    run('INSERT INTO identifier (provider, type, token, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', [
      provider,
      entry.type,
      token,
      entry.id,
    ]);
  }
  return statements;
}

/** A collector took an object for an orphan while its commit was on its way: the sender repeats the request. */
async function refuseCondemned(tx: StateTransaction, landed: readonly LandedObject[]): Promise<void> {
  for (const { key } of landed) {
    const found = await tx.query('SELECT 1 AS one FROM orphan WHERE object_key = ?', [key]);
    if (found.length > 0)
      throw new LakeError('Unavailable', 'Landing took too long. Send the request again.', { retryAfterSeconds: 1 });
  }
}

/** Lines of landed segments that no version points to: of requests and of batch entries that were refused. */
function unusedLines(requests: readonly LedgerRequest[], outcomes: readonly RequestOutcome[]): Map<string, number[]> {
  const unused = new Map<string, number[]>();
  for (const [index, { entries }] of requests.entries()) {
    const outcome = outcomes[index]!;
    for (const [entry, { place }] of entries.entries()) {
      if (place === undefined) continue;
      if (outcome.kind === 'committed' && outcome.entries[entry]!.status <= 201) continue;
      unused.set(place.segment, [...(unused.get(place.segment) ?? []), place.line]);
    }
  }
  return unused;
}

/** `<request id> <entry>` of the entries that committed requests of a provider had refused. */
function refusedEntries(
  provider: string,
  requests: readonly LedgerRequest[],
  outcomes: readonly RequestOutcome[],
): readonly string[] {
  return requests.flatMap((request, index) => {
    const outcome = outcomes[index]!;
    if (request.provider !== provider || outcome.kind !== 'committed') return [];
    return outcome.entries.flatMap(({ status }, entry) => (status > 201 ? [`${request.requestId} ${entry}`] : []));
  });
}

/** Commits a group of requests in one transaction: each is judged by itself, all become true together. */
export async function commitGroup(
  tx: StateTransaction,
  requests: readonly LedgerRequest[],
  landed: readonly LandedObject[],
  now: Date,
): Promise<readonly RequestOutcome[]> {
  await refuseCondemned(tx, landed);
  const recorded = now.toISOString();
  const outcomes: RequestOutcome[] = [];
  const committed = new Set<string>();
  const tokenVersion = await tokenVersionOf(tx);
  const writes: Promise<unknown>[] = [];
  const later: Later = (write) => {
    // Awaited below; until then a failure must not count as one that nobody handles.
    write.catch(() => undefined);
    writes.push(write);
  };
  for (const request of requests) {
    const outcome = await commitOne(tx, request, tokenVersion, recorded, later);
    if (outcome.kind !== 'moved') later(appendAudit(tx, request.audit(outcome)));
    if (outcome.kind === 'committed') committed.add(`${request.provider} ${request.requestId}`);
    outcomes.push(outcome);
  }
  await Promise.all(writes);
  const unused = unusedLines(requests, outcomes);
  for (const { zone, key, provider, requestIds } of landed) {
    const real = requestIds.filter((requestId) => committed.has(`${provider} ${requestId}`));
    const refused =
      zone === 'landing'
        ? []
        : refusedEntries(provider, requests, outcomes).filter((one) => real.includes(one.split(' ')[0]!));
    const left =
      zone === 'landing' ? (unused.get(key) ?? []) : [...requestIds.filter((one) => !real.includes(one)), ...refused];
    if (left.length > 0) {
      await tx.run('INSERT INTO leftover (zone, object_key, provider, parts) VALUES (?, ?, ?, ?)', [
        zone,
        key,
        provider,
        JSON.stringify(left),
      ]);
    }
    if (real.length === 0) continue;
    await tx.run(
      'INSERT INTO outbox (zone, object_key, provider, request_ids, refused, recorded) VALUES (?, ?, ?, ?, ?, ?)',
      [zone, key, provider, JSON.stringify(real), JSON.stringify(refused), recorded],
    );
  }
  return outcomes;
}
