import assert from 'node:assert/strict';
import { ingestionProfile } from '../../../functions/fhir/ingestion-profile';
import { loadProfilePackage } from '../../../functions/fhir/profiles/profile-package';
import { Validator } from '../../../functions/fhir/validator';

const strictPatient = 'https://example.org/StructureDefinition/strict-patient';
const laxPatient = 'https://example.org/StructureDefinition/lax-patient';
const profile = (url: string, element: object): object => ({
  resourceType: 'StructureDefinition',
  url,
  type: 'Patient',
  derivation: 'constraint',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  differential: { element: [element] },
});
const validator = new Validator({
  packages: [
    loadProfilePackage([
      profile(strictPatient, { id: 'Patient.name', path: 'Patient.name', min: 1 }),
      profile(laxPatient, { id: 'Patient.photo', path: 'Patient.photo', max: '0' }),
    ]),
  ],
});
const errorsOf = (resource: object, options: Parameters<Validator['validate']>[1]): readonly string[] =>
  validator
    .validate(resource, options)
    .filter(({ severity }) => severity === 'error')
    .map(({ expression }) => expression?.[0] ?? '');
const bundle = (...resources: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource, index) => ({ fullUrl: `https://example.org/x/${index}`, resource })),
});
const patient = { resourceType: 'Patient', gender: 'female' };

describe('profiles that are asked for', () => {
  it('hold for the resource itself, of their type only', () => {
    assert.deepEqual(errorsOf(patient, { profiles: [strictPatient] }), ['Patient.name']);
    assert.deepEqual(errorsOf(patient, {}), []);
    assert.equal(errorsOf({ resourceType: 'Basic', code: { text: 'a' } }, { profiles: [strictPatient] }).length, 1);
  });

  it('by default hold for every resource of their type that names none, inside Bundles too', () => {
    const defaults = { defaultProfiles: [strictPatient] };
    assert.deepEqual(errorsOf(patient, defaults), ['Patient.name']);
    assert.deepEqual(errorsOf({ ...patient, meta: { profile: [laxPatient] } }, defaults), []);
    assert.deepEqual(errorsOf({ resourceType: 'Basic', code: { text: 'a' } }, defaults), []);
    assert.deepEqual(errorsOf(bundle({ resourceType: 'Basic', code: { text: 'a' } }, patient), defaults), [
      'Bundle.entry[1].resource.name',
    ]);
  });

  it("turn on the lake's own rules by their name", () => {
    const rules = (options: Parameters<Validator['validate']>[1]): boolean =>
      validator.validate(patient, options).some(({ code }) => code === 'business-rule');
    assert.equal(rules({}), false);
    assert.equal(rules({ profiles: [ingestionProfile] }), true);
    assert.equal(rules({ defaultProfiles: [ingestionProfile] }), true);
  });

  it('that are not known are said, and refuse nothing', () => {
    const issues = validator.validate(patient, { profiles: ['https://example.org/StructureDefinition/none'] });
    assert.deepEqual(
      issues.map(({ severity, code }) => [severity, code]),
      [['information', 'not-supported']],
    );
  });
});
