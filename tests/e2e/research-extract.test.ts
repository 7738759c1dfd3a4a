import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../functions/cli/main';
import type { ExtractManifest } from '../../functions/hosts/compose/extract-function';
import { performOperation } from '../../functions/hosts/local/operator-records';
import { researchManifest } from '../../functions/research/manifest';
import { auditOf } from '../support/audit-reader';
import { RunningLake, type Sender } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';

const numbers = { a: '9990000018', b: '9990000026' };
const day = 86_400_000;
const ods = 'https://fhir.nhs.uk/Id/ods-organization-code';
const canonical = 'https://example.org/fhir';

/** Columns that hold what stands for a person, a resource or an organisation, and what SQL makes of it. */
const derived = ['id', 'patient', 'reference', 'organisation', 'placer', 'encounter', 'person', 'digest', 'part'];

/** A query of a project's own: every kind of name there is, the link table, a list of organisations, and derivations. */
function writeDefinition(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const column = (name: string, path: string) => ({ name, path });
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
  write('ViewDefinition.json', {
    resourceType: 'ViewDefinition',
    url: `${canonical}/ViewDefinition/observation`,
    name: 'observation',
    status: 'active',
    resource: 'Observation',
    select: [
      {
        column: [
          column('id', 'getResourceKey()'),
          column('patient', 'subject.getReferenceKey(Patient)'),
          column('reference', 'subject.reference'),
          column('organisation', 'performer.first().identifier.value'),
          column('system', 'performer.first().identifier.system'),
          column('placer', 'identifier.first().value'),
          column('encounter', 'encounter.getReferenceKey(Encounter)'),
          column('code', 'code.coding.first().code'),
          column('happened', 'effective.ofType(dateTime)'),
          { ...column('value', 'value.ofType(Quantity).value'), type: 'decimal' },
        ],
      },
    ],
  });
  write('ValueSet.json', {
    resourceType: 'ValueSet',
    url: `${canonical}/ValueSet/hospitals`,
    version: '1',
    status: 'active',
    compose: { include: [{ system: ods, concept: [{ code: 'RX901' }] }] },
  });
  write('Library.json', {
    resourceType: 'Library',
    name: 'pulses',
    status: 'active',
    type: {
      coding: [{ system: 'http://hl7.org/fhir/uv/sql-on-fhir/CodeSystem/LibraryTypesCodes', code: 'sql-query' }],
    },
    relatedArtifact: [
      { type: 'depends-on', label: 'observation', resource: `${canonical}/ViewDefinition/observation` },
      { type: 'depends-on', label: 'hospital', resource: `${canonical}/ValueSet/hospitals|1` },
      {
        type: 'depends-on',
        label: 'person_link',
        resource: 'https://nhs-data-lake.example.nhs.uk/fhir/table/person-link',
      },
    ],
    content: [{ contentType: 'application/sql;dialect=duckdb', url: 'pulses.sql' }],
  });
  writeFileSync(
    join(folder, 'pulses.sql'),
    `SELECT o.*, link.person_id AS person, md5(o.patient) AS digest, left(o.patient, 16) AS part,
            hospital.code IS NOT NULL AS at_hospital
     FROM observation o LEFT JOIN person_link link ON link.patient_ref = o.patient
     LEFT JOIN hospital ON hospital.system = o.system AND hospital.code = o.organisation`,
  );
}

