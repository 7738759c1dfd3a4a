import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { GoldenSender } from '../contract/golden-sender';
import { KnativeLake } from '../support/knative-lake';
import { keycloakHome, siteServers } from './keycloak-home';

const servers = siteServers();
/** How often each function is killed, at moments nobody chose. */
const kills = Number(process.env.LAKE_KILLS_EACH ?? 2);
const killed = ['ingest', 'dispatch', 'curate', 'identity', 'audit-sealer', 'identity-audit-sealer'];
const senders = ['A81001', 'A81002', 'A81003', 'A81004'];
/** A sealer that died between a segment and its checkpoint is followed when its lease has ended. */
const leaseMilliseconds = 60_000;

const observation = (id: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  valueQuantity: { value: 120 },
});

/** An event whose taker was killed is offered again after pauses that double: many kills, long pauses. */
async function settled(lake: KnativeLake): Promise<void> {
  const until = Date.now() + 300_000;
  for (;;) {
    try {
      return await lake.settle();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

describe('Processes that die on an S3-compatible store, PostgreSQL, OpenBao and Keycloak', function () {
  this.timeout(600_000);
  if (typeof servers === 'string') {
    it(`is not run: ${servers}`, function () {
      this.skip();
    });
    return;
  }

  it('lose nothing that was acknowledged and store nothing twice', async () => {
    const lake = await KnativeLake.start(await keycloakHome(servers, senders));
    try {
      let over = false;
      const acknowledged: string[] = [];
      const surprises: number[] = [];
      const send = async (ods: string): Promise<void> => {
        const sender = new GoldenSender(lake, await lake.register(ods, []));
        while (!over) {
          const id = randomUUID();
          const headers = { 'x-request-id': randomUUID() };
          // As a sender should: the same request under the same id until it has an answer.
          for (;;) {
            const answer = await sender
              .request('PUT', `/Observation/${id}`, observation(id), headers)
              .then(async (response) => {
                await response.arrayBuffer();
                return response.status;
              })
              .catch(() => undefined);
            if (answer === 201) acknowledged.push(id);
            else if (answer === undefined || answer === 503) {
              await setTimeout(50);
              continue;
            } else surprises.push(answer);
            break;
          }
        }
      };
      const kill = async (): Promise<void> => {
        for (let round = 0; round < kills; round += 1) {
          for (const name of killed) {
            await setTimeout(100 + Math.random() * 400);
            await lake.kill(name);
          }
        }
        over = true;
      };
      await Promise.all([...senders.map(send), kill()]);
      await settled(lake);
      const [counts] = await lake.rows(
        'SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids, max(version)::INTEGER AS newest FROM curated.observation',
      );
      console.log(`      ${kills * killed.length} kills, ${acknowledged.length} acknowledged`);
      assert.deepEqual(surprises, []);
      assert.ok(acknowledged.length > kills * killed.length);
      assert.deepEqual({ ...counts }, { rows: acknowledged.length, ids: acknowledged.length, newest: 1 });
      const limit = Date.now() + leaseMilliseconds + 30_000;
      while (!(await lake.auditVerifies())) assert.ok(Date.now() < limit, 'the audit does not verify');
    } finally {
      await lake.stop();
    }
  });
});
