import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { resourceTypes } from '../../functions/fhir/definitions';
import { type JsonObject, parseJson } from '../../functions/fhir/json';
import { typeCheckOf } from '../../functions/fhir/type-check';
import { ukCore } from '../../functions/fhir/uk-core';
import { Validator } from '../../functions/fhir/validator';
import type { Figure } from './figure';

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

/** Calls per second of processor time, so that a busy machine does not count. */
function rate(call: () => void): number {
  let best = 0;
  for (let round = 0; round < 5; round += 1) {
    const start = process.cpuUsage();
    let count = 0;
    let used = 0;
    while (used < 200_000) {
      for (let index = 0; index < 100; index += 1) call();
      count += 100;
      const { user, system } = process.cpuUsage(start);
      used = user + system;
    }
    best = Math.max(best, (count / used) * 1e6);
  }
  return Math.round(best);
}

/** Validation of what is parsed, and from bytes to verdict, beside JSON.parse alone of the same text. */
function rates(name: string, resource: object): Figure[] {
  const validator = new Validator({ packages: [ukCore()] });
  const text = JSON.stringify(resource);
  const bytes = Buffer.from(text);
  const parsed = parseJson(bytes) as JsonObject;
  if (validator.validate(parsed).length > 0) throw new Error('The resource of the bench is not valid.');
  const baseline = rate(() => JSON.parse(text));
  return [
    {
      name: `validate ${name} (beside JSON.parse alone)`,
      value: rate(() => validator.validate(parsed)),
      unit: '/s per core',
      baseline,
    },
    {
      name: `${name} from bytes to verdict (the same)`,
      value: rate(() => validator.validate(parseJson(bytes))),
      unit: '/s per core',
      baseline,
    },
  ];
}

interface First {
  /** By the clock, from the start of the import to the first verdict. */
  readonly wall: number;
  /** Processor time of the same. */
  readonly processor: number;
  /** Growth of resident memory by the import and a resource of each type. */
  readonly megabytes: number;
}

/** As ingest has it, with UK Core, in a process of its own, from a bundle as it is shipped: transpiling is no part of what a function pays at start. */
function firstValidation(): First {
  const root = join(__dirname, '..', '..');
  const entry = `
    const before = process.memoryUsage().rss;
    const used = process.cpuUsage();
    const start = performance.now();
    const { Validator } = require('./functions/fhir/validator');
    const { resourceTypes } = require('./functions/fhir/definitions');
    const { ukCore } = require('./functions/fhir/uk-core');
    const validator = new Validator({ packages: [ukCore()] });
    validator.validate(${JSON.stringify(patient)});
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    for (const resourceType of resourceTypes) validator.validate({ resourceType });
    const megabytes = (process.memoryUsage().rss - before) / 1e6;
    process.stdout.write(JSON.stringify({ wall, processor: (user + system) / 1e3, megabytes }));`;
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const built = buildSync({
    stdin: { contents: entry, resolveDir: root },
    bundle: true,
    minify: true,
    platform: 'node',
    external: ['fhirpath', 'fhirpath/*'],
    write: false,
  });
  const runs = Array.from({ length: 9 }, () => {
    const run = spawnSync(process.execPath, ['-'], { cwd: root, input: built.outputFiles[0]!.text, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return JSON.parse(run.stdout) as First;
  });
  const least = (figure: keyof First): number => Math.round(Math.min(...runs.map((run) => run[figure])));
  return { wall: least('wall'), processor: least('processor'), megabytes: least('megabytes') };
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

/** Figures; the bars are 30,000 Patients/s, 50,000 Observations/s, 5,000 Bundles of ten/s, 60 ms, 60 MB. */
export async function run(): Promise<Figure[]> {
  const memory = memoryOfAllTypes();
  const { wall, processor, megabytes } = firstValidation();
  return [
    ...rates('Patients', patient),
    ...rates('Observations', observation),
    ...rates('Bundles of ten', bundle),
    { name: 'first validation after import began', value: wall, unit: 'ms' },
    { name: 'first validation after import began, processor time', value: processor, unit: 'ms' },
    { name: 'memory of import and a resource of each type', value: megabytes, unit: 'MB' },
    { name: 'memory of the checks of all types', value: memory, unit: 'MB' },
  ];
}
