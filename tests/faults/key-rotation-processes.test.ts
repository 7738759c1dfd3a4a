import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { safetyAgeMilliseconds } from '../../functions/orphans/collect-orphans';
import { Tokeniser } from '../../functions/privacy/tokens';
import { GoldenSender } from '../contract/golden-sender';
import { KnativeLake } from '../support/knative-lake';
import { outsideIdentity } from '../support/lake-contents';
import { pseudonymKeys } from '../support/pseudonym-key';
import { aPatient } from '../support/verified-patient';
import { volumeHome } from '../support/volume-home';

const numbers = ['9990000018', '9990000026', '9990000034', '9990000042', '9990000050'] as const;
const rotations = 3;

const observation = (id: string, patient: string, value: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-01-01',
  valueInteger: value,
});

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
      const ods = { gp: 'A81001', hospital: 'RX901' } as const;
      const gp = new GoldenSender(lake, await lake.register(ods.gp, ['system/*.cu']));
      const hospital = new GoldenSender(lake, await lake.register(ods.hospital, ['system/*.cu']));
      const put = async (sender: GoldenSender, resource: { resourceType: string; id: string }): Promise<void> => {
        const answer = await sender.request('PUT', `/${resource.resourceType}/${resource.id}`, resource);
        assert.ok(answer.status < 300, `${answer.status} ${await answer.text()}`);
      };
      for (const [index, number] of numbers.entries()) {
        await put(gp, aPatient(`g${index}`, number));
        await put(hospital, aPatient(`h${index}`, number));
      }
      const sent = { observations: 0, patients: 0, late: 0 };
      let rotating = true;
      const senders = [gp, gp, hospital].map(async (sender, line) => {
        const letter = sender === gp ? 'g' : 'h';
        for (let round = 0; rotating; round += 1) {
          const patient = `${letter}${round % numbers.length}`;
          await put(sender, observation(`o-${line}-${round}`, patient, round));
          sent.observations += 1;
          await delay(150);
          // The same person again: a record of identity that is taken in meanwhile.
          if (round % 5 === 0) {
            await put(sender, { ...aPatient(`${letter}x${line}-${round}`, numbers[round % numbers.length]!) });
            sent.patients += 1;
          }
        }
      });
      for (const type of ['Procedure', 'ServiceRequest', 'DeviceRequest'].slice(0, rotations)) {
        await delay(1500);
        const rotation = home.operator.rotatePseudonymKey();
        if (type !== 'DeviceRequest') await put(gp, late(type, 'late', 'g0'));
        sent.late += type === 'DeviceRequest' ? 0 : 1;
        await rotation;
      }
      await delay(1000);
      rotating = false;
      await Promise.all(senders);
      // What was refused is offered again after pauses.
      for (let wait = 0; wait < 600 && (await home.ledger.unpublished(1)).length > 0; wait += 1) await delay(500);
      await lake.settle();
      await lake.settle();
      assert.ok(sent.observations > 100, JSON.stringify(sent));

      const keys = await pseudonymKeys(home.parts);
      assert.equal(keys.length, 1 + rotations);
      const chain = (length: number) =>
        new Tokeniser(keys.slice(-length).map((key, index) => ({ version: length - index, key })));
      const now = chain(keys.length);
      const count = async (sql: string) => Number((await home.rows(`SELECT count(*) AS n FROM (${sql})`))[0]?.n);
      assert.equal(await count('SELECT DISTINCT id FROM curated.observation'), sent.observations);
      assert.equal(await count('SELECT DISTINCT id FROM curated.patient'), 2 * numbers.length + sent.patients);
      const orphans = 'SELECT id FROM curated.observation WHERE patient_ref NOT IN (SELECT id FROM curated.patient)';
      assert.equal(await count(orphans), 0, 'every observation leads to its patient');
      for (const table of ['observation', 'patient', 'procedure'])
        assert.equal(
          await count(`SELECT id FROM curated.${table} WHERE resource NOT LIKE '%' || id || '%'`),
          0,
          `${table}: ids and texts are of one key`,
        );
      const links = await home.rows('SELECT patient_ref, person_id FROM curated.person_link');
      assert.equal(links.length, 2 * numbers.length + sent.patients, 'every patient is linked once');
      assert.equal(new Set(links.map(({ person_id: person }) => person)).size, numbers.length, 'no person is two');
      const personOf = new Map(links.map((row) => [row.patient_ref, row.person_id]));
      for (const [index] of numbers.entries())
        assert.equal(
          personOf.get(now.rekey(ods.gp, 'Patient', `g${index}`)),
          personOf.get(now.rekey(ods.hospital, 'Patient', `h${index}`)),
        );
      // What a function had written under an older key and then could not commit is nobody's: it goes with the collector's beat,
      // an hour later. What is left then was committed.
      await home.operator.collectOrphans(new Date(Date.now() + 2 * safetyAgeMilliseconds));
      const older = keys.slice(1).flatMap((_, index) => {
        const then = chain(index + 1);
        return numbers.flatMap((__, one) => [
          then.rekey(ods.gp, 'Patient', `g${one}`),
          then.rekey(ods.hospital, 'Patient', `h${one}`),
        ]);
      });
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
