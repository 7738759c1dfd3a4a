import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

const loinc = 'http://loinc.org';
const ucum = 'http://unitsofmeasure.org';
const concept = (system: string, code: string, display: string) => ({ coding: [{ system, code, display }] });

const quantity = (value: number, code: string) => ({ value, unit: code, system: ucum, code });

/** Synthetic Observations shaped like UK Core ones: 70 % a quantity, 15 % a blood pressure in components, 15 % a code. */
export function corpusObservation(index: number): Record<string, unknown> {
  const kind = (index * 7) % 20;
  const day = `2025-${String(1 + (index % 12)).padStart(2, '0')}-${String(1 + (index % 28)).padStart(2, '0')}`;
  const number = String(index).padStart(12, '0');
  return {
    resourceType: 'Observation',
    id: `observation-${index.toString(36)}-${((index * 2654435761) >>> 0).toString(16)}`,
    meta: {
      versionId: '1',
      lastUpdated: `${day}T10:00:00.000+00:00`,
      source: `urn:uuid:1f3e5a1c-0000-4000-8000-${number}`,
      profile: ['https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation'],
    },
    identifier: [{ system: 'https://tools.ietf.org/html/rfc4122', value: `4d1f2f8e-0000-4000-8000-${number}` }],
    status: 'final',
    category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs')],
    code: {
      coding: [
        {
          system: 'http://snomed.info/sct',
          code: kind < 14 ? '27113001' : '75367002',
          display: 'An observable entity',
        },
        { system: loinc, code: kind < 14 ? '29463-7' : '85354-9', display: 'An observation of the clinic' },
      ],
      text: 'Measured at the appointment',
    },
    subject: { reference: `Patient/patient-${index % 100_000}`, type: 'Patient' },
    encounter: { reference: `Encounter/encounter-${index % 300_000}` },
    effectiveDateTime: `${day}T09:30:00+00:00`,
    issued: `${day}T09:35:10.123+00:00`,
    performer: [
      { reference: `Practitioner/practitioner-${index % 500}` },
      { reference: `Organization/organisation-${index % 50}` },
    ],
    note: [
      { text: 'The reading was repeated after five minutes of rest and written down by the nurse of the practice.' },
    ],
    ...valuesOf(index, kind),
  };
}

function valuesOf(index: number, kind: number): Record<string, unknown> {
  if (kind < 14) {
    return {
      valueQuantity: quantity(((index * 31) % 12_000) / 100, 'kg'),
      referenceRange: [{ low: quantity(10, 'kg'), high: quantity(150, 'kg'), text: 'adult' }],
    };
  }
  if (kind < 17) {
    const component = (code: string, value: number) => ({
      code: concept(loinc, code, 'A blood pressure'),
      valueQuantity: quantity(value, 'mm[Hg]'),
    });
    return { component: [component('8480-6', 100 + (index % 60)), component('8462-4', 60 + (index % 40))] };
  }
  return { valueCodeableConcept: concept('http://snomed.info/sct', '260385009', 'Negative') };
}

export async function writeObservations(file: string, count: number): Promise<void> {
  const stream = createWriteStream(file);
  for (let from = 0; from < count; from += 2_000) {
    const lines = Array.from({ length: Math.min(2_000, count - from) }, (_, at) =>
      JSON.stringify(corpusObservation(from + at)),
    );
    if (!stream.write(`${lines.join('\n')}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}
