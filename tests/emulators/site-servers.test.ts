import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { LakeClient } from '../../functions/cli/sending/lake-client';
import { outgoingNdjson, outgoingResource } from '../../functions/cli/sending/outgoing';
import { requestIdKey } from '../../functions/cli/sending/request-ids';
import { tokenSource } from '../../functions/cli/token-source';
import { martLibrary } from '../../functions/hosts/compose/marts-function';
import { LocalIdentity } from '../../functions/hosts/local/local-identity';
import { jobStore } from '../../functions/jobs/job-queue';
import { readMarts } from '../../functions/marts/mart-library';
import type { ProviderCredentials } from '../../functions/provider-access/client-assertion';
import { simulatedProviders } from '../../functions/simulation/providers';
import { simulate } from '../../functions/simulation/simulate';
import { DeltaTable } from '../../functions/tables/delta-table';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { loadOptOutLists } from '../support/opt-out-lists';
import { RunningLake } from '../support/running-lake';
import { keycloakHome, siteServers } from './keycloak-home';
import type { ServerHome } from './server-home';

interface Place {
  readonly baseUrl: string;
  readonly tokenUrl: string;
  readonly credentialsOf: (ods: string) => ProviderCredentials;
}

/** The demo's population through the public API, message after message; what became of each. */
async function sendPopulation({ baseUrl, tokenUrl, credentialsOf }: Place): Promise<readonly string[]> {
  const clients = new Map(
    simulatedProviders.map(({ ods }) => {
      const credentials = credentialsOf(ods);
      const client = new LakeClient({ baseUrl, token: tokenSource(credentials, tokenUrl) });
      return [ods, { client, idKey: requestIdKey(credentials) }];
    }),
  );
  const outcomes: string[] = [];
  for (const { provider, kind, name, body } of simulate({ people: 8, seed: 11, faults: true })) {
    const { client, idKey } = clients.get(provider)!;
    const parts = kind === 'ndjson' ? outgoingNdjson(idKey, body.split('\n')) : [outgoingResource(idKey, body)];
    for (const outgoing of parts) outcomes.push(`${name} ${(await client.send(outgoing)).status}`);
  }
  return outcomes;
}

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