describe('an extract for a research project', function () {
  this.timeout(60_000);
  let running: RunningLake;
  const outside = mkdtempSync(join(tmpdir(), 'lake-extract-'));
  const definition = join(outside, 'pulses');
  after(() => rmSync(outside, { recursive: true, force: true }));

  beforeEach(async () => {
    writeDefinition(definition);
    running = await RunningLake.start();
    for (const [code, id, number] of [
      ['A81001', 'g1', numbers.a],
      ['RX901', 'h1', numbers.a],
      ['A81001', 'g2', numbers.b],
    ] as const) {
      const sender = existsSync(join(running.folder.credentials, `${code}.json`))
        ? running.sender(code)
        : await running.provider(code);
      await put(sender, aPatient(id, number));
      await put(sender, pulse(id, code));
    }
    await running.operator.curate();
    for (const project of ['asthma-study', 'falls-study'])
      await running.operator.identity('createProject', { project });
  });
  afterEach(async () => {
    await running.remove();
    assert.deepEqual(running.failures, []);
  });

  const put = async (sender: Sender, resource: { resourceType: string; id: string }): Promise<void> => {
    const { status } = await sender.request('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    assert.ok(status < 300);
  };
  const pulse = (patient: string, code: string) => ({
    resourceType: 'Observation',
    id: `o-${patient}`,
    identifier: [{ system: 'https://example.nhs.uk/order', value: `order-${patient}` }],
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: `Patient/${patient}` },
    encounter: { reference: `Encounter/e-${patient}` },
    performer: [{ identifier: { system: ods, value: code } }],
    effectiveDateTime: '2026-01-01',
    valueQuantity: { value: 72.5 },
  });
  const load = (name: 'national' | 'type-1', people: readonly string[], daysAgo = 1) =>
    running.operator.identity('loadOptOuts', {
      name,
      asOf: new Date(Date.now() - daysAgo * day).toISOString(),
      longestAgeDays: 14,
      text: people.map((number) => `${number},\n`).join(''),
    });
  const extract = (project: string, mart = 'pulses', format: 'parquet' | 'csv' = 'parquet') =>
    performOperation(running.operator, 'extract', [
      {
        project,
        mart,
        definition: mart === 'pulses' ? definition : undefined,
        format,
        out: outside,
      },
    ]);
  async function rowsOf(place: string, { file }: ExtractManifest): Promise<readonly Record<string, unknown>[]> {
    const session = await running.parts.ports(researchManifest).query.session({ readableFolders: [outside] });
    try {
      return (await session.query(`SELECT * FROM '${join(place, file.name)}'`)).rows;
    } finally {
      await session.close();
    }
  }
  const made = async (project: string, mart?: string) => {
    const { place, manifest } = await extract(project, mart);
    return { place, manifest, rows: await rowsOf(place, manifest) };
  };
  const valuesOf = (rows: readonly Record<string, unknown>[], columns: readonly string[]): ReadonlySet<string> =>
    new Set(
      rows
        .flatMap((row) => columns.map((name) => row[name]))
        .filter((value) => value !== null)
        .map(String),
    );

  it("shares no name of a person, resource or organisation with another project's nor with the lake, and every fact", async () => {
    await load('national', [numbers.a, numbers.b]);
    await load('type-1', []);
    const [one, two] = [await made('asthma-study'), await made('falls-study')];
    for (const { rows } of [one, two]) {
      assert.equal(rows.length, 3);
      for (const name of derived)
        assert.ok(
          rows.every((row) => String(row[name]).length > 8),
          `${name} is there`,
        );
      // Two providers' patients who are one person, and the list of organisations, still join.
      assert.equal(new Set(rows.map(({ person }) => person)).size, 2);
      assert.equal(rows.filter(({ at_hospital: there }) => there === true).length, 1);
      assert.equal(new Set(rows.map(({ organisation }) => organisation)).size, 2);
      assert.ok(rows.every(({ reference, patient }) => reference === `Patient/${patient}`));
    }
    const [first, second] = [valuesOf(one.rows, derived), valuesOf(two.rows, derived)];
    assert.deepEqual(
      [...first].filter((value) => second.has(value)),
      [],
    );
    const facts = (rows: readonly Record<string, unknown>[]) =>
      rows.map(({ code, happened, value, at_hospital: there }) => [code, happened, value, there].join()).sort();
    assert.deepEqual(facts(one.rows), facts(two.rows));
    const lake = JSON.stringify([
      (await running.operator.sql('SELECT * FROM curated.observation')).rows,
      (await running.operator.sql('SELECT * FROM curated.person_link')).rows,
    ]);
    const known = one.rows.flatMap((row) =>
      derived.filter((name) => name !== 'digest').map((name) => String(row[name])),
    );
    assert.deepEqual(
      known.filter((value) => lake.includes(value.replace('Patient/', ''))),
      [],
    );
    // The same project again: the same names, so that it can follow its people.
    assert.deepEqual(valuesOf((await made('asthma-study')).rows, derived), first);
  });

  it('of a shipped mart shares no person, patient or resource either', async () => {
    await load('national', [numbers.a, numbers.b]);
    await load('type-1', []);
    const columns = ['person', 'patient', 'resource', 'provider'];
    const [one, two] = [await made('asthma-study', 'patient_timeline'), await made('falls-study', 'patient_timeline')];
    assert.equal(one.rows.length, 3);
    const second = valuesOf(two.rows, columns);
    assert.deepEqual(
      [...valuesOf(one.rows, columns)].filter((value) => second.has(value)),
      [],
    );
  });

  it('says what it is in a manifest beside it, and in the audit; the lake keeps it until an erasure', async () => {
    await load('national', [numbers.a, numbers.b]);
    await load('type-1', []);
    const said: string[] = [];
    const terminal = { out: (text: string) => void said.push(text), error: () => undefined, interactive: false };
    const call = ['extract', '--definition', definition, '--project', 'asthma-study', '--format', 'csv', '--json'];
    assert.equal(await runCommand([...call, '--data', running.folder.root], terminal), 0);
    const { place, manifest } = JSON.parse(said.join('')) as { place: string; manifest: ExtractManifest };
    const folder = join(running.folder.zones.releases, place);
    const bytes = readFileSync(join(folder, manifest.file.name));
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')), manifest);
    assert.deepEqual(
      [manifest.project, manifest.mart, manifest.purpose, manifest.rows, manifest.file.bytes, manifest.file.sha256],
      ['asthma-study', 'pulses', 'research', 3, bytes.length, createHash('sha256').update(bytes).digest('hex')],
    );
    assert.deepEqual(manifest.columns.map(({ name }) => name).slice(0, 3), ['id', 'patient', 'reference']);
    const [record] = (await auditOf(running, 'lake')).filter(({ action }) => action === 'lake extract');
    assert.deepEqual(
      [record?.outcome.result, record?.purpose, record?.entities?.map(({ id }) => id)],
      ['allowed', 'HRESCH', [manifest.extract, 'asthma-study', 'pulses']],
    );
    const { erased } = await running.operator.erase({ nhsNumbers: [numbers.b], patients: [] });
    assert.equal(erased.extractFiles, 2);
    assert.ok(!existsSync(folder) || readdirSync(folder).length === 0);
  });

  it('holds whom both opt-out lists let in, whatever the mart is for, and is not made while one is missing or stale', async () => {
    const files = () =>
      readdirSync(outside, { recursive: true }).filter((name) => String(name).endsWith('.json')).length;
    const before = files();
    await assert.rejects(extract('asthma-study'), /national data opt-out list is missing/);
    await load('national', [numbers.a]);
    await assert.rejects(extract('asthma-study'), /Type 1 opt-out list is missing/);
    await load('type-1', [], 15);
    await assert.rejects(extract('asthma-study'), /older than allowed/);
    assert.equal(files(), before);
    const refused = (await auditOf(running, 'lake')).filter(({ action }) => action === 'lake extract');
    assert.deepEqual(
      refused.map(({ outcome }) => outcome.code),
      ['PreconditionFailed', 'PreconditionFailed', 'PreconditionFailed'],
    );
    await load('type-1', []);
    assert.equal((await made('asthma-study')).rows.length, 2);
    await load('type-1', [numbers.a]);
    assert.equal((await made('asthma-study')).rows.length, 0);
  });

  it('is refused for a project or a mart that there is not, and for a column not every reader gives back right', async () => {
    await load('national', [numbers.a, numbers.b]);
    await load('type-1', []);
    await assert.rejects(extract('no-such-study'), { code: 'NotFound' });
    await assert.rejects(extract('asthma-study', 'no_such_mart'), { code: 'NotFound' });
    writeFileSync(join(definition, 'pulses.sql'), 'SELECT hash(patient) AS number FROM observation');
    await assert.rejects(extract('asthma-study'), /Column number has the type UBIGINT/);
  });
});
