import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { LocalIdentity } from '../../functions/hosts/local/local-identity';
import { auditOf } from '../support/audit-reader';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const numbers = { a: '9990000018', b: '9990000026', c: '9990000034' };
const day = 86_400_000;
const asOf = (daysAgo: number): string => new Date(Date.now() - daysAgo * day).toISOString();

describe('the identity zone', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let gp: Sender;
  let hospital: Sender;
  let zone: LocalIdentity;

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
    hospital = await running.provider('RX901');
    zone = new LocalIdentity(running.parts);
    await put(gp, aPatient('g1', numbers.a));
    await put(gp, aPatient('g2', numbers.b));
    await put(hospital, aPatient('h1', numbers.a));
    await running.operator.curate();
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const put = async (sender: Sender, patient: { id: string }): Promise<void> => {
    assert.ok((await sender.request('PUT', `/Patient/${patient.id}`, patient)).status < 300);
  };
  const rekeyed = async (ods: string, id: string): Promise<string> =>
    (await running.parts.tokeniser()).rekey(ods, 'Patient', id);
  const personOf = async (ods: string, id: string): Promise<string> => {
    const patient = await rekeyed(ods, id);
    const [link] = await zone.ask('marts', { kind: 'links', patients: [patient] });
    return link!.person;
  };
  const published = async (): Promise<ReadonlyMap<string, string>> => {
    const { rows } = await running.operator.sql('SELECT patient_ref, person_id FROM curated.person_link');
    return new Map(rows.map((row) => [String(row.patient_ref), String(row.person_id)]));
  };
  const audited = () => auditOf(running, 'identity');

  it('publishes what is linked, unlinked and superseded in the link table', async () => {
    const [g1, g2, h1] = [await rekeyed('A81001', 'g1'), await rekeyed('A81001', 'g2'), await rekeyed('RX901', 'h1')];
    const before = await published();
    assert.equal(before.get(g1), before.get(h1));
    assert.notEqual(before.get(g1), before.get(g2));
    const decide = (patient: string, kind: 'bears' | 'apart' | 'withdrawn', nhsNumber?: string) =>
      running.operator.identity('decideLink', { patientRef: `Patient/${patient}`, kind, nhsNumber });
    await decide(h1, 'apart');
    let links = await published();
    assert.notEqual(links.get(g1), links.get(h1));
    await put(hospital, { ...aPatient('h9', numbers.a) });
    await running.operator.curate();
    links = await published();
    assert.equal(links.get(await rekeyed('RX901', 'h9')), links.get(g1));
    assert.notEqual(links.get(h1), links.get(g1));
    await decide(h1, 'withdrawn');
    await running.operator.identity('supersede', { pairs: [{ old: numbers.b, replacement: numbers.a }] });
    links = await published();
    assert.equal(new Set([g1, g2, h1].map((one) => links.get(one))).size, 1);
    await running.operator.identity('supersede', { pairs: [{ old: numbers.b, replacement: undefined }] });
    links = await published();
    assert.equal(links.get(g1), links.get(h1));
    assert.notEqual(links.get(g1), links.get(g2));
  });

  it('publishes after a restart what a crash kept from being published', async () => {
    const h1 = await rekeyed('RX901', 'h1');
    const before = await published();
    const failpoint = running.parts.failpoint;
    Object.assign(running.parts, {
      failpoint: (name: string) => {
        if (name === 'identity.before-links') throw new Error('killed');
      },
    });
    const decision = { patientRef: `Patient/${h1}`, kind: 'apart', nhsNumber: undefined } as const;
    await assert.rejects(running.operator.identity('decideLink', decision), /killed/);
    Object.assign(running.parts, { failpoint });
    assert.equal((await published()).get(h1), before.get(h1));
    await running.operator.curate();
    assert.notEqual((await published()).get(h1), before.get(h1));
  });

  it('answers named callers what they may ask, and records every answer and refusal', async () => {
    const person = await personOf('A81001', 'g1');
    const { contacts, withheld } = await zone.ask('outreach', {
      kind: 'contacts',
      persons: [person],
      purpose: 'individual-care',
    });
    assert.equal(withheld, 0);
    assert.match(JSON.stringify(contacts[0]), /07700900/);
    const asked = { kind: 'contacts', persons: [person], purpose: 'individual-care' } as const;
    for (const caller of ['research', 'marts', 'ingest', 'constructor', '__proto__', 'somebody else'])
      await assert.rejects(zone.ask(caller, asked), { code: 'PermissionDenied' });
    const records = (await audited()).filter(({ action }) => action === 'identity:contacts');
    assert.deepEqual(
      records.map(({ agent, outcome }) => `${agent.id} ${outcome.result}`),
      ['outreach allowed', 'research denied', 'marts denied', ...Array.from({ length: 4 }, () => 'unknown denied')],
    );
    assert.ok(!JSON.stringify(records).includes(person));
  });

  it('tells of each message what was dropped and why, without a value', async () => {
    const requestId = randomUUID();
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { resource: aPatient('g7', numbers.c), request: { method: 'PUT', url: 'Patient/g7' } },
        {
          resource: {
            resourceType: 'Observation',
            status: 'final',
            code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Zzqpulse of Zzqg7' },
            subject: { reference: 'Patient/g7', display: 'Zzqg7' },
            note: [{ text: 'Zzqnote' }, { text: 'Zzqnote' }],
            extension: [{ url: 'https://example.org/unknown', valueString: 'Zzqvalue' }],
          },
          request: { method: 'POST', url: 'Observation' },
        },
      ],
    };
    assert.equal((await gp.request('POST', '', bundle, { 'x-request-id': requestId })).status, 200);
    const [told, ...more] = await running.operator.identity('messageReports', { requestId });
    assert.deepEqual(more, []);
    assert.equal(told?.provider, 'A81001');
    assert.equal(told?.report.resources, 2);
    const lines = told.report.lines.map(({ path, action, reason, count }) => `${path} ${action} ${reason} ${count}`);
    for (const line of [
      'Patient.name dropped name 1',
      'Patient.telecom dropped contact 1',
      'Patient.identifier dropped identifier 1',
      'Observation.note dropped free-text 1',
      'Reference.display dropped display 1',
      'CodeableConcept.text dropped free-text 1',
      'Observation.extension dropped unknown-extension 1',
    ])
      assert.ok(lines.includes(line), `${line} is not among\n${lines.join('\n')}`);
    assert.ok(!/Zzq|999|g7|example/.test(JSON.stringify(told.report)));
    assert.deepEqual(await running.operator.identity('messageReports', { requestId: randomUUID() }), []);
    const [record] = (await audited()).filter(({ action }) => action === 'lake identity report');
    assert.equal(record?.outcome.result, 'allowed');
  });

  it('withholds contacts of people who are protected or died, whichever provider says so', async () => {
    await put(hospital, {
      ...aPatient('h2', numbers.b),
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    } as { id: string });
    await put(hospital, { ...aPatient('h3', numbers.c), deceasedBoolean: true } as { id: string });
    await running.operator.curate();
    const persons = [await personOf('A81001', 'g2'), await personOf('RX901', 'h3')];
    const answer = await zone.ask('outreach', { kind: 'contacts', persons, purpose: 'individual-care' });
    assert.deepEqual(answer, { contacts: [], withheld: 2 });
  });

  it('holds opt-outs in their opposite polarities, for planning and research but not for care, and fails closed', async () => {
    const [a, b] = [await personOf('A81001', 'g1'), await personOf('A81001', 'g2')];
    const decisions = async (purpose: 'research' | 'individual-care') =>
      (await zone.ask('research', { kind: 'opt-outs', persons: [a, b], purpose })).map(({ decision }) => decision.kind);
    const load = (name: 'national' | 'type-1', text: string, daysAgo = 1) =>
      running.operator.identity('loadOptOuts', { name, asOf: asOf(daysAgo), longestAgeDays: 14, text });
    await assert.rejects(decisions('research'), /missing/);
    assert.deepEqual(await decisions('individual-care'), ['include', 'include']);
    await load('national', `${numbers.a},\n`);
    await assert.rejects(decisions('research'), /Type 1 opt-out list is missing/);
    await load('type-1', '');
    assert.deepEqual(await decisions('research'), ['include', 'exclude']);
    await load('national', `${numbers.a},\n${numbers.b},\n`);
    await load('type-1', `${numbers.a}\n`);
    assert.deepEqual(await decisions('research'), ['exclude', 'include']);
    assert.deepEqual(await decisions('individual-care'), ['include', 'include']);
    // A dissent under a number that was superseded since still counts.
    await running.operator.identity('supersede', { pairs: [{ old: numbers.a, replacement: numbers.c }] });
    assert.equal((await decisions('research'))[0], 'exclude');
    await load('type-1', '', 15);
    await assert.rejects(decisions('research'), /older than allowed/);
    await load('type-1', '', -2);
    await assert.rejects(decisions('research'), /future/);
    await assert.rejects(load('national', `${numbers.a}\r\n`), /not used/);
    await assert.rejects(load('type-1', `${numbers.a}\nnobody\n`), /Line 2/);
  });

  it('gives two projects pseudonyms that do not join', async () => {
    for (const project of ['asthma-study', 'falls-study'])
      await running.operator.identity('createProject', { project });
    const persons = [await personOf('A81001', 'g1'), await personOf('A81001', 'g2')];
    const tokens = async (project: string) =>
      (await zone.ask('research', { kind: 'project-tokens', project, persons })).map(({ token }) => token);
    const [one, two] = [await tokens('asthma-study'), await tokens('falls-study')];
    assert.equal(new Set([...one, ...two]).size, 4);
    assert.deepEqual(await tokens('asthma-study'), one);
    await assert.rejects(running.operator.identity('createProject', { project: 'falls-study' }), {
      code: 'AlreadyExists',
      message: /a project of this name/,
    });
  });

  describe('goes back from a pseudonym to a person', () => {
    const secrets = new Map<string, { name: string; secret: string }>();
    let token: string;

    beforeEach(async () => {
      for (const name of ['ann', 'ben']) {
        const { secretFile } = await running.operator.identity('addOperator', { name });
        assert.equal(statSync(secretFile).mode & 0o777, 0o600);
        secrets.set(name, { name, secret: readFileSync(secretFile, 'utf8').trim() });
      }
      await running.operator.identity('createProject', { project: 'asthma-study' });
      const persons = [await personOf('A81001', 'g1')];
      token = (await zone.ask('research', { kind: 'project-tokens', project: 'asthma-study', persons }))[0]!.token;
    });
    const by = (name: string) => secrets.get(name)!;
    const request = (name = 'ann', value = token) =>
      running.operator.identity('requestReidentification', {
        operator: by(name),
        project: 'asthma-study',
        token: value,
        reason: 'A scan needs an urgent answer by the treating team.',
      });
    const approve = (id: string, name = 'ben', minutes = 5) =>
      running.operator.identity('approveReidentification', { operator: by(name), id, minutes });
    const reveal = (id: string, name = 'ann') =>
      running.operator.identity('revealReidentification', { operator: by(name), id });

    it('with two people, once, and every step on record without the answer', async () => {
      const { id } = await request();
      await approve(id);
      const person = await reveal(id);
      assert.equal(person.nhsNumber, numbers.a);
      assert.deepEqual(person.patients.map(({ provider, localId }) => `${provider} ${localId}`).sort(), [
        'A81001 g1',
        'RX901 h1',
      ]);
      await assert.rejects(reveal(id), /once/);
      const steps = (await audited()).filter(({ event }) => event === 'reidentify');
      assert.deepEqual(
        steps.map(({ agent, outcome }) => `${agent.id} ${outcome.result} ${outcome.code}`),
        ['ann allowed requested', 'ben allowed approved', 'ann allowed revealed', 'ann denied PreconditionFailed'],
      );
      const text = JSON.stringify(await audited());
      assert.ok(!text.includes(numbers.a) && !text.includes(token) && !text.includes('urgent answer'));
    });

    it('never by one person alone, never for another than the requester, never without approval', async () => {
      const { id } = await request();
      await assert.rejects(reveal(id), /Nobody has approved/);
      await assert.rejects(approve(id, 'ann'), /second person/);
      await approve(id);
      await assert.rejects(approve(id), /already/);
      await assert.rejects(reveal(id, 'ben'), /Only who made/);
      await assert.rejects(approve('no-such-id'), { code: 'NotFound' });
    });

    it('not with a wrong secret or a wrong token', async () => {
      await assert.rejects(request('ann', 'x'.repeat(43)), /No person/);
      const { id } = await request();
      secrets.set('eve', { name: 'ben', secret: by('ann').secret });
      secrets.set('mallory', { name: 'mallory', secret: by('ben').secret });
      await assert.rejects(approve(id, 'eve'), /do not belong/);
      await assert.rejects(approve(id, 'mallory'), /do not belong/);
    });
  });
});
