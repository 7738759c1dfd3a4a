import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { safetyAgeMilliseconds } from '../../functions/orphans/collect-orphans';
import { KnativeLake } from '../support/knative-lake';
import { outsideIdentity } from '../support/lake-contents';
import { pseudonymKeys } from '../support/pseudonym-key';
import { olderNames, RotatedPeople } from '../support/rotated-people';
import { volumeHome } from '../support/volume-home';

const rotations = 3;

/** Types that are sent for the first time while a rotation goes on: their tables come into being then. */
const late = (type: string, id: string, patient: string) => ({
  ...{ resourceType: type, id, status: 'completed' },
  ...(type === 'Procedure'
    ? { subject: { reference: `Patient/${patient}` } }
    : { intent: 'order', status: 'active', subject: { reference: `Patient/${patient}` } }),
});

/**
 * The functions of a lake, each a process of its own that caches the pseudonym key, while an operator in another process rotates it:
 * what ingest, identity and curate had begun under the older key must not come after what was made over.
 */
describe('a rotation of the pseudonym key while the functions are processes of their own', function () {
  this.timeout(600_000);

  it('leaves no orphan, no duplicate person, nothing twice and nothing of the older keys', async () => {
    const home = await volumeHome();
    const lake = await KnativeLake.start(home);
    try {
      const people = await RotatedPeople.of(lake);
      await people.whileSending(150, async () => {
        for (const type of ['Procedure', 'ServiceRequest', 'DeviceRequest'].slice(0, rotations)) {
          await delay(1500);
          const rotation = home.operator.rotatePseudonymKey();
          if (type !== 'DeviceRequest') await people.put(people.gp, late(type, 'late', 'g0'));
          await rotation;
        }
        await delay(1000);
      });
      // What was refused is offered again after pauses.
      for (let wait = 0; wait < 600 && (await home.ledger.unpublished(1)).length > 0; wait += 1) await delay(500);
      await lake.settle();
      await lake.settle();
      assert.ok(people.sent.observations > 100, JSON.stringify(people.sent));

      const keys = await pseudonymKeys(home.parts);
      assert.equal(keys.length, 1 + rotations);
      await people.assertWhole(keys);
      const texts = "SELECT id FROM curated.procedure WHERE resource NOT LIKE '%' || id || '%'";
      assert.deepEqual(await home.rows(texts), []);
      // What a function had written under an older key and then could not commit is nobody's: it goes with the collector's beat,
      // an hour later. What is left then was committed.
      await home.operator.collectOrphans(new Date(Date.now() + 2 * safetyAgeMilliseconds));
      const older = olderNames(keys);
      for await (const { place, text } of outsideIdentity(home.parts)) {
        if (/^(?:audit|witness|state|spools)/.test(place)) continue;
        for (const value of older) assert.ok(!text.includes(value), `${place} holds what an older key made`);
      }
      assert.equal(await lake.auditVerifies(), true);
    } finally {
      await lake.stop();
    }
  });
});
