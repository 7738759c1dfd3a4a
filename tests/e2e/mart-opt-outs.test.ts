import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalFunctions } from '../../functions/hosts/local/local-functions';
import { LocalMarts } from '../../functions/hosts/local/local-marts';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';
import { canonical, purpose, writeMart } from '../support/written-mart';

const numbers = { a: '9990000018', b: '9990000026' };
const day = 86_400_000;
const sensitive = (code: string) => ({ system: 'urn:nhs-data-lake:sensitivity', code });
const [asthma, hiv, termination] = ['195967001', '86406008', '57797005'];

describe('marts and who may be in them', function () {
  this.timeout(60_000);
  let running: RunningLake;
  let gp: Sender;
  let marts: LocalMarts;
  const library = mkdtempSync(join(tmpdir(), 'lake-library-'));

  before(() => {
    writeMart(library, 'care', [purpose('individual-care')]);
    writeMart(library, 'care_sexual_health', [purpose('individual-care'), sensitive('sexual-health')]);
    writeMart(library, 'figures', [purpose('statistics')]);
    writeMart(library, 'planning', [purpose('planning')]);
    writeMart(library, 'research', [purpose('research')]);
    writeMart(library, 'unsaid', []);
  });
  after(() => rmSync(library, { recursive: true, force: true }));

  beforeEach(async () => {
    running = await RunningLake.start();
    gp = await running.provider('A81001');
    const hospital = await running.provider('RX901');
    marts = new LocalMarts(running.parts, new LocalFunctions(running.parts), library);
    for (const [sender, id, number] of [
      [gp, 'g1', numbers.a],
      [gp, 'g2', numbers.b],
      [hospital, 'h1', numbers.a],
    ] as const) {
      await put(sender, `Patient/${id}`, aPatient(id, number));
      await put(sender, `Condition/c-${id}`, condition(`c-${id}`, id, asthma));
    }
    await put(gp, 'Patient/g3', { resourceType: 'Patient', id: 'g3' });
    await put(gp, 'Condition/c-g3', condition('c-g3', 'g3', asthma));
    await put(gp, 'Condition/c-stranger', condition('c-stranger', 'never-sent', asthma));
    await put(gp, 'Condition/c-hiv', condition('c-hiv', 'g1', hiv));
    await put(gp, 'Condition/c-both', condition('c-both', 'g1', hiv, termination));
    await running.operator.curate();
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const condition = (id: string, patient: string, ...codes: (string | undefined)[]) => ({
    resourceType: 'Condition',
    id,
    subject: { reference: `Patient/${patient}` },
    code: { coding: codes.map((code) => ({ system: 'http://snomed.info/sct', code })) },
  });
  const put = async (sender: Sender, path: string, resource: object): Promise<void> => {
    assert.ok((await sender.request('PUT', `/${path}`, resource)).status < 300);
  };
  const load = (name: 'national' | 'type-1', people: readonly string[], daysAgo = 1) =>
    running.operator.identity('loadOptOuts', {
      name,
      asOf: new Date(Date.now() - daysAgo * day).toISOString(),
      longestAgeDays: 14,
      text: people.map((number) => `${number},\n`).join(''),
    });
  const build = (name: string) => marts.build([name]);
  /** Patients of a mart by the ids their providers gave them. */
  async function patientsIn(mart: string): Promise<readonly string[]> {
    const tokeniser = await running.parts.tokeniser();
    const names = new Map(
      [
        ['A81001', 'g1'],
        ['A81001', 'g2'],
        ['A81001', 'g3'],
        ['A81001', 'never-sent'],
        ['RX901', 'h1'],
      ].map(([ods = '', id = '']) => [tokeniser.rekey(ods, 'Patient', id), id]),
    );
    const { rows } = await running.operator.sql(`SELECT patient FROM marts.${mart} ORDER BY patient`);
    return rows.map(({ patient }) => names.get(String(patient)) ?? 'unknown').sort();
  }

  it('for planning and research hold whom both lists let in, in their opposite polarities; care and counts hold all', async () => {
    const everyone = ['g1', 'g2', 'g3', 'h1', 'never-sent'];
    await load('national', [numbers.a]);
    await load('type-1', []);
    for (const name of ['planning', 'research', 'unsaid']) {
      await build(name);
      assert.deepEqual(await patientsIn(name), ['g1', 'h1'], name);
    }
    await load('national', [numbers.a, numbers.b]);
    await load('type-1', [numbers.a]);
    for (const name of ['planning', 'research', 'unsaid']) {
      await build(name);
      assert.deepEqual(await patientsIn(name), ['g2'], name);
    }
    for (const name of ['care', 'figures']) {
      await build(name);
      assert.deepEqual(await patientsIn(name), everyone, name);
    }
  });

  it('are not built while a list is missing or stale, which keeps no other mart from being built', async () => {
    await assert.rejects(build('planning'), /national data opt-out list is missing/);
    await load('national', [numbers.a]);
    await assert.rejects(marts.build([]), /Type 1 opt-out list is missing/);
    const there = (await marts.list()).filter(({ built }) => built !== undefined).map(({ mart }) => mart);
    assert.deepEqual(there, ['care', 'care_sexual_health', 'figures']);
    await load('type-1', []);
    await build('planning');
    await load('national', [numbers.a], 15);
    await assert.rejects(build('planning'), /older than allowed/);
    assert.deepEqual(await patientsIn('planning'), ['g1', 'h1'], 'what was built when the list was good stays');
    await marts.build(['planning'], { refused: 'empty' });
    assert.deepEqual(await patientsIn('planning'), []);
  });

  it('hold nothing about several people, of whom one may have opted out', async () => {
    const about = (...patients: string[]) => ({
      resourceType: 'Appointment',
      status: 'proposed',
      participant: patients.map((one) => ({ actor: { reference: `Patient/${one}` }, status: 'accepted' })),
    });
    await put(gp, 'Appointment/one', { ...about('g1'), id: 'one' });
    await put(gp, 'Appointment/two', { ...about('g1', 'g2'), id: 'two' });
    await running.operator.curate();
    await load('national', [numbers.a]);
    await load('type-1', []);
    for (const [name, uses] of [
      ['appointments', [purpose('planning')]],
      ['appointments_care', [purpose('individual-care')]],
    ] as const) {
      writeMart(library, name, uses);
      const view = {
        resourceType: 'ViewDefinition',
        url: `${canonical}/ViewDefinition/condition`,
        name: 'condition',
        status: 'active',
        resource: 'Appointment',
        select: [
          {
            column: [
              { name: 'patient', path: 'getResourceKey()' },
              { name: 'code', path: 'status' },
            ],
          },
        ],
      };
      writeFileSync(join(library, name, 'ViewDefinition.json'), JSON.stringify(view));
      await build(name);
    }
    const count = async (mart: string) => (await running.operator.sql(`SELECT patient FROM marts.${mart}`)).rows.length;
    assert.equal(await count('appointments'), 1);
    assert.equal(await count('appointments_care'), 2);
    for (const name of ['appointments', 'appointments_care']) rmSync(join(library, name), { recursive: true });
  });

  it('follow a link that is made or undone', async () => {
    await load('national', [numbers.a]);
    await load('type-1', []);
    const h1 = (await running.parts.tokeniser()).rekey('RX901', 'Patient', 'h1');
    await running.operator.identity('decideLink', {
      patientRef: `Patient/${h1}`,
      kind: 'apart',
      nhsNumber: undefined,
    });
    await build('planning');
    assert.deepEqual(await patientsIn('planning'), ['g1']);
  });

  it('leave out what is sensitive unless their definition names each of its labels', async () => {
    await marts.build(['care', 'care_sexual_health']);
    const codes = async (mart: string) =>
      (await running.operator.sql(`SELECT DISTINCT code FROM marts.${mart} ORDER BY code`)).rows.map(
        ({ code }) => code,
      );
    assert.deepEqual(await codes('care'), [asthma]);
    assert.deepEqual(await codes('care_sexual_health'), [asthma, hiv]);
    const counted = await running.operator.sql(
      `SELECT count(*) AS n FROM marts.care_sexual_health WHERE code = '${hiv}'`,
    );
    assert.equal(Number(counted.rows[0]?.n), 1, 'one with two labels needs both');
  });

  it('are those of the site alone where the lake has definitions of its own', async () => {
    writeMart(running.folder.martDefinitions, 'ours', [purpose('individual-care')]);
    const built = await running.operator.buildMarts([]);
    assert.deepEqual(
      built.map(({ mart }) => mart),
      ['ours'],
    );
    assert.deepEqual(
      (await running.operator.listMarts()).map(({ mart }) => mart),
      ['ours'],
    );
    await assert.rejects(running.operator.buildMarts(['patient_timeline']), /There are: ours\./);
  });

  it('are refused when they name a purpose or a label that does not exist', async () => {
    writeMart(library, 'wrong', [purpose('marketing')]);
    await assert.rejects(build('wrong'), /one purpose/);
    writeMart(library, 'wrong', [purpose('planning'), purpose('individual-care')]);
    await assert.rejects(build('wrong'), /one purpose/);
    writeMart(library, 'wrong', [sensitive('everything')]);
    await assert.rejects(build('wrong'), /Labels of sensitive/);
    rmSync(join(library, 'wrong'), { recursive: true });
  });
});
