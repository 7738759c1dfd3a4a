import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BuildOptions, buildSync } from 'esbuild';
import { isLakeError } from '../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';
import { operatorAccount } from '../../functions/operator/manifest';
import { isGoingOn } from '../../functions/operator/run-goes-on';
import { keyVersionOf, Tokeniser } from '../../functions/privacy/tokens';
import { GoldenSender } from '../contract/golden-sender';
import { sealedRecords } from '../support/audit-reader';
import { describeOver } from '../support/given-servers';
import { KnativeLake } from '../support/knative-lake';
import { pseudonymKeysOn } from '../support/pseudonym-key';
import { aPatient } from '../support/verified-patient';
import { askFunction } from './ask-function';
import { homeServers, type ServerHome, serverHome } from './server-home';

const { optionsOf } = require('../../functions/cli/build.js') as { optionsOf(name: string): BuildOptions };

/** How often each place is killed. */
const rotations = Number(process.env.LAKE_KILLS_EACH ?? 1);

/** Where the lake's half dies, one life after the other; some lives see the identity zone's half die first. */
const lives: readonly { readonly diesAt: string; readonly identityDiesAt?: string }[] = [
  { diesAt: 'rotate.begun' },
  { diesAt: 'rotate.resources' },
  { diesAt: 'rotate.patients' },
  { diesAt: 'rotate.identifiers' },
  { diesAt: 'rotate.requests' },
  { diesAt: 'landing.put 1' },
  { diesAt: 'rotate.landing' },
  { diesAt: 'rotate.originals', identityDiesAt: 'identity.put 1' },
  { diesAt: 'rotate.register', identityDiesAt: 'remap.remap 2' },
  { diesAt: 'curated.putIfAbsent 2' },
  { diesAt: 'rotate.curated' },
  { diesAt: 'rotate.links', identityDiesAt: 'register.links 1' },
  { diesAt: 'marts.putIfAbsent 1' },
  { diesAt: 'rotate.marts' },
  { diesAt: 'rotation.complete 1' },
];

const numbers = ['9990000018', '9990000026', '9990000034', '9990000042', '9990000050'] as const;
const ods = { gp: 'A81001', hospital: 'RX901' } as const;

const observation = (id: string, patient: string, value: number) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-01-01',
  valueInteger: value,
});

