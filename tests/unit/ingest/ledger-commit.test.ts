import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { auditStore } from '../../../functions/audit/audit-log';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import type { Expectation, Ledger, LedgerEntry, LedgerRequest, Resolution } from '../../../functions/ingest/ledger';
import { ledgerStore } from '../../../functions/ingest/ledger-store';
import { wrappedKeyStore } from '../../../functions/ingest/wrapped-key-store';
import { portions } from '../../../functions/many-rows';

const provider = 'L99001';
const now = new Date('2026-11-21T12:00:00.000Z');

const entryOf = (id: string, expectation: Expectation = { kind: 'any' }, identifiers: string[] = []): LedgerEntry => ({
  ...{ type: 'Observation', id, formerId: undefined, expectation, place: { segment: 's', line: 0 } },
  ...{ patientRef: undefined, retention: 'general', identifiers, assignedId: undefined },
});

const requestOf = (
  requestId: string,
  entries: readonly LedgerEntry[],
  resolutions: readonly Resolution[] = [],
): LedgerRequest => ({
  ...{ provider, requestId, digests: ['1.d'], tokenVersion: 1, atomic: true, entries, resolutions, notes: '[]' },
  audit: () => record,
});

const record: AuditRecord = {
  recorded: now.toISOString(),
  event: 'create',
  action: 'POST /FHIR/R4/{type}',
  agent: { kind: 'provider', id: provider },
  outcome: { result: 'allowed', code: 'created' },
  purpose: 'TREAT',
};

describe('a group of requests in one commit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-ledger-'));
  const database = new SqliteStateDatabase(join(folder, 'lake.sqlite'));
  let ledger: Ledger;
  before(async () => {
    for (const { migrations } of [ledgerStore, auditStore, wrappedKeyStore]) await database.migrate(migrations);
    ledger = ledgerStore.open(database);
  });
  after(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const commit = async (...requests: LedgerRequest[]) =>
    (await ledger.commit(requests, [], now)).map((outcome) =>
      'entries' in outcome
        ? [outcome.kind, ...outcome.entries.map(({ status, version }) => `${status} ${version}`)]
        : [outcome.kind],
    );
  const resolve = async (token: string) => (await ledger.resolve(provider, [{ type: 'Observation', token }]))[0]!.ids;

  it('sees in a later request what an earlier one wrote: resource, request id', async () => {
    const absent: Expectation = { kind: 'absent' };
    assert.deepEqual(
      await commit(
        requestOf('a1', [entryOf('a')]),
        requestOf('a2', [entryOf('b')]),
        requestOf('a3', [entryOf('a')]),
        requestOf('a1', [entryOf('c')]),
        requestOf('a4', [entryOf('a', absent)]),
        requestOf('a5', [entryOf('a', { kind: 'match', version: 2 })]),
      ),
      [
        ['committed', '201 1'],
        ['committed', '201 1'],
        ['committed', '200 2'],
        ['repeated', '201 1'],
        ['conflict'],
        ['committed', '200 3'],
      ],
    );
    assert.equal((await ledger.head(provider, 'Observation', 'a'))?.version, 3);
    assert.equal(await ledger.head(provider, 'Observation', 'c'), undefined);
  });

  it('an identifier resolved to nobody has moved when an earlier request of the group carries it', async () => {
    const nobody: Resolution = { type: 'Observation', token: 't1', ids: [] };
    assert.deepEqual(
      await commit(
        requestOf('i1', [entryOf('i', { kind: 'any' }, ['t1'])]),
        requestOf('i2', [entryOf('j', { kind: 'absent' }, ['t1'])], [nobody]),
      ),
      [['committed', '201 1'], ['moved']],
    );
    assert.deepEqual(await resolve('t1'), ['i']);
  });

  it('a resource written twice in one request has both versions, the last one is current and its identifiers alone are left', async () => {
    const first = entryOf('w', { kind: 'any' }, ['first']);
    const second = entryOf('w', { kind: 'any' }, ['second']);
    assert.deepEqual(await commit(requestOf('w1', [first, second])), [['committed', '201 1', '200 2']]);
    assert.deepEqual(await resolve('first'), []);
    assert.deepEqual(await resolve('second'), ['w']);
    assert.deepEqual(await commit(requestOf('w2', [first, second, first])), [['committed', '200 3', '200 4', '200 5']]);
    assert.deepEqual(await resolve('second'), []);
    assert.deepEqual(await resolve('first'), ['w']);
    assert.deepEqual(
      (await ledger.versionsOf('s'))
        .filter(({ id }) => id === 'w')
        .map(({ version }) => version)
        .sort(),
      [1, 2, 3, 4, 5],
    );
  });

  it('any number of requests: each has its version and its record', async () => {
    const before = await ledger.totals();
    const requests = Array.from({ length: 151 }, (_, index) =>
      requestOf(`m${index}`, [entryOf(`m${index}`, { kind: 'absent' }, [`m${index}`])]),
    );
    assert((await commit(...requests)).every(([kind]) => kind === 'committed'));
    const after = await ledger.totals();
    assert.deepEqual(
      [after.requests - before.requests, after.resources - before.resources, after.versions - before.versions],
      [151, 151, 151],
    );
    assert.deepEqual(await resolve('m150'), ['m150']);
  });

  it('portions keep every item once and in order, in few sizes', () => {
    for (let count = 0; count < 200; count += 1) {
      const items = Array.from({ length: count }, (_, index) => index);
      assert.deepEqual(portions(items).flat(), items);
      for (const portion of portions(items)) assert([1, 2, 4, 8, 16, 32, 64].includes(portion.length));
    }
  });
});
