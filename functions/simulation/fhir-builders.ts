import type { SimulatedProvider } from './bnssg';
import type { SimulatedPerson } from './simulated-person';

export type Resource = { readonly resourceType: string } & Readonly<Record<string, unknown>>;

export const snomed = 'http://snomed.info/sct';
const profile = (type: string) => ({ profile: [`https://fhir.hl7.org.uk/StructureDefinition/UKCore-${type}`] });
const concept = (code: string, display: string, system = snomed) => ({ coding: [{ system, code, display }] });
const reference = (target: string, display?: string) => ({ reference: target, ...(display === undefined ? {} : { display }) });
const actCode = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code });

export function patient(person: SimulatedPerson, localId: string | undefined, provider: SimulatedProvider): Resource {
  const status = person.traced ? '01' : '02';
  return {
    resourceType: 'Patient',
    ...(localId === undefined ? {} : { id: localId }),
    meta: profile('Patient'),
    extension: [
      {
        url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory',
        valueCodeableConcept: concept(person.ethnicity, 'Ethnic category', 'https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland'),
      },
    ],
    identifier: [
      {
        extension: [
          {
            url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
            valueCodeableConcept: { coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland', code: status }] },
          },
        ],
        system: 'https://fhir.nhs.uk/Id/nhs-number',
        value: person.nhsNumber,
      },
      { system: `https://example.nhs.uk/${provider.ods.toLowerCase()}/patient`, value: `${provider.ods}-${person.index}` },
    ],
    name: [{ use: 'official', family: person.family, given: [person.given] }],
    telecom: [{ system: 'phone', value: person.phone, use: 'mobile' }],
    gender: person.gender,
    birthDate: person.birthDate,
    address: [{ use: 'home', line: [person.line], city: 'Bristol', postalCode: person.postcode }],
  };
}

/** Who a resource is about: the reference and, as senders do, the name beside it. */
export interface About {
  readonly subject: string;
  readonly person: SimulatedPerson;
}

const subject = ({ subject: target, person }: About) => reference(target, `${person.given} ${person.family}`);

export const condition = (about: About, code: string, display: string, onset: string): Resource => ({
  resourceType: 'Condition',
  meta: profile('Condition'),
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  verificationStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }] },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' }] }],
  code: { ...concept(code, display), text: `${display}, discussed with ${about.person.given}` },
  subject: subject(about),
  onsetDateTime: onset,
  recordedDate: onset,
});

const quantity = (value: number, unit: string, code = unit) => ({ value, unit, system: 'http://unitsofmeasure.org', code });
const loinc = 'http://loinc.org';

export const bloodPressure = (about: About, time: string, systolic: number, diastolic: number): Resource => ({
  resourceType: 'Observation',
  meta: profile('Observation'),
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
  code: concept('85354-9', 'Blood pressure panel', loinc),
  subject: subject(about),
  effectiveDateTime: time,
  component: [
    { code: concept('8480-6', 'Systolic blood pressure', loinc), valueQuantity: quantity(systolic, 'mm[Hg]') },
    { code: concept('8462-4', 'Diastolic blood pressure', loinc), valueQuantity: quantity(diastolic, 'mm[Hg]') },
  ],
});

export const measurement = (about: About, time: string, code: string, display: string, value: number, unit: string): Resource => ({
  resourceType: 'Observation',
  meta: profile('Observation'),
  status: 'final',
  code: concept(code, display, loinc),
  subject: subject(about),
  effectiveDateTime: time,
  valueQuantity: quantity(value, unit),
});

export const smokingStatus = (about: About, time: string): Resource => ({
  resourceType: 'Observation',
  meta: profile('Observation'),
  status: 'final',
  code: concept('72166-2', 'Tobacco smoking status', loinc),
  subject: subject(about),
  effectiveDateTime: time,
  valueCodeableConcept: about.person.smoker ? concept('77176002', 'Smoker') : concept('266919005', 'Never smoked tobacco'),
  note: [{ text: `Asked ${about.person.given} ${about.person.family} about smoking.` }],
});

export const medicationRequest = (about: About, time: string, [code, display]: readonly [string, string]): Resource => ({
  resourceType: 'MedicationRequest',
  meta: profile('MedicationRequest'),
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: concept(code, display),
  subject: subject(about),
  authoredOn: time,
});

export const fluVaccination = (about: About, date: string): Resource => ({
  resourceType: 'Immunization',
  meta: profile('Immunization'),
  extension: [{ url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure', valueCodeableConcept: concept('822851000000102', 'Administration of seasonal influenza vaccine') }],
  status: 'completed',
  vaccineCode: concept('1181000221105', 'Influenza virus antigen only vaccine product'),
  patient: subject(about),
  occurrenceDateTime: date,
});

export interface EncounterFacts {
  readonly class: 'AMB' | 'EMER' | 'IMP' | 'VR';
  readonly type: readonly [code: string, display: string];
  readonly reason?: readonly [code: string, display: string];
  readonly start: string;
  readonly end: string;
  readonly provider: SimulatedProvider;
}

export const encounter = (about: About, facts: EncounterFacts): Resource => ({
  resourceType: 'Encounter',
  meta: profile('Encounter'),
  status: 'finished',
  class: actCode(facts.class),
  type: [concept(...facts.type)],
  subject: subject(about),
  period: { start: facts.start, end: facts.end },
  ...(facts.reason === undefined ? {} : { reasonCode: [{ ...concept(...facts.reason), text: `${about.person.given} rang from ${about.person.phone}` }] }),
  serviceProvider: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: facts.provider.ods }, display: facts.provider.name },
});
