import assert from 'node:assert/strict';
import { goldenRequests } from '../contract/golden-requests';
import { hostContract } from '../contract/host.contract';
import { KnativeLake } from '../support/knative-lake';
import { RunningLake } from '../support/running-lake';
import { volumeHome } from '../support/volume-home';

const local = hostContract('one machine', async () => {
  const running = await RunningLake.start();
  return {
    baseUrl: running.lake.baseUrl,
    tokenUrl: `${running.lake.origin}/oauth2/token`,
    register: async (ods, scopes) => (await running.provider(ods, { scopes })).credentials,
    disable: (ods) => running.operator.disableProvider(ods),
    settle: async () => void (await running.operator.curate()),
    rows: async (sql) => (await running.operator.sql(sql)).rows,
    auditVerifies: async () => (await running.operator.verifyAudit()).ok,
    stop: () => running.remove(),
  };
});
const knative = hostContract('the Knative host', async () => KnativeLake.start(await volumeHome()));

describe('every host gives the same answers, bodies and side effects', () => {
  for (const { name } of goldenRequests) {
    it(name, () => {
      const answer = (run: ReturnType<typeof local.run>) => run.exchanges.find((exchange) => exchange.name === name);
      assert.deepEqual(answer(knative.run()), answer(local.run()));
    });
  }

  it('and leaves the same behind', () => {
    assert.deepEqual(knative.run().effects, local.run().effects);
  });

  it('with a set of at least sixty, each named once', () => {
    assert.ok(goldenRequests.length >= 60);
    assert.equal(new Set(goldenRequests.map(({ name }) => name)).size, goldenRequests.length);
  });
});
