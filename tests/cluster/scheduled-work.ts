import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { jobStore } from '../../functions/jobs/job-queue';
import { DeltaTable } from '../../functions/tables/delta-table';
import { GoldenSender } from '../contract/golden-sender';
import { loadOptOutLists } from '../support/opt-out-lists';
import { aPatient } from '../support/verified-patient';
import { type ClusterLake, zoneOf } from './cluster-lake';
import { repeatedPut } from './repeated-put';
import { researchMart, type Site } from './site';

const numbers = { stays: '9990000018', objects: '9990000026' };

/** Marts, which ask the identity zone who has objected, and what runs by the platform's schedules. */
export function scheduledWork(here: () => { readonly site: Site; readonly lake: ClusterLake }): void {
  describe('builds marts and keeps its schedules', () => {
    let site: Site;
    let lake: ClusterLake;
    before(() => {
      ({ site, lake } = here());
    });
    after(() => lake?.stop());

    const built = async (): Promise<{ readonly state: string; readonly message: string | undefined }> => {
      const jobs = jobStore.open(lake.database);
      const { runId } = await jobs.enqueue({ job: 'marts', origin: 'test', maxAttempts: 1, now: new Date() });
      for (let wait = 0; wait < 900; wait += 1) {
        const { state, failure } = await jobs.show(runId);
        if (state !== 'queued' && state !== 'running') return { state, message: failure?.message };
        await pause(500);
      }
      throw new Error('The run did not end.');
    };

    it('builds a mart for research once the lists of opt-outs are there, without whom the identity zone says has objected', async () => {
      const sends = repeatedPut(new GoldenSender(lake, await lake.register('RMART', ['system/*.cu'])));
      for (const [id, number] of [
        ['stays', numbers.stays],
        ['objects', numbers.objects],
      ] as const) {
        const condition = {
          resourceType: 'Condition',
          id: `c-${id}`,
          subject: { reference: `Patient/${id}` },
          code: { coding: [{ system: 'http://snomed.info/sct', code: '195967001' }] },
        };
        for (const [path, resource] of [
          [`/Patient/${id}`, aPatient(id, number)],
          [`/Condition/c-${id}`, condition],
        ] as const)
          await sends(path, resource);
      }
      await lake.settle();
      const refused = await built();
      // The code of the identity function's own refusal came through: it was asked and it knew who asked.
      assert.equal(refused.state, 'failed');
      assert.match(refused.message ?? '', /opt-out/i);
      await loadOptOutLists(lake.identityDatabase, [numbers.stays]);
      assert.deepEqual(await built(), { state: 'succeeded', message: undefined });
      const engine = new DuckDbQueryEngine({ spoolFolder: `${site.folder}/marts-spool` });
      const session = await engine.session();
      try {
        const table = new DeltaTable(lake.storeOf('marts'), researchMart, engine);
        const { rows } = await session.query(`SELECT code FROM ${await table.relation()}`);
        assert.deepEqual(
          rows.map(({ code }) => code),
          ['195967001'],
        );
      } finally {
        await session.close();
        await engine.close();
      }
    });

    for (const [name, zone] of [
      ['compaction', 'lake'],
      ['landing-collector', 'lake'],
      ['identity-collector', 'identity'],
    ] as const) {
      it(`runs ${name} when its schedule says so`, async () => {
        const namespace = zoneOf(zone);
        const condition = (): string =>
          site.kubectl(
            'get',
            '-n',
            namespace,
            `job/${name}-now`,
            '-o',
            'jsonpath={.status.conditions[?(@.status=="True")].type}',
          );
        // What failed waits in the queue, and the next tick tries it again.
        for (let tick = 1; ; tick += 1) {
          site.kubectl('create', 'job', '-n', namespace, `${name}-now`, `--from=cronjob/${name}`);
          for (let wait = 0; wait < 200 && !/Complete|Failed/.test(condition()); wait += 1) await pause(2000);
          const done = condition().includes('Complete');
          if (!done)
            process.stdout.write(
              `      tick ${tick} failed: ${site.kubectl('logs', '-n', namespace, `job/${name}-now`)}`,
            );
          site.kubectl('delete', 'job', '-n', namespace, `${name}-now`);
          if (done) break;
          assert.ok(tick < 3, 'three ticks failed');
        }
        const [run] = await jobStore.open(lake.database).list({ job: name });
        assert.deepEqual([run?.state, run?.origin], ['succeeded', `schedule:${name}`]);
      });
    }
  });
}
