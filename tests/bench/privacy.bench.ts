import { createSecretKey, randomBytes } from 'node:crypto';
import type { JsonObject } from '../../functions/fhir/json';
import { type SplitContext, splitResource } from '../../functions/privacy/split';
import { Tokeniser } from '../../functions/privacy/tokens';
import type { Figure } from './figure';

const coding = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});
const snomed = 'http://snomed.info/sct';

const patient = (index: number): JsonObject => ({
  resourceType: 'Patient',
  id: `patient-${index}`,
  meta: { profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient'] },
  extension: [
    {
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory',
      valueCodeableConcept: coding('https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland', 'A', 'British'),
    },
  ],
  identifier: [
    { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000018', use: 'official' },
    { system: 'https://example.org/mrn', value: `mrn-${index}` },
  ],
  active: true,
  name: [{ use: 'official', family: 'Synthetic', given: ['Sam'] }],
  telecom: [{ system: 'phone', value: '0117 496 0000', use: 'home' }],
  gender: 'female',
  birthDate: '1980-05-17',
  address: [{ use: 'home', line: ['1 Test Street'], city: 'Bristol', postalCode: 'BS1 4ND' }],
  generalPractitioner: [{ reference: 'Organization/gp', display: 'Test Surgery' }],
});

const observation = (index: number): JsonObject => ({
  resourceType: 'Observation',
  id: `observation-${index}`,
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Blood pressure of Sam Synthetic</div>' },
  status: 'final',
  category: [coding('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital signs')],
  code: coding('http://loinc.org', '85354-9', 'Blood pressure panel'),
  subject: { reference: `Patient/patient-${index % 1000}`, display: 'Sam Synthetic' },
  encounter: { reference: `Encounter/encounter-${index}` },
  effectiveDateTime: '2024-05-06T07:08:09Z',
  performer: [{ reference: 'Practitioner/nurse', display: 'Nurse Test' }],
  component: [
    {
      code: coding('http://loinc.org', '8480-6', 'Systolic'),
      valueQuantity: { value: 120, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    },
    {
      code: coding('http://loinc.org', '8462-4', 'Diastolic'),
      valueQuantity: { value: 80, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    },
  ],
});

const condition = (index: number): JsonObject => ({
  resourceType: 'Condition',
  id: `condition-${index}`,
  clinicalStatus: coding('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
  code: coding(snomed, '195967001', 'Asthma'),
  subject: { reference: `Patient/patient-${index % 1000}` },
  onsetDateTime: '2019-01-02',
  note: [{ text: 'Sam finds it hard to climb stairs.' }],
});

/** A general practice's mix: mostly observations, some conditions, a patient now and then. */
function mix(size: number): readonly JsonObject[] {
  return Array.from({ length: size }, (_, index) =>
    index % 20 === 0 ? patient(index) : index % 5 === 0 ? condition(index) : observation(index),
  );
}

function perSecond(resources: readonly JsonObject[], context: SplitContext): number {
  const rounds = 5;
  let best = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    for (const resource of resources) {
      if (splitResource(resource, context).kind !== 'split')
        throw new Error('A resource of the benchmark was not split.');
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, resources.length / ((user + system) / 1e6));
  }
  return Math.round(best);
}

/** Splits per second of processor time (others may use the cores too), best of five rounds over 20,000 resources, after the rules of each type are compiled. */
export async function run(): Promise<Figure[]> {
  const tokeniser = new Tokeniser([{ version: 1, key: createSecretKey(randomBytes(32)) }]);
  const context: SplitContext = { provider: 'A81001', tokeniser, resolveReference: () => undefined };
  const baseline = 15_000;
  return [
    {
      name: 'privacy split, general practice mix',
      value: perSecond(mix(20_000), context),
      unit: 'resources/CPU s',
      baseline,
    },
    {
      name: 'privacy split, Patient',
      value: perSecond(
        Array.from({ length: 20_000 }, (_, index) => patient(index)),
        context,
      ),
      unit: 'resources/CPU s',
      baseline,
    },
    {
      name: 'privacy split, blood pressure Observation',
      value: perSecond(
        Array.from({ length: 20_000 }, (_, index) => observation(index)),
        context,
      ),
      unit: 'resources/CPU s',
      baseline,
    },
  ];
}
