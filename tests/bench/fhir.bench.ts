import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { resourceTypes } from '../../functions/fhir/definitions';
import { type JsonObject, parseJson } from '../../functions/fhir/json';
import { typeCheckOf } from '../../functions/fhir/type-check';
import { Validator } from '../../functions/fhir/validator';

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
}

const coding = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});
const uk = 'https://fhir.hl7.org.uk';

const patient = {
  resourceType: 'Patient',
  id: 'patient-1',
  meta: { versionId: '1', lastUpdated: '2024-03-01T10:00:00Z', profile: [`${uk}/StructureDefinition/UKCore-Patient`] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p><b>Sam</b> Synthetic</p></div>' },
  extension: [
    {
      url: `${uk}/StructureDefinition/Extension-UKCore-EthnicCategory`,
      valueCodeableConcept: coding(`${uk}/CodeSystem/UKCore-EthnicCategoryEngland`, 'A', 'British'),
    },
  ],
  identifier: [
    { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018', use: 'official' },
    { system: 'https://example.org/mrn', value: 'mrn-1' },
  ],
  active: true,
  name: [{ use: 'official', family: 'Synthetic', given: ['Sam', 'Robin'], period: { start: '2020-01-01' } }],
  telecom: [{ system: 'phone', value: '0117 496 0000', use: 'home' }],
  gender: 'female',
  birthDate: '1980-05-17',
  address: [{ use: 'home', line: ['1 Test Street', 'Upton'], city: 'Bristol', postalCode: 'BS1 4ND' }],
  maritalStatus: coding('http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', 'M', 'Married'),
  contact: [
    { relationship: [{ text: 'parent' }], name: { family: 'Synthetic' }, telecom: [{ system: 'phone', value: '1' }] },
  ],
  communication: [{ language: coding('urn:ietf:bcp:47', 'en', 'English'), preferred: true }],
  generalPractitioner: [{ reference: 'Organization/gp' }],
};

const quantity = (value: number) => ({ value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' });

const observation = {
  resourceType: 'Observation',
  id: 'observation-1',
  identifier: [{ system: 'https://example.org/results', value: '1' }],
  status: 'final',
  category: [coding('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital signs')],
  code: coding('http://snomed.info/sct', '75367002', 'Blood pressure'),
  subject: { reference: 'Patient/patient-1' },
  encounter: { reference: 'Encounter/1' },
  effectiveDateTime: '2024-03-01T10:00:00+00:00',
  issued: '2024-03-01T10:05:00Z',
  performer: [{ reference: 'Practitioner/1' }],
  interpretation: [coding('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'N', 'Normal')],
  component: [
    { code: coding('http://loinc.org', '8480-6', 'Systolic'), valueQuantity: quantity(120) },
    { code: coding('http://loinc.org', '8462-4', 'Diastolic'), valueQuantity: quantity(80.5) },
  ],
  referenceRange: [{ low: { value: 90 }, high: { value: 140 } }],
};

const bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [patient, ...Array.from({ length: 9 }, () => observation)].map((resource, index) => ({
    fullUrl: `urn:uuid:0000000${index}-0000-4000-8000-000000000000`,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  })),
};

/** Validations per second of processor time, so that a busy machine does not count. */
function rate(resource: object): number {
  const validator = new Validator();
  const parsed = parseJson(Buffer.from(JSON.stringify(resource))) as JsonObject;
  if (validator.validate(parsed).length > 0) throw new Error('The resource of the bench is not valid.');
  let best = 0;
  for (let round = 0; round < 5; round += 1) {
    const start = process.cpuUsage();
    let count = 0;
    let used = 0;
    while (used < 300_000) {
      for (let index = 0; index < 100; index += 1) validator.validate(parsed);
      count += 100;
      const { user, system } = process.cpuUsage(start);
      used = user + system;
    }
    best = Math.max(best, (count / used) * 1e6);
  }
  return Math.round(best);
}

function parseRate(): number {
  const bytes = Buffer.from(JSON.stringify(Array.from({ length: 500 }, () => bundle)));
  let best = 0;
  for (let round = 0; round < 5; round += 1) {
    const start = performance.now();
    parseJson(bytes);
    best = Math.max(best, bytes.length / 1e3 / (performance.now() - start));
  }
  return Math.round(best);
}

/** In a process of its own, from a bundle as it is shipped: transpiling is no part of what a function pays at start. */
function firstValidation(): { readonly milliseconds: number; readonly megabytes: number } {
  const root = join(__dirname, '..', '..');
  const entry = `
    const before = process.memoryUsage().rss;
    const start = performance.now();
    const { Validator } = require('./functions/fhir/validator');
    const { resourceTypes } = require('./functions/fhir/definitions');
    const validator = new Validator();
    validator.validate(${JSON.stringify(patient)});
    const milliseconds = performance.now() - start;
    for (const resourceType of resourceTypes) validator.validate({ resourceType });
    process.stdout.write(JSON.stringify({ milliseconds, megabytes: (process.memoryUsage().rss - before) / 1e6 }));`;
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const built = buildSync({
    stdin: { contents: entry, resolveDir: root },
    bundle: true,
    minify: true,
    platform: 'node',
    external: ['fhirpath', 'fhirpath/*'],
    write: false,
  });
  const runs = Array.from({ length: 5 }, () => {
    const run = spawnSync(process.execPath, ['-'], { cwd: root, input: built.outputFiles[0]!.text, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout) as { milliseconds: number; megabytes: number };
  });
  return runs.reduce((least, one) => (one.milliseconds < least.milliseconds ? one : least));
}

/** Growth of resident memory by compiling the checks of every type, backbones and data types included. */
function memoryOfAllTypes(): number {
  const before = process.memoryUsage().rss;
  const visited = new Set<string>();
  const visit = (name: string): void => {
    if (visited.has(name)) return;
    visited.add(name);
    for (const { kind, type } of typeCheckOf(name).properties.values()) if (kind === 'object') visit(type.code);
  };
  resourceTypes.forEach(visit);
  return Math.round(Math.max(0, process.memoryUsage().rss - before) / 1e6);
}

export async function run(): Promise<Row[]> {
  const memory = memoryOfAllTypes();
  const first = firstValidation();
  return [
    { name: 'validate Patients', value: rate(patient), unit: '/s per core', baseline: 30_000 },
    { name: 'validate Observations', value: rate(observation), unit: '/s per core', baseline: 50_000 },
    { name: 'validate Bundles of ten', value: rate(bundle), unit: '/s per core', baseline: 5_000 },
    { name: 'parse JSON strictly', value: parseRate(), unit: 'MB/s', baseline: 60 },
    { name: 'first validation after import began', value: Math.round(first.milliseconds), unit: 'ms', baseline: 60 },
    {
      name: 'memory of import and a resource of each type',
      value: Math.round(first.megabytes),
      unit: 'MB',
      baseline: 60,
    },
    { name: 'memory of the checks of all types', value: memory, unit: 'MB', baseline: 60 },
  ];
}
