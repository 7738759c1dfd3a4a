import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { PostgresStateDatabase } from '../../adapters/postgres/postgres-state-database';
import { auditStore } from '../../functions/audit/audit-log';
import type { LedgerRequest } from '../../functions/ingest/ledger';
import { ledgerStore } from '../../functions/ingest/ledger-store';
import { wrappedKeyStore } from '../../functions/ingest/wrapped-key-store';
import { describeOver } from '../support/given-servers';

const provider = 'L99001';

function create(): LedgerRequest {
  const id = randomUUID();
  return {
    ...{
      provider,
      requestId: randomUUID(),
      digests: ['1.d'],
      tokenVersion: 1,
      atomic: true,
      resolutions: [],
      notes: '[]',
    },
    entries: [
      {
        ...{ type: 'Observation', id, formerId: undefined, expectation: { kind: 'absent' }, retention: 'general' },
        ...{ place: { segment: 's', line: 0 }, patientRef: undefined, identifiers: [id], assignedId: id },
      },
    ],
    audit: () => ({
      ...{ recorded: new Date().toISOString(), event: 'create', action: 'POST {type}', purpose: 'TREAT' },
      ...{ agent: { kind: 'provider', id: provider }, outcome: { result: 'allowed', code: 'committed' } },
    }),
  };
}

/** A table that was never analysed, as that of a new lake in its first minute: the planner believes what it likes. */
describeOver('the ledger of one provider in PostgreSQL', ['postgres'], ({ postgres }) => {
  const name = `lake_reads_${randomBytes(6).toString('hex')}`;
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  const administer = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: postgres.href });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  /** What it read is counted when it has left. */
  const inSession = async <Result>(work: (database: PostgresStateDatabase) => Promise<Result>): Promise<Result> => {
    const database = new PostgresStateDatabase({ connectionString: url.href, connections: 2 });
    return work(database).finally(() => database.close());
  };
  before(async () => {
    await administer(`CREATE DATABASE ${name}`);
    await inSession(async (database) => {
      for (const { migrations } of [ledgerStore, auditStore, wrappedKeyStore]) await database.migrate(migrations);
    });
  });
  after(() => administer(`DROP DATABASE ${name} WITH (FORCE)`));

  it('a commit and a look read rows in proportion to what they ask for, not to what the provider has sent', async () => {
    const groups = 60;
    await inSession(async (database) => {
      const ledger = ledgerStore.open(database);
      for (let group = 0; group < groups; group += 1) {
        const requests = Array.from({ length: 25 }, create);
        const asked = requests.map(({ requestId, digests }) => ledger.request(provider, requestId, digests));
        assert((await Promise.all(asked)).every((answer) => answer === undefined));
        const outcomes = await ledger.commit(requests, [], new Date());
        assert(outcomes.every(({ kind }) => kind === 'committed'));
      }
    });
    const counted = () =>
      inSession(async (database) => {
        const [sums] = await database.snapshot((tx) =>
          tx.query<{ written: number; read: number }>(
            `SELECT sum(n_tup_ins) AS written, sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS read
             FROM pg_stat_user_tables WHERE relname IN ('request', 'resource')`,
          ),
        );
        return sums!;
      });
    let { written, read } = await counted();
    for (let wait = 0; written < groups * 50 && wait < 100; wait += 1) {
      await setTimeout(100);
      ({ written, read } = await counted());
    }
    assert.equal(written, groups * 50);
    assert(read < written, `${read} rows were read`);
  });
});
