import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type FailpointName, failpoints } from '../../functions/failpoint';
import { Tokeniser } from '../../functions/privacy/tokens';
import { outsideIdentity } from '../support/lake-contents';
import { pseudonymKeys } from '../support/pseudonym-key';
import { numbers, observation, ods } from '../support/rotated-people';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const orders = 'https://example.nhs.uk/orders';

const order = (number: string, patient: string) => ({
  resourceType: 'ServiceRequest',
  identifier: [{ system: orders, value: number }],
  status: 'active',
  intent: 'order',
  subject: { reference: `Patient/${patient}` },
});
/** Creates an order unless the provider has it. */
const orderOnce = (number: string, patient: string) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      resource: order(number, patient),
      request: { method: 'POST', url: 'ServiceRequest', ifNoneExist: `identifier=${orders}|${number}` },
    },
  ],
});

describe('a rotation of the pseudonym key', function () {
  this.timeout(120_000);
  let running: RunningLake;
  let gp: Sender;
  let hospital: Sender;
  const earlier = { requestId: randomUUID(), body: JSON.stringify(observation('once', 'g0', 1)) };

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider(ods.gp);
    hospital = await running.provider(ods.hospital);
    for (const [index, number] of numbers.entries()) {
      await put(gp, 'Patient', aPatient(`g${index}`, number));
      await put(hospital, 'Patient', aPatient(`h${index}`, number));
      await put(gp, 'Observation', observation(`o${index}`, `g${index}`, index));
      assert.equal((await hospital.request('POST', '', orderOnce(`n${index}`, `h${index}`))).status, 200);
    }
    await put(gp, 'Observation', observation('o-stranger', 'never-sent', 1));
    const sent = await gp.request('PUT', '/Observation/once', earlier.body, { 'x-request-id': earlier.requestId });
    assert.equal(sent.status, 201);
    await running.operator.curate();
    await running.operator.buildMarts(['patient_timeline']);
    // What is not curated yet when the rotation begins.
    await put(gp, 'Patient', aPatient('g-late', '9990000069'));
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const put = async (sender: Sender, type: string, resource: { id: string }, ifMatch?: string): Promise<string> => {
    const headers = ifMatch === undefined ? {} : { 'if-match': ifMatch };
    const response = await sender.request('PUT', `/${type}/${resource.id}`, resource, headers);
    assert.ok(response.status < 300, `${response.status} ${await response.clone().text()}`);
    return response.headers.get('etag') ?? '';
  };
  const rows = async (text: string) => (await running.operator.sql(text)).rows;
  /** Random person ids by the providers' own ids of patients, and the rows of the timeline by person. */
  async function people(patients: readonly (readonly [string, string])[]) {
    const tokeniser = await running.parts.tokeniser();
    const links = new Map(
      (await rows('SELECT patient_ref, person_id FROM curated.person_link')).map((row) => [
        row.patient_ref,
        row.person_id,
      ]),
    );
    return patients.map(([provider, id]) => links.get(tokeniser.rekey(provider, 'Patient', id)));
  }
  const known = numbers.flatMap((_, index) => [[ods.gp, `g${index}`] as const, [ods.hospital, `h${index}`] as const]);

  /** Nothing made by the first key is left where the lake writes; the audit, which nobody can change, keeps its ids. */
  async function nothingOfTheFirstKey(): Promise<void> {
    const first = new Tokeniser([{ version: 1, key: (await pseudonymKeys(running.parts)).at(-1)! }]);
    const made = [
      ...known.map(([provider, id]) => first.rekey(provider, 'Patient', id)),
      ...numbers.map((_, index) => first.rekey(ods.gp, 'Observation', `o${index}`)),
      first.rekey(ods.gp, 'Patient', 'never-sent'),
      first.rekey(ods.gp, 'Patient', 'g-late'),
      ...numbers.map((_, index) => first.tokenFor(orders, `n${index}`)),
      ...numbers.map((number) => first.tokenFor('https://fhir.nhs.uk/Id/nhs-number', number)),
      ...first.digestsOf('PUT /FHIR/R4/Observation/once ', earlier.body),
    ];
    for await (const { place, text } of outsideIdentity(running.parts)) {
      if (place.startsWith('audit') || place.startsWith('witness') || place.startsWith('state')) continue;
      for (const value of made) assert.ok(!text.includes(value), `${place} holds what the first key made`);
    }
    for (const name of ['lake', 'identity'] as const) {
      const found = await running.parts.stateDatabase(name).snapshot(async (tx) => {
        const texts: string[] = [];
        const tables = await tx.query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
        for (const table of tables.filter((one) => !one.name.startsWith('audit')))
          texts.push(JSON.stringify(await tx.query(`SELECT * FROM ${table.name}`)));
        return texts.join('\n');
      });
      for (const value of made) assert.ok(!found.includes(value), `the database ${name} holds what the first key made`);
    }
  }
  /** Every reference to a patient that was sent leads to one, and every resource stands once. */
  async function noOrphanNoTwin(): Promise<void> {
    await running.operator.curate();
    const strangers = new Set([(await running.parts.tokeniser()).rekey(ods.gp, 'Patient', 'never-sent')]);
    for (const table of ['observation', 'servicerequest']) {
      const lost = await rows(
        `SELECT DISTINCT patient_ref FROM curated.${table} WHERE patient_ref NOT IN (SELECT id FROM curated.patient)`,
      );
      assert.deepEqual(
        lost.filter(({ patient_ref: patient }) => !strangers.has(String(patient))),
        [],
        table,
      );
      const split = await rows(
        `SELECT id FROM curated.${table} WHERE resource NOT LIKE '%Patient/' || patient_ref || '%' OR resource NOT LIKE '%' || id || '%'`,
      );
      assert.deepEqual(split, [], table);
    }
    const unlinked = await rows(
      'SELECT id FROM curated.patient WHERE id NOT IN (SELECT patient_ref FROM curated.person_link)',
    );
    assert.deepEqual(unlinked, []);
    const links = await rows(
      'SELECT count(*) AS links, count(DISTINCT patient_ref) AS patients FROM curated.person_link',
    );
    assert.equal(links[0]?.links, links[0]?.patients);
  }

  it('leaves no orphan, no duplicate person and nothing of the older key, while senders go on', async () => {
    const before = await people(known);
    assert.equal(new Set(before).size, numbers.length);
    const counts = { updates: 0, repeats: 0, orders: 0, created: 0 };
    let rotating = true;
    // Senders that never pause take the machine from the rotation, and make the tables that the tests read ever longer.
    const pause = 10;
    const etags = new Map(numbers.map((_, index) => [index, 'W/"1"']));
    const updates = async () => {
      for (let round = 0; rotating || round < 25; round += 1) {
        const index = round % numbers.length;
        etags.set(index, await put(gp, 'Observation', observation(`o${index}`, `g${index}`, round), etags.get(index)));
        counts.updates += 1;
        await delay(pause);
      }
    };
    const repeats = async () => {
      for (let round = 0; rotating || round < 25; round += 1) {
        const again = await gp.request('PUT', '/Observation/once', earlier.body, { 'x-request-id': earlier.requestId });
        assert.equal(again.status, 201);
        assert.equal(again.headers.get('idempotency-replayed'), 'true');
        const head = await gp.request('HEAD', '/Patient/g0');
        assert.equal(head.headers.get('etag'), 'W/"1"');
        counts.repeats += 1;
        await delay(pause);
      }
    };
    const conditional = async () => {
      for (let round = 0; rotating || round < 25; round += 1) {
        const index = round % (numbers.length + 3);
        const answer = await hospital.request('POST', '', orderOnce(`n${index}`, `h${index % numbers.length}`));
        assert.equal(answer.status, 200, await answer.clone().text());
        counts.orders += 1;
        await delay(pause);
      }
    };
    const creates = async () => {
      for (let round = 0; rotating || round < 25; round += 1) {
        await put(gp, 'Observation', observation(`new${round}`, `g${round % numbers.length}`, round));
        counts.created += 1;
        await delay(pause);
      }
    };
    const senders = [updates(), repeats(), conditional(), creates()];
    await delay(100);
    const { version } = await running.operator.rotatePseudonymKey();
    await delay(100);
    rotating = false;
    await Promise.all(senders);
    assert.equal(version, 2);
    assert.ok(counts.updates > 20 && counts.created > 20 && counts.orders > 20, JSON.stringify(counts));
    await noOrphanNoTwin();
    assert.deepEqual(await people(known), before, 'everybody is who they were');
    const { resources } = (await running.operator.status()).totals;
    // Patients of two providers, one late, one observation each and two more, orders, and what was made meanwhile.
    assert.equal(resources, 2 * numbers.length + 1 + numbers.length + 2 + (numbers.length + 3) + counts.created);
    const current = await rows('SELECT count(*) AS n FROM curated.servicerequest');
    assert.equal(Number(current[0]?.n), numbers.length + 3);
    const tokeniser = await running.parts.tokeniser();
    let versions = 0;
    for (const [index] of numbers.entries()) {
      const id = tokeniser.rekey(ods.gp, 'Observation', `o${index}`);
      const [row] = await rows(`SELECT version FROM curated.observation WHERE id = '${id}'`);
      versions += Number(row?.version) - 1;
    }
    assert.equal(versions, counts.updates, 'each update is one version');
    await nothingOfTheFirstKey();
    const other = await gp.request('PUT', '/Observation/once', JSON.stringify(observation('once', 'g0', 2)), {
      'x-request-id': earlier.requestId,
    });
    assert.equal(other.status, 409, 'the same request id with another body');
    await running.operator.buildMarts(['patient_timeline']);
    const persons = await rows("SELECT DISTINCT person FROM marts.patient_timeline WHERE kind = 'observation'");
    assert.ok(
      before.filter((_, index) => index % 2 === 0).every((one) => persons.some(({ person }) => person === one)),
    );
    assert.equal((await running.operator.verifyAudit()).ok, true);
  });

  it('goes on wherever it was cut off, while senders go on, and at the next start', async () => {
    const before = await people(known);
    const places = failpoints.filter((name) => name.startsWith('rotate.'));
    assert.ok(places.length > 5);
    for (const [round, place] of places.entries()) {
      Object.assign(running.parts, {
        failpoint: (name: FailpointName) => {
          if (name === place) throw new Error('killed');
        },
      });
      const { operator } = running;
      await assert.rejects(round === 0 ? operator.rotatePseudonymKey() : operator.resumeRotation(), /killed/, place);
      await put(gp, 'Observation', observation(`after-${round}`, 'g0', round));
      await put(gp, 'Patient', aPatient('g0', numbers[0]), `W/"${round + 1}"`);
      assert.equal((await hospital.request('POST', '', orderOnce('n0', 'h0'))).status, 200);
    }
    await running.halt();
    await running.boot();
    await noOrphanNoTwin();
    assert.deepEqual(await people(known), before);
    assert.equal((await rows('SELECT id FROM curated.servicerequest')).length, numbers.length);
    await nothingOfTheFirstKey();
    // The chain grows: what the first key made is found and made over through every version.
    assert.equal((await running.operator.rotatePseudonymKey()).version, 3);
    await noOrphanNoTwin();
    assert.deepEqual(await people(known), before);
    assert.equal((await gp.request('HEAD', '/Patient/g0')).headers.get('etag'), `W/"${places.length + 1}"`);
  });

  it('leaves every message able to be split again', async () => {
    await running.operator.rotatePseudonymKey();
    const before = await rows('SELECT id, resource FROM curated.observation ORDER BY id');
    const counts = await running.operator.resplit({ dryRun: false });
    assert.equal(counts.unknown, 0);
    assert.equal(counts.changed, (await running.operator.status()).totals.versions);
    assert.deepEqual(await rows('SELECT id, resource FROM curated.observation ORDER BY id'), before);
    await noOrphanNoTwin();
    await nothingOfTheFirstKey();
    const again = await running.operator.resplit({ dryRun: true });
    assert.equal(again.changed, 0);
  });

  it('is one at a time, and leaves erasure able to find everything', async () => {
    await running.operator.rotatePseudonymKey();
    const patient = (await running.parts.tokeniser()).rekey(ods.gp, 'Patient', 'g0');
    const { erased } = await running.operator.erase({ nhsNumbers: [], patients: [patient] });
    assert.deepEqual(erased.resources, { Observation: 2, Patient: 1 });
    assert.equal(erased.identityRecords, 1);
    assert.ok(!readFileSync(running.folder.database.identity, 'latin1').includes('Zzqg0'));
    Object.assign(running.parts, {
      failpoint: (name: FailpointName) => {
        if (name === 'rotate.begun') throw new Error('killed');
      },
    });
    await assert.rejects(running.operator.rotatePseudonymKey(), /killed/);
    await assert.rejects(running.operator.rotatePseudonymKey(), { code: 'PreconditionFailed' });
    const newest = (await running.parts.tokeniser()).rekey(ods.gp, 'Patient', 'g1');
    const erase = (one: string) => running.operator.erase({ nhsNumbers: [], patients: [one] });
    await assert.rejects(erase(newest), { code: 'PreconditionFailed' });
    await running.operator.resumeRotation();
    // Who was looked up before would not be found, and the certificate would say that nobody was there.
    await assert.rejects(erase(patient), { code: 'InvalidArgument' });
    assert.deepEqual((await erase(newest)).erased.resources, { Observation: 1, Patient: 1 });
  });
});
