import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { martLibrary } from '../../functions/hosts/compose/marts-function';
import { LocalIdentity } from '../../functions/hosts/local/local-identity';
import { jobStore } from '../../functions/jobs/job-queue';
import { readMarts } from '../../functions/marts/mart-library';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { simulatedProviders } from '../../functions/simulation/providers';
import { DeltaTable } from '../../functions/tables/delta-table';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { loadOptOutLists } from '../support/opt-out-lists';
import { RunningLake } from '../support/running-lake';
import { keycloakHome, siteServers } from './keycloak-home';
import { sendPopulation } from './population';
import type { ServerHome } from './server-home';

describeOver('The demo on an S3-compatible store, PostgreSQL, OpenBao and Keycloak', siteServers, function (servers) {
  this.timeout(300_000);

  let home: ServerHome;
  let lake: KnativeLake;
  let machine: RunningLake;
  before(async () => {
    machine = await RunningLake.start();
    home = await keycloakHome(
      servers,
      simulatedProviders.map(({ ods }) => ods),
    );
    lake = await KnativeLake.start(home);
  });
  after(async () => {
    await lake?.stop();
    await machine?.remove();
  });

  it('gives each message of a simulated population, the faulty ones too, the answer of one machine', async () => {
    const credentials = new Map<string, ProviderCredentials>();
    for (const { ods } of simulatedProviders) credentials.set(ods, (await machine.provider(ods)).credentials);
    const { baseUrl, origin } = machine.lake;
    const credentialsOf = (ods: string) => credentials.get(ods)!;
    const expected = await sendPopulation({ baseUrl, tokenUrl: `${origin}/oauth2/token`, credentialsOf });
    const registered = new Map<string, ProviderCredentials>();
    for (const { ods } of simulatedProviders) registered.set(ods, await lake.register(ods, []));
    const sent = await sendPopulation({
      ...lake,
      baseUrl: lake.baseUrl,
      tokenUrl: lake.tokenUrl,
      credentialsOf: (ods) => registered.get(ods)!,
    });
    assert.deepEqual(sent, expected);
    for (const status of ['accepted', 'refused', 'quarantined'])
      assert.ok(
        sent.some((one) => one.endsWith(status)),
        status,
      );
  });

  it('curates the same resources and builds the same marts', async () => {
    await lake.settle();
    await machine.operator.curate();
    const asOf = new Date(Date.now() - 86_400_000).toISOString();
    const identity = new LocalIdentity(machine.parts);
    for (const name of ['national', 'type-1'] as const)
      await identity.loadOptOuts({ name, asOf, longestAgeDays: 7, text: '' });
    await loadOptOutLists(home.identity);
    await machine.operator.buildMarts([]);
    const jobs = jobStore.open(home.lake);
    const { runId } = await jobs.enqueue({ job: 'marts', origin: 'test', maxAttempts: 1, now: new Date() });
    for (let wait = 0; ; wait += 1) {
      const { state } = await jobs.show(runId);
      if (state === 'succeeded') break;
      assert.ok(state !== 'failed' && wait < 600, `the marts were not built: ${state}`);
      await pause(100);
    }
    const counts =
      'SELECT provider, count(*)::INTEGER AS n, max(version)::INTEGER AS newest FROM curated.observation GROUP BY 1 ORDER BY 1';
    assert.deepEqual(await lake.rows(counts), (await machine.operator.sql(counts)).rows);
    for (const { name } of readMarts(martLibrary)) {
      const [here] = (await machine.operator.sql(`SELECT count(*)::INTEGER AS n FROM marts.${name}`)).rows;
      assert.deepEqual({ name, n: await rowsOf(home, name) }, { name, n: here?.n });
    }
    assert.ok(await lake.auditVerifies());
  });
});

async function rowsOf(home: ServerHome, mart: string): Promise<number> {
  const spoolFolder = mkdtempSync(join(tmpdir(), 'lake-spool-'));
  const engine = new DuckDbQueryEngine({ spoolFolder });
  const session = await engine.session({ readableFolders: [spoolFolder] });
  try {
    const table = new DeltaTable(home.storeOf('marts'), mart, engine);
    const { rows } = await session.query(`SELECT count(*)::INTEGER AS n FROM ${await table.relation()}`);
    return Number(rows[0]?.n);
  } finally {
    await session.close();
    await engine.close();
    rmSync(spoolFolder, { recursive: true, force: true });
  }
}