describeOver('a rotation of the pseudonym key off one machine', homeServers, function (servers) {
  this.timeout(900_000);

  let home: ServerHome;
  let lake: KnativeLake;
  let gp: GoldenSender;
  let hospital: GoldenSender;
  let script: string;
  const sent = { observations: 0, patients: 0 };
  before(async () => {
    script = join(__dirname, '..', '..', 'dist', 'mortal-function.js');
    buildSync({ ...optionsOf('knative'), entryPoints: [join(__dirname, 'mortal-function.ts')], outfile: script });
    home = await serverHome(servers);
    lake = await KnativeLake.start(home);
    gp = new GoldenSender(lake, await lake.register(ods.gp, ['system/*.cu']));
    hospital = new GoldenSender(lake, await lake.register(ods.hospital, ['system/*.cu']));
    for (const [index, number] of numbers.entries()) {
      await put(gp, aPatient(`g${index}`, number));
      await put(hospital, aPatient(`h${index}`, number));
      await put(gp, observation(`o${index}`, `g${index}`, index));
    }
    await lake.settle();
    await ask('operator', 'buildMarts', { names: ['patient_timeline'], full: false });
  });
  after(() => lake?.stop());

  const put = async (sender: GoldenSender, resource: { resourceType: string; id: string }): Promise<void> => {
    const answer = await sender.request('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    assert.ok(answer.status < 300, `${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer().catch(() => undefined);
    sent[resource.resourceType === 'Patient' ? 'patients' : 'observations'] += 1;
  };
  const ask = async (desk: string, method: string, input: object): Promise<unknown> => {
    const asked = (name: string, given: object) =>
      askFunction({ home, lake }, operatorAccount('ann'), desk, { method: name, input: given });
    let answer = await asked(method, input);
    while (isGoingOn(answer)) answer = await asked('awaitRun', { id: answer.goesOn });
    return answer;
  };
  /** The lease of a worker that died has run out, and so has the pause before the next attempt. */
  const timePasses = (workersLive: boolean) =>
    home.lake.transaction(async (tx) => {
      const ofTheJob = "job = 'key-rotation' AND state =";
      if (!workersLive) await tx.run(`UPDATE job_run SET lease_until = created WHERE ${ofTheJob} 'running'`);
      await tx.run(`UPDATE job_run SET not_before = created WHERE ${ofTheJob} 'queued'`);
    });
  const diesBy = async (name: string): Promise<void> => {
    let dead = false;
    const death = lake.ended(name).then(() => {
      dead = true;
    });
    for (let wait = 0; !dead && wait < 120; wait += 1) {
      await Promise.race([death, pause(1000)]);
      // What was asked of a half that died may have failed: the run waits.
      await timePasses(true);
    }
    assert.ok(dead, `${name} did not come to its place`);
  };
  const count = async (sql: string): Promise<number> =>
    Number((await lake.rows(`SELECT count(*)::INTEGER AS n FROM (${sql})`))[0]?.n);
  const patientsNamed = async (number: string): Promise<readonly string[]> => {
    const named = await ask('identity-operator', 'patientsNamed', { nhsNumbers: [number] });
    return (named as { readonly patients: readonly string[] }).patients;
  };

  it('goes on wherever either half is killed, while senders go on: nothing lost, nothing twice', async () => {
    const former = await patientsNamed(numbers[0]);
    await ask('operator', 'hold', { patients: [former[0]!], reference: 'Inquiry 12' });
    let rotating = true;
    const senders = [gp, gp, hospital].map(async (sender, line) => {
      const letter = sender === gp ? 'g' : 'h';
      for (let round = 0; rotating; round += 1) {
        await put(sender, observation(`o-${line}-${round}`, `${letter}${round % numbers.length}`, round));
        await pause(1500);
        // The same person again: a record of identity that is taken in meanwhile.
        if (round % 5 === 0)
          await put(sender, aPatient(`${letter}x${line}-${round}`, numbers[round % numbers.length]!));
      }
    });
    let kills = 0;
    try {
      for (let rotation = 0; rotation < rotations; rotation += 1) {
        let rotated: Promise<unknown> | undefined;
        for (const { diesAt, identityDiesAt } of lives) {
          await timePasses(false);
          if (identityDiesAt !== undefined)
            await lake.kill('identity-key-rotation', { script, diesAt: identityDiesAt });
          await lake.kill('key-rotation', { script, diesAt });
          rotated ??= ask('operator', 'rotatePseudonymKey', {});
          if (identityDiesAt !== undefined) {
            await diesBy('identity-key-rotation');
            await lake.kill('identity-key-rotation');
            kills += 1;
          }
          await diesBy('key-rotation');
          kills += 1;
        }
        await timePasses(false);
        await lake.kill('key-rotation');
        assert.deepEqual(await rotated, { version: 2 + rotation });
      }
    } finally {
      rotating = false;
      await Promise.all(senders);
    }
    // What was refused is offered again after pauses.
    for (let wait = 0; wait < 600 && (await home.ledger.unpublished(1)).length > 0; wait += 1) await pause(500);
    await lake.settle();
    await lake.settle();
    console.log(`      ${kills} kills, ${sent.observations} observations and ${sent.patients} patients acknowledged`);
    assert.equal(await count('SELECT DISTINCT id FROM curated.observation'), sent.observations);
    assert.equal(await count('SELECT DISTINCT id FROM curated.patient'), sent.patients);
    const orphans = 'SELECT id FROM curated.observation WHERE patient_ref NOT IN (SELECT id FROM curated.patient)';
    assert.equal(await count(orphans), 0, 'every observation leads to its patient');
    for (const table of ['observation', 'patient'])
      assert.equal(await count(`SELECT id FROM curated.${table} WHERE resource NOT LIKE '%' || id || '%'`), 0, table);
  });

  it('leaves every person who they were, under the newest key alone', async () => {
    const keys = await pseudonymKeysOn(home.lake, home.keys);
    assert.equal(keys.length, 1 + rotations);
    const chain = (length: number) =>
      new Tokeniser(keys.slice(-length).map((key, index) => ({ version: length - index, key })));
    const now = chain(keys.length);
    const links = await lake.rows('SELECT patient_ref, person_id FROM curated.person_link');
    assert.equal(links.length, sent.patients, 'every patient is linked once');
    assert.equal(new Set(links.map(({ person_id: person }) => person)).size, numbers.length, 'no person is two');
    const personOf = new Map(links.map((row) => [row.patient_ref, row.person_id]));
    for (const [index] of numbers.entries())
      assert.equal(
        personOf.get(now.rekey(ods.gp, 'Patient', `g${index}`)),
        personOf.get(now.rekey(ods.hospital, 'Patient', `h${index}`)),
      );
    const older = keys
      .slice(1)
      .flatMap((_, index) =>
        numbers.flatMap((__, one) => [
          chain(index + 1).rekey(ods.gp, 'Patient', `g${one}`),
          chain(index + 1).rekey(ods.hospital, 'Patient', `h${one}`),
          chain(index + 1).rekey(ods.gp, 'Observation', `o${one}`),
        ]),
      );
    const holdsNone = (place: string, text: string): void => {
      for (const value of older) assert.ok(!text.includes(value), `${place} holds what an older key made`);
    };
    for (const [name, database] of [['lake', home.lake] as const, ['identity', home.identity] as const]) {
      const tables = ['resource', 'version', 'identifier', 'legal_hold', 'identity_record', 'link', 'link_claim'];
      const text = await database.snapshot(async (tx) => {
        const there = await tx.query<{ name: string }>(
          "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
        );
        const rows = there
          .filter((one) => tables.includes(one.name))
          .map((one) => tx.query(`SELECT * FROM ${one.name}`));
        return JSON.stringify(await Promise.all(rows));
      });
      assert.ok(text.length > 1000);
      holdsNone(`the database ${name}`, text);
    }
    const { open } = new EnvelopeEncryption({
      unwrap: (encrypted, context) => home.keys.unwrap('landing', encrypted, context),
    });
    const segments = await home.lake.snapshot((tx) =>
      tx.query<{ segment: string }>('SELECT DISTINCT segment FROM version'),
    );
    assert.ok(segments.length > 10);
    for (const { segment } of segments) {
      const [provider = '', retention = ''] = segment.split('/');
      const bytes = await open(await home.storeOf('landing').read(segment), { zone: 'landing', provider, retention });
      holdsNone(segment, Buffer.from(bytes).toString('utf8'));
    }
    for (const table of ['observation', 'patient'])
      holdsNone(table, JSON.stringify(await lake.rows(`SELECT id, patient_ref, resource FROM curated.${table}`)));
  });

  it('keeps a legal hold, and refuses an erasure under a name of before', async () => {
    const [hold] = (await ask('operator', 'holds', {})) as { readonly id: string; readonly subject: string }[];
    assert.equal(keyVersionOf(hold!.subject), 1 + rotations);
    const patients = await patientsNamed(numbers[0]);
    assert.ok(patients.includes(hold!.subject));
    await ask('operator', 'releaseHold', { id: hold!.id });
    const keys = await pseudonymKeysOn(home.lake, home.keys);
    const former = new Tokeniser([{ version: 1, key: keys.at(-1)! }]).rekey(ods.gp, 'Patient', 'g0');
    await assert.rejects(ask('operator', 'erase', { patients: [former], held: [] }), (error) =>
      isLakeError(error, 'InvalidArgument'),
    );
    const erased = (await ask('operator', 'erase', { patients, held: [] })) as { erased: { resources: object } };
    assert.ok(Object.keys(erased.erased.resources).includes('Patient'));
  });

  it('stands in both streams of the audit, begun by who asked for it', async () => {
    assert.ok(await lake.auditVerifies());
    const told = async (stream: 'lake' | 'identity') =>
      (await sealedRecords(home.storeOf('audit'), stream)).map(
        ({ action, agent, outcome }) => `${action} ${agent.id} ${outcome.code}`,
      );
    const inLake = await told('lake');
    const times = (records: readonly string[], one: string) => records.filter((record) => record === one).length;
    assert.equal(times(inLake, 'lake identity rotate-key ann key-made'), rotations);
    assert.equal(times(inLake, 'job:identity.rotate-key ann key-rotated'), rotations);
    const inIdentity = await told('identity');
    assert.ok(times(inIdentity, 'job:identity.rotate-key key-rotation made-over') >= rotations);
    for (const kind of ['originals', 'register', 'links'])
      assert.ok(times(inIdentity, `identity:key-rotation.${kind} key-rotation answered`) >= rotations, kind);
    await assert.rejects(
      askFunction({ home, lake }, 'marts', 'identity-key-rotation', { kind: 'links', version: 9 }),
      (error) => isLakeError(error, 'PermissionDenied'),
    );
  });
});
