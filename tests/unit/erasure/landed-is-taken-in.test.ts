import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { landedIsTakenIn } from '../../../functions/erasure/landed-is-taken-in';
import type { Ledger } from '../../../functions/ingest/ledger';
import { ledgerStore } from '../../../functions/ingest/ledger-store';

describe('An erasure waits for what landed before it', () => {
  const now = new Date('2026-01-01T00:00:00.000Z');
  const never = new AbortController().signal;
  let folder: string;
  let database: SqliteStateDatabase;
  let ledger: Ledger;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lake-taken-in-'));
    database = new SqliteStateDatabase(join(folder, 'ledger.sqlite'));
    await database.migrate(ledgerStore.migrations);
    ledger = ledgerStore.open(database);
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  const land = (key: string) =>
    database.transaction((transaction) =>
      transaction.run(
        "INSERT INTO outbox (zone, object_key, provider, request_ids, recorded) VALUES ('landing', ?, 'A1B2C', '[]', ?)",
        [key, now.toISOString()],
      ),
    );

  it('until it is taken in, and not for what lands meanwhile', async () => {
    await landedIsTakenIn(ledger, never);
    await land('before');
    let over = false;
    const waiting = landedIsTakenIn(ledger, never).then(() => {
      over = true;
    });
    await setTimeout(20);
    await land('after');
    assert.equal(over, false);
    await ledger.published([1], now);
    await waiting;
    assert.deepEqual(await ledger.untold(), { count: 1, newest: 2 });
  });

  it('and says what to do where an event of it is given up, as to wait would never end', async () => {
    await land('given-up');
    await ledger.notPublished(1, undefined, now);
    await assert.rejects(landedIsTakenIn(ledger, never), { code: 'PreconditionFailed', message: /`lake redrive`/ });
    assert.equal(await ledger.redrive(), 1);
    await ledger.published([1], now);
    await landedIsTakenIn(ledger, never);
  });

  it('and ends with the run that it is of', async () => {
    await land('a');
    const ended = new AbortController();
    const waiting = landedIsTakenIn(ledger, ended.signal);
    ended.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });
});
