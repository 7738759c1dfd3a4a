import { entries, type Fault, inTransaction, resourceAt } from './fault-material';
import { systemOf } from './providers';

const { patient, encounter, observation, condition } = entries;

const set = (name: string, entry: number, elements: object): Fault =>
  inTransaction(name, 'refused', entry, (bundle) => Object.assign(resourceAt(bundle, entry), elements));

const without = (name: string, entry: number, element: string): Fault =>
  inTransaction(name, 'refused', entry, (bundle) => {
    Reflect.deleteProperty(resourceAt(bundle, entry), element);
  });

const local = (name: string): string => `https://z99001.example/StructureDefinition/${name}`;

/** Resources that are not FHIR R4, each in one way. */
export const resourceFaults: readonly Fault[] = [
  without('required-status-missing', observation, 'status'),
  without('required-code-missing', observation, 'code'),
  without('required-class-missing', encounter, 'class'),
  without('required-subject-missing', condition, 'subject'),
  set('element-unknown', patient, { shoeSize: 42 }),
  set('element-of-another-version', encounter, { actualPeriod: { start: '2024-03-01' } }),
  set('day-that-does-not-exist', patient, { birthDate: '1983-02-30' }),
  set('date-in-words-of-a-form', patient, { birthDate: '01/02/1983' }),
  set('time-without-zone', observation, { effectiveDateTime: '2024-05-01T10:00:00' }),
  set('code-not-in-required-set', patient, { gender: 'M' }),
  set('status-not-in-required-set', encounter, { status: 'done' }),
  set('text-for-a-boolean', patient, { active: 'true' }),
  set('one-value-for-a-list', patient, { name: { family: 'Sample' } }),
  set('list-for-one-value', observation, { status: ['final'] }),
  set('list-without-entries', patient, { telecom: [] }),
  set('null-for-a-value', observation, { issued: null }),
  set('two-choices-of-one-element', condition, { onsetDateTime: '2024-01-01', onsetString: 'in the winter' }),
  set('reference-to-a-wrong-type', observation, { subject: { reference: 'Medication/1' } }),
  set('contained-but-not-referred-to', observation, { contained: [{ resourceType: 'Practitioner', id: 'p1' }] }),
  set('ended-and-still-active', condition, {
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
  }),
  set('period-ends-before-it-starts', encounter, { period: { start: '2024-05-02', end: '2024-05-01' } }),
  set('script-in-narrative', condition, {
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>' },
  }),
  set('id-longer-than-64', observation, { id: 'a'.repeat(65) }),
  set('text-longer-than-a-megabyte', condition, { note: [{ text: 'again and '.repeat(110_000) }] }),
  set('extension-with-value-and-extensions', patient, {
    extension: [{ url: local('both'), valueString: 'a', extension: [{ url: 'b', valueString: 'c' }] }],
  }),
  inTransaction('resource-type-unknown', 'refused', condition, (bundle) => {
    Object.assign(resourceAt(bundle, condition), { resourceType: 'Ailment' });
    Object.assign(bundle.entry[condition]?.request ?? {}, { url: 'Ailment' });
  }),
  inTransaction('extension-unknown', 'accepted', patient, (bundle, { practice }) => {
    Object.assign(resourceAt(bundle, patient), {
      extension: [{ url: systemOf(practice, 'StructureDefinition/list-size'), valueInteger: 9 }],
    });
  }),
  inTransaction('modifier-extension-unknown', 'quarantined', observation, (bundle) => {
    Object.assign(resourceAt(bundle, observation), {
      modifierExtension: [{ url: local('not-meant'), valueBoolean: true }],
    });
  }),
  inTransaction('implicit-rules', 'quarantined', condition, (bundle) => {
    Object.assign(resourceAt(bundle, condition), { implicitRules: 'https://z99001.example/rules' });
  }),
];
