import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { GoldenSender } from '../contract/golden-sender';
import { awsHome } from './aws-home';
import { LambdaLake } from './lambda-lake';

const aws = process.env.LAKE_CONTRACT_AWS;
const postgres = process.env.LAKE_CONTRACT_POSTGRES;
/** How often each function is killed, at moments nobody chose. */
const kills = Number(process.env.LAKE_KILLS_EACH ?? 2);
const killed = ['ingest', 'dispatch', 'curate', 'identity', 'audit-sealer', 'identity-audit-sealer'];
const senders = 4;
const leaseMilliseconds = 60_000;

const observation = (id: string): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  valueQuantity: { value: 120 },
});

if (aws === undefined || postgres === undefined) {
  describe('instances on Lambda that die', () => {
    it('is not run: set LAKE_CONTRACT_AWS and LAKE_CONTRACT_POSTGRES to the URLs of an emulator and a server', function () {
      this.skip();
    });
  });
} else {
  describe('instances on Lambda that die', function () {
    this.timeout(600_000);

    it('lose nothing that was acknowledged and store nothing twice', async () => {
      const lake = await LambdaLake.start(await awsHome(new URL(aws), new URL(postgres)));
      try {
        let over = false;
        const acknowledged: string[] = [];
        const surprises: number[] = [];
        const send = async (ods: string): Promise<void> => {
          const sender = new GoldenSender(lake, await lake.register(ods, ['system/Observation.cu']));
          while (!over) {
            const id = randomUUID();
            const headers = { 'x-request-id': randomUUID() };
            // As a sender should: the same request under the same id until it has an answer.
            for (;;) {
              const answer = await sender.request('PUT', `/Observation/${id}`, observation(id), headers);
              await answer.arrayBuffer();
              if (answer.status === 201) {
                acknowledged.push(id);
                break;
              }
              if (![502, 503].includes(answer.status)) {
                surprises.push(answer.status);
                break;
              }
              await setTimeout(50);
            }
          }
        };
        const take = async (name: string): Promise<void> => {
          while (!over) if ((await lake.take(name)) === 0) await setTimeout(50);
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
        const sending = Array.from({ length: senders }, (_, n) => send(`A${n}X0${n}`));
        await Promise.all([...sending, take('identity'), take('curate'), kill()]);
        await lake.settle();
        const [counts] = await lake.rows(
          'SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids, max(version)::INTEGER AS newest FROM curated.observation',
        );
        console.log(`      ${kills * killed.length} kills, ${acknowledged.length} acknowledged`);
        assert.deepEqual(surprises, []);
        assert.ok(acknowledged.length > kills * killed.length);
        assert.deepEqual({ ...counts }, { rows: acknowledged.length, ids: acknowledged.length, newest: 1 });
        // A sealer that died between a segment and its checkpoint is followed when its lease has ended, after a minute.
        const limit = Date.now() + leaseMilliseconds + 30_000;
        while (!(await lake.auditVerifies())) assert.ok(Date.now() < limit, 'the audit does not verify');
      } finally {
        await lake.stop();
      }
    });
  });
}
