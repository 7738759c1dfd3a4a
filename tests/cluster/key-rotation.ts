import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { keyVersionOf } from '../../functions/privacy/tokens';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import type { PulumiStack } from '../support/pulumi-stack';
import { aPatient } from '../support/verified-patient';
import type { ClusterLake } from './cluster-lake';
import { DeployedCommand } from './deployed-command';
import { repeatedPut } from './repeated-put';
import type { Site } from './site';

const ods = 'RROTA';
const number = '9990000093';

const observation = (id: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/turned' },
});

/** An operator makes a new pseudonym key: a job of the lake with a half in the identity zone, while a sender goes on. */
export function keyRotation(
  here: () => { readonly site: Site; readonly stack: PulumiStack; readonly lake: ClusterLake },
): void {
  describe('changes its pseudonym key', () => {
    let command: DeployedCommand;
    let lake: ClusterLake;
    let sender: GoldenSender;
    let sends: ReturnType<typeof repeatedPut>;
    before(async () => {
      const given = here();
      ({ lake } = given);
      command = new DeployedCommand(given.site, given.stack);
      sender = new GoldenSender(lake, await lake.register(ods, ['system/*.cu']));
      sends = repeatedPut(sender);
    });
    after(() => lake?.stop());

    const versionsIn = async (column: string, from: string): Promise<readonly number[]> => {
      const rows = await lake.rows(`SELECT DISTINCT ${column} AS name FROM ${from} WHERE ${column} IS NOT NULL`);
      return [...new Set(rows.map(({ name }) => keyVersionOf(String(name))))];
    };

    it('as an operator asks, while a sender goes on: every name is the new key’s, and nothing acknowledged is lost', async () => {
      await sends('/Patient/turned', aPatient('turned', number));
      assert.equal((await sends('/Observation/first', observation('first'))).status, 201);
      await lake.settle();
      let rotating = true;
      let acknowledged = 1;
      const sending = (async () => {
        while (rotating) {
          const id = `during-${acknowledged}`;
          await sends(`/Observation/${id}`, observation(id));
          acknowledged += 1;
          // A sender, not a flood: what it sends meanwhile is made over as well.
          await setTimeout(200);
        }
      })();
      try {
        assert.deepEqual(await command.answered('identity', 'rotate-key'), { version: 2 });
      } finally {
        rotating = false;
        await sending;
      }
      await lake.settle();
      const [row] = await lake.rows(
        `SELECT count(DISTINCT id)::INTEGER AS n, count(DISTINCT patient_ref)::INTEGER AS patients
         FROM curated.observation WHERE provider = '${ods}'`,
      );
      console.log(`      ${acknowledged} acknowledged meanwhile, ${row?.n} are there`);
      assert.deepEqual([row?.n, row?.patients].map(Number), [acknowledged, 1]);
      for (const [column, table] of [
        ['id', 'curated.patient'],
        ['id', 'curated.observation'],
        ['patient_ref', 'curated.observation'],
        ['patient_ref', 'curated.person_link'],
      ] as const)
        assert.deepEqual(await versionsIn(column, table), [2], `${table}.${column}`);
    });

    it('and knows under it what was sent before', async () => {
      // Wakes the ingestion API, should it sleep.
      await sends('/Observation/last', observation('last'));
      const known = await sender.request('HEAD', '/Observation/first');
      assert.deepEqual([known.status, known.headers.get('etag')], [200, 'W/"1"']);
    });

    it('with a record in the audit of each zone, in the name of who asked', async () => {
      assert.ok(await lake.auditVerifies());
      const told = async (stream: 'lake' | 'identity') =>
        (await sealedRecords(lake.storeOf('audit'), stream)).map(({ action, agent }) => `${action} ${agent.id}`);
      const inLake = await told('lake');
      assert.ok(inLake.includes('lake identity rotate-key ann'));
      assert.equal(inLake.filter((one) => one === 'job:identity.rotate-key ann').length, 1);
      assert.ok((await told('identity')).includes('job:identity.rotate-key key-rotation'));
    });
  });
}
