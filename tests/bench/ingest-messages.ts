import { randomUUID } from 'node:crypto';

const snomed = 'http://snomed.info/sct';
const coded = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});
const measured: readonly [code: string, display: string, unit: string][] = [
  ['8480-6', 'Systolic blood pressure', 'mm[Hg]'],
  ['8462-4', 'Diastolic blood pressure', 'mm[Hg]'],
  ['29463-7', 'Body weight', 'kg'],
  ['8867-4', 'Heart rate', '/min'],
  ['59408-5', 'Oxygen saturation', '%'],
];

function patient(index: number): object {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'https://bench.example.nhs.uk/mrn', value: `M${index}` }],
    name: [{ use: 'official', family: `Family${index}`, given: ['Given'] }],
    telecom: [{ system: 'phone', value: '01632960000', use: 'home' }],
    gender: index % 2 === 0 ? 'female' : 'male',
    birthDate: `19${30 + (index % 60)}-0${1 + (index % 9)}-11`,
    address: [{ line: ['1 High Street'], city: 'Bristol', postalCode: 'BS1 1AA' }],
  };
}

/** As a GP system sends it: coded with display, a decimal, an identifier, a person as performer. */
export function observation(index: number, subject = `Patient/p${index % 5000}`): object {
  const [code, display, unit] = measured[index % measured.length]!;
  const minute = String(index % 60).padStart(2, '0');
  return {
    resourceType: 'Observation',
    identifier: [{ system: 'https://bench.example.nhs.uk/observation', value: randomUUID() }],
    status: 'final',
    category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs')],
    code: coded('http://loinc.org', code, display),
    subject: { reference: subject },
    effectiveDateTime: `2026-03-${String(1 + (index % 28)).padStart(2, '0')}T09:${minute}:00+00:00`,
    performer: [{ reference: 'Practitioner/gp1', display: 'Dr A Example' }],
    valueQuantity: { value: 60 + (index % 80), unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

const condition = (subject: string): object => ({
  resourceType: 'Condition',
  clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
  code: coded(snomed, '195967001', 'Asthma'),
  subject: { reference: subject },
  onsetDateTime: '2019-04-01',
});

/** A transaction of `entries` resources about one person: the patient, two conditions, observations. */
export function transaction(index: number, entries: number): string {
  const fullUrl = `urn:uuid:${randomUUID()}`;
  const resources = [
    patient(index),
    condition(fullUrl),
    condition(fullUrl),
    ...Array.from({ length: entries - 3 }, (_, offset) => observation(index * entries + offset, fullUrl)),
  ];
  const entry = resources.map((resource, at) => ({
    fullUrl: at === 0 ? fullUrl : `urn:uuid:${randomUUID()}`,
    resource,
    request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
  }));
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
}
