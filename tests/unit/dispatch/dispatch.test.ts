import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import { LakeError } from '../../../adapters/ports/errors';
import type { Events, LakeEvent } from '../../../adapters/ports/events';
import { attemptsOfAnEvent, dispatch } from '../../../functions/dispatch/dispatch';
import type { LandedObject, Ledger } from '../../../functions/ingest/ledger';
import { ledgerStore } from '../../../functions/ingest/ledger-store';

const hour = 3_600_000;

describe('Events: outbox and CloudEvents over HTTP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-dispatch-'));
  let database: SqliteStateDatabase;
  let ledger: Ledger;
  let now: number;
  let files = 0;
  const clock = { now: () => new Date(now) };
  beforeEach(async () => {
    now = Date.parse('2026-01-01T00:00:00.000Z');
    files += 1;
    database = new SqliteStateDatabase(join(folder, `${files}.sqlite`));
    await database.migrate(ledgerStore.migrations);
    ledger = ledgerStore.open(database);
  });
  afterEach(() => database.close());
  after(() => rmSync(folder, { recursive: true }));

  const land = (...keys: string[]) =>
    database.transaction(async (transaction) => {
      for (const key of keys)
        await transaction.run(
          'INSERT INTO outbox (zone, object_key, provider, request_ids, recorded) VALUES (?, ?, ?, ?, ?)',
          [key.startsWith('identity/') ? 'identity' : 'landing', key, 'A1B2C', '["r"]', clock.now().toISOString()],
        );
    });
  const keyOf = ({ data }: LakeEvent): string => (data as LandedObject).key;
  /** A subscriber: what it takes, and what it says to some keys. */
  const subscriber = (answers: Readonly<Record<string, () => LakeError>> = {}) => {
    const taken: string[] = [];
    const offered: string[] = [];
    const events: Events = {
      publish: async (event) => {
        offered.push(event.id);
        const answer = answers[keyOf(event)];
        if (answer !== undefined) throw answer();
        taken.push(keyOf(event));
      },
    };
    return { taken, offered, round: () => dispatch({ ledger, identityLanded: events, clinicalLanded: events, clock }) };
  };
  const away = () => new LakeError('Unavailable', 'away');
  const refused = () => new LakeError('InvalidArgument', 'refused');

  describe('redelivery', () => {
    it('an event that was not taken comes again under its id, later and later', async () => {
      await land('a');
      const { offered, round } = subscriber({ a: away });
      for (const pause of [0, 1000, 2000, 4000]) {
        now += pause - 1;
        if (pause > 0) await round();
        now += 1;
        await assert.rejects(round(), { code: 'Unavailable' });
      }
      assert.deepEqual(offered, ['landed-1', 'landed-1', 'landed-1', 'landed-1']);
    });

    it('a crash between publishing and marking repeats the event under its id', async () => {
      await land('a');
      const { offered, round } = subscriber();
      const { published } = ledger;
      ledger.published = () => Promise.reject(new LakeError('Unavailable', 'the database is away'));
      await assert.rejects(round());
      ledger.published = published;
      await round();
      assert.deepEqual(offered, ['landed-1', 'landed-1']);
      assert.equal(await round(), 0);
    });

    it('when nobody answers, a round ends soon and the rest keeps its attempts', async () => {
      const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
      await land(...keys);
      const { offered, round } = subscriber(Object.fromEntries(keys.map((key) => [key, away])));
      await assert.rejects(round(), { code: 'Unavailable' });
      assert.equal(offered.length, 3);
      const later = subscriber();
      now += hour;
      assert.equal(await later.round(), 20);
    });
  });

  describe('dead letters', () => {
    for (const [what, answer] of [
      ['refuses', refused],
      ['cannot handle', away],
    ] as const) {
      it(`an event that its subscriber ${what} holds up no other, and is a dead letter in the end`, async () => {
        await land('a', 'poison', 'identity/b');
        const { taken, offered, round } = subscriber({ poison: answer });
        await assert.rejects(round());
        assert.deepEqual(taken, ['a', 'identity/b']);
        for (let attempt = 2; attempt <= attemptsOfAnEvent; attempt += 1) {
          assert.equal((await ledger.deadLetters()).count, 0);
          now += hour;
          await assert.rejects(round());
        }
        assert.equal(offered.filter((id) => id === 'landed-2').length, attemptsOfAnEvent);
        assert.deepEqual(await ledger.deadLetters(), { count: 1, oldest: '2026-01-01T00:00:00.000Z' });
        now += 100 * hour;
        assert.equal(await round(), 0);
        await land('c');
        assert.equal(await round(), 1);
      });
    }
  });

  describe('redrive', () => {
    it('a redrive offers them again, under the same id and with all attempts', async () => {
      await land('poison', 'b');
      await ledger.notPublished(1, undefined, clock.now());
      const healed = subscriber();
      assert.equal(await healed.round(), 1);
      assert.equal(await ledger.redrive(), 1);
      assert.equal(await ledger.redrive(), 0);
      assert.equal(await healed.round(), 1);
      assert.deepEqual(healed.offered, ['landed-2', 'landed-1']);
      assert.equal((await ledger.deadLetters()).count, 0);
    });
  });
});
