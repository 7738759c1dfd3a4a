import assert from 'node:assert/strict';
import type { Catalogue, CatalogueChange, PublishedTable } from '../../adapters/ports/catalogue';
import { isLakeError } from '../../adapters/ports/errors';
import { refusedAs } from './object-store-harness';

export interface CatalogueFaultHarness {
  /** Behind whatever spoils the network before it. */
  readonly catalogue: Catalogue;
  /** The same catalogue without it. */
  readonly honest: Catalogue;
  /** Spoils the `at`-th exchange from now on, counted from 0, and no other; gives whether it has happened. */
  readonly strike: (fault: string, at: number) => () => boolean;
  /** Spoils a fifth of all exchanges. */
  readonly storm: () => void;
  /** Lets nothing through. */
  readonly silence: () => void;
  readonly calm: () => void;
  /** Says of the credentials that they are no longer good; gives the number of requests since. Undefined where there are none. */
  readonly expire?: () => () => number;
  readonly stop: () => Promise<void>;
}

const tableOf = (name: string, columns: readonly string[]): PublishedTable => ({
  database: 'curated',
  name,
  columns: columns.map((column) => ({ name: column, type: 'string' })),
  partitionColumns: [],
  tableVersion: 0,
  updated: '2026-01-01T00:00:00.000Z',
});

/** What a network may do to a catalogue: no version lost or counted twice, each change told, time bounded. */
export function catalogueFaultsContract(
  name: string,
  faults: readonly string[],
  start: () => Promise<CatalogueFaultHarness>,
): void {
  describe(`Catalogue: ${name}`, () => {
    describe('behind a bad network', function () {
      this.timeout(120_000);
      let harness: CatalogueFaultHarness;
      before(async () => {
        harness = await start();
      });
      afterEach(() => harness.calm());
      after(() => harness.stop());

      const told: CatalogueChange[] = [];
      const tell = async (change: CatalogueChange): Promise<void> => void told.push(change);
      const versionsTold = (table: string) =>
        told.filter((change) => change.name === table).map((one) => one.schemaVersion);
      const ofName = async (wanted: string) => (await harness.honest.tables()).find((table) => table.name === wanted);

      for (const fault of faults) {
        it(`publishes each version once in spite of ${fault}, whichever exchange it strikes`, async () => {
          for (let at = 0; ; at += 1) {
            const table = `${fault.replaceAll(/\W+/g, '_').toLowerCase()}_${at}`;
            const struck = harness.strike(fault, at);
            for (const columns of [['id'], ['id', 'added']])
              await harness.catalogue.publish(tableOf(table, columns), tell);
            const isStruck = struck();
            harness.calm();
            assert.equal((await ofName(table))?.schemaVersion, 2);
            assert.deepEqual(new Set(versionsTold(table)), new Set([1, 2]));
            if (isStruck) continue;
            assert.ok(at > 3, 'two publications take more exchanges than that');
            return;
          }
        });
      }

      it('lists whole or not at all', async () => {
        const all = await harness.honest.tables();
        for (const fault of faults) {
          harness.strike(fault, 0);
          assert.deepEqual(await harness.catalogue.tables(), all);
        }
      });

      it('one that never answers is Unavailable within a bounded time', async () => {
        harness.silence();
        const begin = performance.now();
        await assert.rejects(harness.catalogue.tables(), refusedAs('Unavailable'));
        await assert.rejects(harness.catalogue.publish(tableOf('silent', ['id']), tell), refusedAs('Unavailable'));
        assert.ok(performance.now() - begin < 60_000);
        harness.calm();
        assert.equal(await ofName('silent'), undefined);
      });

      it('expired credentials are PermissionDenied and not tried again', async function () {
        const { expire } = harness;
        if (expire === undefined) {
          this.runnable().title = 'not run: takes no credentials';
          return this.skip();
        }
        const requests = expire();
        await assert.rejects(
          harness.catalogue.publish(tableOf('expired', ['id']), tell),
          refusedAs('PermissionDenied'),
        );
        assert.equal(requests(), 1);
      });

      it('a storm: ten changes are ten versions, each told', async () => {
        harness.storm();
        for (let version = 1; version <= 10; version += 1) {
          const table = tableOf('storm', ['id', `c${version}`]);
          for (let attempt = 1; ; attempt += 1) {
            const refusal: unknown = await harness.catalogue.publish(table, tell).then(
              () => undefined,
              (error: unknown) => error,
            );
            if (refusal === undefined) break;
            assert.ok(attempt < 10 && isLakeError(refusal, 'Unavailable'), String(refusal));
          }
        }
        harness.calm();
        assert.equal((await ofName('storm'))?.schemaVersion, 10);
        assert.deepEqual(
          [...new Set(versionsTold('storm'))],
          Array.from({ length: 10 }, (_, index) => index + 1),
        );
      });
    });
  });
}
