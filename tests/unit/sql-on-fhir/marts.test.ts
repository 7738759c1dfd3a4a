import assert from 'node:assert/strict';
import { join } from 'node:path';
import { compileMart } from '../../../functions/marts/compile-mart';
import { readMarts } from '../../../functions/marts/mart-library';
import { compileView } from '../../../functions/sql-on-fhir/compile-view';
import { ViewRunner } from './support/duckdb-session';

const folder = join(__dirname, '../../../functions/marts/library');
const snomed = 'http://snomed.info/sct';
const dmd = 'https://dmd.nhs.uk';
const allowedTypes = /^(?:BOOLEAN|INTEGER|BIGINT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|DATE|TIMESTAMP WITH TIME ZONE)$/;

type Json = Record<string, unknown>;

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const subject = (patient: string) => ({ subject: { reference: `Patient/${patient}` } });
const provider = (value: string) => ({
  serviceProvider: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value } },
});
const ukCore = (name: string, valueCodeableConcept: Json) => ({
  url: `https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-${name}`,
  valueCodeableConcept,
});

const patient = (id: string, more: Json = {}): Json => ({
  resourceType: 'Patient',
  id,
  birthDate: '1960-05-01',
  ...more,
});
const encounter = (id: string, of: string, kind: string, start: string, end?: string, more: Json = {}): Json => ({
  resourceType: 'Encounter',
  id,
  status: end === undefined ? 'in-progress' : 'finished',
  class: { code: kind },
  ...subject(of),
  period: { start, ...(end === undefined ? {} : { end }) },
  ...more,
});
const condition = (of: string, code: string, onsetDateTime?: string, more: Json = {}): Json => ({
  resourceType: 'Condition',
  id: `c-${of}-${code}`,
  ...subject(of),
  code: concept(snomed, code),
  ...(onsetDateTime === undefined ? {} : { onsetDateTime }),
  ...more,
});
const prescription = (of: string, authoredOn: string, code = '42292311000001106'): Json => ({
  resourceType: 'MedicationRequest',
  id: `m-${of}-${authoredOn}`,
  status: 'active',
  ...subject(of),
  authoredOn,
  medicationCodeableConcept: concept(dmd, code),
});
const procedure = (of: string, code: string, performedDateTime: string): Json => ({
  resourceType: 'Procedure',
  id: `p-${of}-${code}`,
  status: 'completed',
  ...subject(of),
  code: concept(snomed, code),
  performedDateTime,
});
const flu = (of: string, status: string, occurrenceDateTime: string): Json => ({
  resourceType: 'Immunization',
  id: `i-${of}-${occurrenceDateTime}`,
  status,
  patient: { reference: `Patient/${of}` },
  extension: [ukCore('VaccinationProcedure', concept(snomed, '822851000000102'))],
  vaccineCode: concept(dmd, '11278411000001109'),
  occurrenceDateTime,
});

/** Every column of a definition, at any depth. */
function columnsOf(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(columnsOf);
  if (typeof node !== 'object' || node === null) return [];
  const own = 'path' in node && 'name' in node ? [node as Json] : [];
  return [...own, ...Object.values(node).flatMap(columnsOf)];
}

