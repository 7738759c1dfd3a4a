import assert from 'node:assert/strict';
import type { JsonObject } from '../../../functions/fhir/json';
import { identityTokens } from '../../../functions/privacy/identity-record';
import { nhsNumberSystem } from '../../../functions/privacy/nhs-number';
import { splitResource } from '../../../functions/privacy/split';
import { contextWith, tokeniser } from './split-context';

const status = (code: string) => ({
  url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus',
  valueCodeableConcept: {
    coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland', code }],
  },
});

const patient: JsonObject = {
  resourceType: 'Patient',
  id: 'local-7',
  identifier: [
    { system: nhsNumberSystem, value: '943 476 5919', extension: [status('01')], use: 'official' },
    { system: nhsNumberSystem, value: '9434765918', use: 'old', extension: [status('02')] },
    { system: 'https://hospital.example/mrn', value: 'M-1', period: { start: '2020-01-01' } },
    { value: 'without system' },
  ],
  name: [{ family: 'Smith', period: { end: '2019-01-01' } }],
  telecom: [{ system: 'phone', value: '0117 496 0000', rank: 1 }],
  birthDate: '1980-05-17',
  deceasedBoolean: false,
  address: [{ line: ['1 Test Street'], postalCode: 'BS1 4ND' }],
  generalPractitioner: [{ reference: 'Organization/gp' }],
};

describe('identity record', () => {
  const result = splitResource(patient, contextWith());
  assert.equal(result.kind, 'split');
  const record = result.kind === 'split' ? result.identity : undefined;
  const person = record?.people[0];

  it('holds what the split took out, in queryable form', () => {
    assert.equal(record?.provider, 'A81001');
    assert.equal(person?.localId, 'local-7');
    assert.equal(person?.id, tokeniser.rekey('A81001', 'Patient', 'local-7'));
    for (const name of ['name', 'telecom', 'address', 'birthDate', 'generalPractitioner'] as const)
      assert.deepEqual(person?.[name], patient[name]);
    assert.equal(person?.deceased, false);
  });

  it('holds identifiers with the tokens the ledger knows them by', () => {
    assert.deepEqual(
      person?.identifiers.map(({ system, value, token }) => [system, value, token]),
      [
        [nhsNumberSystem, '9434765919', tokeniser.tokenFor(nhsNumberSystem, '9434765919')],
        [nhsNumberSystem, '9434765918', tokeniser.tokenFor(nhsNumberSystem, '9434765918')],
        ['https://hospital.example/mrn', 'M-1', tokeniser.tokenFor('https://hospital.example/mrn', 'M-1')],
      ],
    );
    assert.deepEqual(
      identityTokens(patient, tokeniser).map(({ token }) => token),
      person?.identifiers.map(({ token }) => token),
    );
    assert.deepEqual(
      identityTokens({ resourceType: 'Specimen', identifier: [{ system: 'urn:s', value: '1' }] }, tokeniser),
      [{ type: 'Specimen', token: tokeniser.tokenFor('urn:s', '1') }],
    );
    // Bundle.identifier and Composition.identifier are single.
    assert.equal(
      identityTokens({ resourceType: 'Composition', identifier: { system: 'urn:s', value: '1' } }, tokeniser).length,
      1,
    );
  });

  it('reads each NHS number with its verification status', () => {
    assert.deepEqual(
      person?.nhsNumbers.map(({ reading, status: verified, use }) => [reading.kind, verified, use]),
      [
        ['valid', '01', 'official'],
        ['invalid', '02', 'old'],
      ],
    );
    assert.equal(person?.nhsNumberUnavailable, false);
    const unverified = {
      resourceType: 'Patient',
      id: '1',
      identifier: [{ system: nhsNumberSystem, value: '9434765919', extension: [status('99')] }],
    };
    const made = splitResource(unverified, contextWith());
    assert.equal(made.kind === 'split' && made.identity?.people[0]?.nhsNumbers[0]?.status, undefined);
  });

  it('exists for staff and relatives, and not for resources without a person', () => {
    for (const resourceType of ['Practitioner', 'RelatedPerson', 'Person']) {
      const made = splitResource({ resourceType, id: '1', name: [{ family: 'Jones' }] }, contextWith());
      assert.equal(made.kind === 'split' && made.identity?.people.length, 1, resourceType);
    }
    const none = splitResource({ resourceType: 'Condition', id: '1' }, contextWith());
    assert.equal(none.kind === 'split' ? none.identity : null, undefined);
  });
});
