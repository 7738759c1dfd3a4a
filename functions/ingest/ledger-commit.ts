import { LakeError } from '../../adapters/ports/errors';
import type { SqlValue, StateTransaction } from '../../adapters/ports/state-database';
import { insertRows, rowsByKey } from '../many-rows';
import type { EntryOutcome, Expectation, LandedObject, LedgerEntry, LedgerRequest, RequestOutcome } from './ledger';
import { independentRuns, type Known, lookUp, tokenVersionOf } from './ledger-reads';
import { LedgerWrites } from './ledger-writes';

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

function judgeAll(request: LedgerRequest, known: Known): readonly Judged[] | RequestOutcome {
  const judged: Judged[] = [];
  // What earlier entries of the request make: a second entry with the same ifNoneExist means the resource of the first one, and
  // entries of a batch may write one resource in turn.
  const made = new Map<string, number>();
  for (const [index, entry] of request.entries.entries()) {
    const { row, id } = known.current(request, entry);
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

/** What becomes of one request, given what the ledger knows; what it writes goes to `writes`. */
function decide(
  request: LedgerRequest,
  known: Known,
  tokenVersion: number | undefined,
  recorded: string,
  writes: LedgerWrites,
): RequestOutcome {
  if (tokenVersion !== undefined && request.tokenVersion !== tokenVersion) return { kind: 'moved' };
  const earlier = known.earlier(request);
  if (earlier !== undefined) return earlier;
  const resolved = known.resolved(request);
  for (const [at, resolution] of request.resolutions.entries()) {
    const ids = resolved[at]!;
    if (ids.length !== resolution.ids.length || ids.some((id, index) => id !== resolution.ids[index]))
      return { kind: 'moved' };
  }
  const judged = judgeAll(request, known);
  if ('kind' in judged) return judged;
  const outcomes: EntryOutcome[] = [];
  for (const { entry, status, current, assignedId } of judged) {
    const makes = status <= 201 && entry.place !== undefined;
    if (makes) writes.version(request, entry, current + 1, recorded);
    outcomes.push({
      status,
      version: makes ? current + 1 : current,
      ...(assignedId === undefined ? {} : { assignedId }),
    });
  }
  writes.answer(request, outcomes, recorded);
  return { kind: 'committed', entries: outcomes, recorded, notes: request.notes };
}

/** A collector took an object for an orphan while its commit was on its way: the sender repeats the request. */
async function refuseCondemned(tx: StateTransaction, landed: readonly LandedObject[]): Promise<void> {
  const condemned = { table: 'orphan', key: 'object_key', columns: ['object_key'] };
  const keys = landed.map(({ key }) => key);
  if ((await rowsByKey(tx, condemned, [], keys)).size > 0)
    throw new LakeError('Unavailable', 'Landing took too long. Send the request again.', { retryAfterSeconds: 1 });
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
  const recorded = now.toISOString();
  const fenced = Promise.all([tokenVersionOf(tx), refuseCondemned(tx, landed)]);
  const outcomes: RequestOutcome[] = [];
  const committed = new Set<string>();
  // Begun and not waited for, as what comes after them runs after them all the same.
  const writing: Promise<unknown>[] = [];
  const begun = (write: Promise<unknown>): void => {
    // Awaited below; until then a failure must not count as one that nobody handles.
    write.catch(() => undefined);
    writing.push(write);
  };
  for (const run of independentRuns(requests)) {
    const [known, [tokenVersion]] = await Promise.all([lookUp(tx, run), fenced]);
    const writes = new LedgerWrites();
    for (const request of run) {
      const outcome = decide(request, known, tokenVersion, recorded, writes);
      if (outcome.kind !== 'moved') writes.audit(request.audit(outcome));
      if (outcome.kind === 'committed') committed.add(`${request.provider} ${request.requestId}`);
      outcomes.push(outcome);
    }
    begun(writes.begin(tx));
  }
  const unused = unusedLines(requests, outcomes);
  const leftovers: SqlValue[][] = [];
  const announced: SqlValue[][] = [];
  for (const { zone, key, provider, requestIds } of landed) {
    const real = requestIds.filter((requestId) => committed.has(`${provider} ${requestId}`));
    const refused =
      zone === 'landing'
        ? []
        : refusedEntries(provider, requests, outcomes).filter((one) => real.includes(one.split(' ')[0]!));
    const left =
      zone === 'landing' ? (unused.get(key) ?? []) : [...requestIds.filter((one) => !real.includes(one)), ...refused];
    if (left.length > 0) leftovers.push([zone, key, provider, JSON.stringify(left)]);
    if (real.length > 0) announced.push([zone, key, provider, JSON.stringify(real), JSON.stringify(refused), recorded]);
  }
  begun(insertRows(tx, 'INSERT INTO leftover (zone, object_key, provider, parts)', leftovers));
  begun(insertRows(tx, 'INSERT INTO outbox (zone, object_key, provider, request_ids, refused, recorded)', announced));
  await Promise.all([fenced, ...writing]);
  return outcomes;
}