describe('example marts', () => {
  const runner = new ViewRunner();
  const marts = new Map(readMarts(folder).map((mart) => [mart.name, mart]));
  after(() => runner.close());

  const sqlOf = (name: string, links: readonly (readonly [string, string])[] = []): string => {
    const rows = links.map(([patientRef, person]) => `('${patientRef}', '${person}', 'verified')`);
    return compileMart(marts.get(name)!, {
      view: (view) => compileView(view, { source: { kind: 'relation', name: ['resources'] }, dialect: 'duckdb' }).sql,
      links: `SELECT * FROM (VALUES ${['(NULL, NULL, NULL)', ...rows].join(', ')}) t(patient_ref, person_id, basis) WHERE patient_ref IS NOT NULL`,
    });
  };
  const rows = async (name: string, resources: readonly Json[], links: readonly (readonly [string, string])[] = []) => {
    await runner.load(resources);
    return (await (await runner.session()).query(sqlOf(name, links))).rows;
  };

  it('are four, each with views that can be shared and columns that every reader of tables holds', async () => {
    assert.deepEqual(
      [...marts.keys()],
      ['patient_timeline', 'respiratory_register', 'service_effectiveness', 'urgent_care_demand'],
    );
    const session = await runner.session();
    for (const mart of marts.values()) {
      assert.ok(mart.description.length > 20);
      for (const [url, view] of mart.views) {
        const { columns } = compileView(view, { source: { kind: 'ndjson', files: ['x'] }, dialect: 'duckdb' });
        // ShareableViewDefinition: url, name, fhirVersion and the type of every column.
        const { name, fhirVersion, select } = view as Json & { select: Json };
        assert.ok(url.startsWith('https://') && typeof name === 'string' && Array.isArray(fhirVersion));
        const untyped = columnsOf(select).filter(({ type }) => type === undefined);
        assert.deepEqual([untyped, columns.length > 0], [[], true], url);
      }
      for (const { name, type } of await session.describe(sqlOf(mart.name)))
        assert.match(type, allowedTypes, `${mart.name}.${name}`);
      await runner.load([]);
      assert.deepEqual((await session.query(sqlOf(mart.name))).rows, []);
    }
  });

  it('patient_timeline joins what providers know of one person, in order', async () => {
    const found = await rows(
      'patient_timeline',
      [
        ...[patient('gp-1'), patient('ed-1'), patient('other')],
        encounter('e1', 'ed-1', 'EMER', '2025-03-01T22:00:00Z', '2025-03-02T01:00:00Z', provider('ZT1')),
        { ...condition('gp-1', '195967001', '2010'), recordedDate: '2010-06-01T09:00:00Z' },
        condition('other', '13645005', '2020-01-02'),
        { ...condition('gp-1', '1'), verificationStatus: concept('x', 'entered-in-error') },
        {
          resourceType: 'Observation',
          id: 'bp',
          status: 'final',
          ...subject('ed-1'),
          encounter: { reference: 'Encounter/e1' },
          code: concept(snomed, '75367002'),
          effectiveDateTime: '2025-03-01T22:30:00Z',
          component: [
            { code: concept(snomed, '271649006'), valueQuantity: { value: 150, code: 'mm[Hg]' } },
            { code: concept(snomed, '271650006'), valueQuantity: { value: 95.5, code: 'mm[Hg]' } },
          ],
        },
        prescription('gp-1', '2025-01-01T00:00:00Z'),
        flu('gp-1', 'completed', '2024-10-01'),
        procedure('ed-1', '399208008', '2025-03-01T23:00:00Z'),
      ],
      [
        ['gp-1', 'person-1'],
        ['ed-1', 'person-1'],
      ],
    );
    assert.deepEqual(
      found.map(({ person, kind, code, value, provider: by }) => [person, kind, code, value, by]),
      [
        ['other', 'condition', '13645005', null, null],
        ['person-1', 'condition', '195967001', null, null],
        ['person-1', 'immunization', '11278411000001109', null, null],
        ['person-1', 'medication', '42292311000001106', null, null],
        ['person-1', 'encounter', null, null, 'ZT1'],
        ['person-1', 'observation', '271649006', '150.000000', 'ZT1'],
        ['person-1', 'observation', '271650006', '95.500000', 'ZT1'],
        ['person-1', 'procedure', '399208008', null, null],
      ],
    );
    assert.equal(found[1]!.happened, '2010-06-01 09:00:00+00', 'a year alone has no moment: the recording has');
  });

  it('urgent_care_demand counts contacts once, by local hour, and not the telephone calls of practices', async () => {
    const home = (postalCode: string) => ({ address: [{ use: 'old', postalCode: 'XX1' }, { postalCode }] });
    const found = await rows(
      'urgent_care_demand',
      [
        ...[patient('a', home('BS3')), patient('a2'), patient('b', home('BS3')), patient('c')],
        // 7 July 2025 is a Monday; 23:30 UTC is half past midnight on Tuesday in London.
        encounter('1', 'a', 'VR', '2025-07-07T23:30:00Z', '2025-07-07T23:40:00Z', provider('ZN1')),
        encounter('2', 'b', 'VR', '2025-07-07T23:40:00Z', '2025-07-07T23:50:00Z', provider('Z99001')),
        encounter('3', 'a2', 'FLD', '2025-07-07T10:00:00Z', undefined, provider('ZA1')),
        encounter('4', 'a2', 'FLD', '2025-07-07T10:00:00Z', '2025-07-07T11:00:00Z', provider('ZA1')),
        encounter('5', 'b', 'EMER', '2025-07-07T10:15:00Z', '2025-07-07T12:00:00Z', provider('ZT1')),
        encounter('6', 'c', 'EMER', '2025-07-07T10:45:00Z', '2025-07-07T12:00:00Z', provider('ZT1')),
        encounter('7', 'c', 'EMER', '2025-07-14T10:05:00Z', '2025-07-14T12:00:00Z', provider('ZT1')),
        { ...encounter('8', 'c', 'EMER', '2025-07-07T10:45:00Z'), status: 'cancelled' },
        encounter('9', 'c', 'IMP', '2025-07-07T10:45:00Z'),
      ],
      [
        ['a', 'person-a'],
        ['a2', 'person-a'],
      ],
    );
    assert.deepEqual(
      found.map((row) => Object.values(row)),
      [
        ['111', 'ZN1', 'BS3', 2, 0, '1', '1'],
        ['ambulance', 'ZA1', 'BS3', 1, 11, '1', '1'],
        ['emergency-department', 'ZT1', 'BS3', 1, 11, '1', '1'],
        ['emergency-department', 'ZT1', 'unknown', 1, 11, '2', '1'],
      ],
    );
  });

  describe('respiratory_register', () => {
    const register = async (resources: readonly Json[], links: readonly (readonly [string, string])[] = []) =>
      rows('respiratory_register', resources, links);

    it('follows the rule of the programme for every combination of asthma, treatment, admission and other disease', async () => {
      const people = Array.from({ length: 16 }, (_, bits) => ({
        id: `p${String(bits).padStart(2, '0')}`,
        ...{ asthma: (bits & 1) > 0, treated: (bits & 2) > 0, admitted: (bits & 4) > 0, other: (bits & 8) > 0 },
      }));
      const resources = people.flatMap(({ id, asthma, treated, admitted, other }) => [
        patient(id),
        ...(asthma ? [condition(id, '195967001', '2001-01-01')] : []),
        ...(treated ? [prescription(id, '2026-01-10')] : []),
        ...(admitted ? [procedure(id, '183478001', '2005-01-01')] : []),
        ...(other ? [condition(id, '13645005', '2015-01-01')] : []),
      ]);
      const found = await register(resources);
      const expected = people.filter(
        ({ asthma, treated, admitted, other }) => other || admitted || (asthma && treated),
      );
      assert.deepEqual(
        found.map(({ person, asthma, asthma_treated, asthma_admission, chronic_respiratory }) => [
          ...[person, asthma, asthma_treated, asthma_admission, chronic_respiratory],
        ]),
        expected.map(({ id, asthma, treated, admitted, other }) => [id, asthma, treated, admitted, other]),
      );
    });

    it('keeps its boundary dates', async () => {
      const asthmatic = (id: string, treatedOn: string, more: Json = {}) => [
        patient(id, more),
        condition(id, '195967001', '2001'),
        prescription(id, treatedOn),
      ];
      const found = await register([
        ...asthmatic('treated-31-aug', '2025-08-31'),
        ...asthmatic('treated-1-sep', '2025-09-01'),
        ...asthmatic('treated-after-audit', '2027-04-01'),
        ...asthmatic('six-months', '2026-01-01', { birthDate: '2026-09-30' }),
        ...asthmatic('too-young', '2026-01-01', { birthDate: '2026-10-01' }),
        ...asthmatic('month-only', '2026-01-01', { birthDate: '2020-02' }),
        ...asthmatic('no-birth', '2026-01-01', { birthDate: undefined }),
        ...asthmatic('dead', '2026-01-01', { deceasedDateTime: '2026-02-01' }),
        ...asthmatic('not-dead', '2026-01-01', { deceasedBoolean: false }),
        ...[patient('later'), condition('later', '13645005', '2027-04-01')],
        ...[patient('undated'), condition('undated', '13645005')],
        ...[
          patient('refuted'),
          condition('refuted', '13645005', '2001', { verificationStatus: concept('x', 'refuted') }),
        ],
      ]);
      assert.deepEqual(
        found.map(({ person }) => person),
        ['month-only', 'no-birth', 'not-dead', 'six-months', 'treated-1-sep', 'undated'],
      );
      assert.equal(found[0]!.birth_month, '2020-02-01');
    });

    it('knows who was vaccinated and who declined in the season, wherever that was', async () => {
      const copd = (id: string) => [patient(id), condition(id, '13645005', '2001')];
      const found = await register(
        [
          ...['given', 'declined', 'declined-then-given', 'last-season', 'elsewhere'].flatMap(copd),
          patient('elsewhere-pharmacy', { address: [{ use: 'home', postalCode: 'BS1' }] }),
          flu('given', 'completed', '2026-09-01'),
          flu('declined', 'not-done', '2026-10-01'),
          flu('declined-then-given', 'not-done', '2026-10-01'),
          flu('declined-then-given', 'completed', '2026-11-01'),
          flu('last-season', 'completed', '2026-08-31'),
          flu('elsewhere-pharmacy', 'completed', '2026-10-10'),
        ],
        [
          ['elsewhere', 'elsewhere'],
          ['elsewhere-pharmacy', 'elsewhere'],
        ],
      );
      assert.deepEqual(
        found.map(({ person, vaccinated, declined, area }) => [person, vaccinated, declined, area]),
        [
          ['declined', false, true, null],
          ['declined-then-given', true, false, null],
          ['elsewhere', true, false, 'BS1'],
          ['given', true, false, null],
          ['last-season', false, false, null],
        ],
      );
    });

    it('counts by its code lists: one code more in a list changes the count', async () => {
      const mart = marts.get('respiratory_register')!;
      await runner.load([patient('p'), condition('p', '63480004', '2001')]);
      const count = async (valueSets: ReadonlyMap<string, unknown>): Promise<number> => {
        const sql = compileMart(
          { ...mart, valueSets },
          {
            view: (view) =>
              compileView(view, { source: { kind: 'relation', name: ['resources'] }, dialect: 'duckdb' }).sql,
            links: "SELECT '' AS patient_ref, '' AS person_id WHERE false",
          },
        );
        return (await (await runner.session()).query(sql)).rows.length;
      };
      assert.equal(await count(mart.valueSets), 0);
      const [url, list] = [...mart.valueSets].find(([key]) => key.includes('chronic-respiratory'))!;
      const more = structuredClone(list) as { compose: { include: { concept: { code: string }[] }[] } };
      more.compose.include[0]!.concept.push({ code: '63480004' });
      assert.equal(await count(new Map([...mart.valueSets, [url, more]])), 1);
    });
  });

  it('service_effectiveness counts readmissions anywhere within 30 days, without transfers and deaths', async () => {
    const stay = (
      id: string,
      of: string,
      from: string,
      until: string | undefined,
      by: string,
      method = '21',
      more: Json = {},
    ) =>
      encounter(id, of, 'IMP', from, until, {
        ...provider(by),
        hospitalization: { extension: [ukCore('AdmissionMethod', concept('x', method))], ...more },
      });
    const found = await rows(
      'service_effectiveness',
      [
        ...['a', 'a-elsewhere', 'b', 'c', 'd'].map((id) => patient(id)),
        stay('1', 'a', '2025-01-01T10:00:00Z', '2025-01-05T10:00:00Z', 'ZT1'),
        stay('1-again', 'a', '2025-01-01T10:00:00Z', '2025-01-05T10:00:00Z', 'ZT1'),
        stay('2', 'a-elsewhere', '2025-02-04T10:00:00Z', '2025-02-06T10:00:00Z', 'ZT2', '11'),
        // A transfer: it begins before the other stay ends.
        stay('3', 'b', '2025-01-10T10:00:00Z', '2025-01-12T10:00:00Z', 'ZT1'),
        stay('4', 'b', '2025-01-12T09:00:00Z', '2025-01-20T10:00:00Z', 'ZT2'),
        // Half a minute after 30 days is too late; still open is a readmission all the same.
        stay('5', 'c', '2025-01-02T00:00:00Z', '2025-01-03T00:00:00Z', 'ZT1'),
        stay('6', 'c', '2025-02-02T00:00:30Z', undefined, 'ZT1'),
        stay('7', 'd', '2025-01-02T00:00:00Z', '2025-01-03T00:00:00Z', 'ZT1', '21', {
          dischargeDisposition: concept('x', '79'),
        }),
        stay('8', 'd', '2025-04-30T22:30:00Z', '2025-04-30T23:30:00Z', 'ZT2'),
      ],
      [
        ['a', 'person-a'],
        ['a-elsewhere', 'person-a'],
      ],
    );
    assert.deepEqual(
      found.map((row) => Object.values(row)),
      [
        ['ZT1', '2025-01-01', '3', '1', '0', 2.33, true],
        ['ZT2', '2025-01-01', '1', '0', '0', 8.04, true],
        ['ZT2', '2025-02-01', '1', '0', '0', 2, true],
        // 23:30 UTC on 30 April is May in London.
        ['ZT2', '2025-05-01', '1', '0', '0', 0.04, false],
      ],
    );
  });
});
