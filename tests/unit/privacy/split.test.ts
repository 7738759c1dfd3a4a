import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '../../../functions/fhir/json';
import { privacyRules } from '../../../functions/privacy/privacy-rules';
import { isRestricted, type SplitContext, type SplitResult, splitResource } from '../../../functions/privacy/split';
import { pseudonymSystem } from '../../../functions/privacy/tokens';
import { contextWith, tokeniser } from './split-context';

type Split = Extract<SplitResult, { kind: 'split' }>;

function split(resource: JsonObject, over: Partial<SplitContext> = {}): Split {
  const result = splitResource({ id: '1', ...resource }, contextWith(over));
  assert.equal(result.kind, 'split', JSON.stringify(result));
  return result as Split;
}

function held(resource: JsonObject): readonly string[] {
  const result = splitResource({ id: '1', ...resource }, contextWith());
  assert.equal(result.kind, 'quarantine');
  return result.kind === 'quarantine' ? result.reasons.map(({ code, path }) => `${code} ${path}`) : [];
}

const observation = (over: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  ...over,
});
const rekeyed = (type: string, id: string) => tokeniser.rekey('A81001', type, id);
const lineOf = (result: Split, path: string, reason: string) =>
  result.report.lines.find((line) => line.path === path && line.reason === reason)?.count;

describe('ids and references in the clinical copy', () => {
  it('are re-keyed alike wherever they stand, and per provider', () => {
    const patient = split({ resourceType: 'Patient', id: 'smith-1' });
    const about = split(
      observation({ subject: { reference: 'Patient/smith-1', display: 'J Smith', type: 'Patient' } }),
    );
    assert.equal(patient.clinical.id, rekeyed('Patient', 'smith-1'));
    assert.deepEqual(about.clinical.subject, {
      type: 'Patient',
      reference: `Patient/${rekeyed('Patient', 'smith-1')}`,
    });
    assert.equal(about.patientRef, patient.patientRef);
    const other = split(observation({ subject: { reference: 'Patient/smith-1' } }), { provider: 'RA7' });
    assert.notEqual(other.patientRef, about.patientRef);
  });

  it('follow urn:uuid, conditional and logical references through the caller', () => {
    const asked: string[] = [];
    const resolveReference = (reference: string) => {
      asked.push(reference);
      return reference.startsWith('Practitioner?') || reference.startsWith('urn:') || reference.startsWith('Patient?')
        ? 'Patient/smith-1'
        : undefined;
    };
    for (const reference of [
      'urn:uuid:0d5f3f3e-3d2c-4b4e-9d4f-3f3e0d5f3f3e',
      'Practitioner?identifier=https://fhir.hl7.org.uk/Id/gmc-number|C123',
    ]) {
      assert.deepEqual(split(observation({ subject: { reference } }), { resolveReference }).clinical.subject, {
        reference: `Patient/${rekeyed('Patient', 'smith-1')}`,
      });
    }
    const logical = {
      type: 'Patient',
      identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9434765919' },
    };
    assert.deepEqual(split(observation({ subject: logical }), { resolveReference }).clinical.subject, {
      type: 'Patient',
      reference: `Patient/${rekeyed('Patient', 'smith-1')}`,
    });
    assert.deepEqual(asked.at(-1), 'Patient?identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number|9434765919');
  });

  it('are dropped and counted when they lead nowhere the lake knows', () => {
    for (const reference of [
      'http://other.example/Patient/1',
      'Nonsense/1',
      '#gone',
      'Patient/a b',
      'urn:uuid:x',
      'Patient/1/x/2',
    ]) {
      const result = split(observation({ subject: { reference, display: 'J Smith' } }));
      assert.equal(result.clinical.subject, undefined, reference);
      assert.equal(lineOf(result, 'Reference.reference', 'unresolved-reference'), 1);
      assert.equal(lineOf(result, 'Observation.subject', 'nothing-left'), 1);
    }
    assert.equal(
      split(observation({ subject: { reference: 'Patient/1/_history/2' } })).patientRef,
      rekeyed('Patient', '1'),
    );
  });

  it('inside a resource follow its contained resources, which are split like any other', () => {
    const result = split(
      observation({
        contained: [
          {
            resourceType: 'Practitioner',
            id: 'dr-jones',
            name: [{ family: 'Jones' }],
            qualification: [{ code: { coding: [{ system: 'http://snomed.info/sct', code: '195967001' }] } }],
          },
        ],
        performer: [{ reference: '#dr-jones' }],
      }),
    );
    const [contained] = result.clinical.contained as JsonObject[];
    assert.equal(contained?.name, undefined);
    assert.ok(contained?.qualification);
    assert.deepEqual(result.clinical.performer, [{ reference: `#${String(contained?.id)}` }]);
    assert.equal(result.identity?.people[0]?.type, 'Practitioner');
    const other = split({ ...observation(), id: '2', contained: [{ resourceType: 'Practitioner', id: 'dr-jones' }] });
    assert.notEqual((other.clinical.contained as JsonObject[])[0]?.id, contained?.id);
  });
});

describe('ids the ledger already knows', () => {
  it('stand in for what the sender wrote, and keep contained resources apart and stable', () => {
    const known = rekeyed('Practitioner', 'found-by-identifier');
    const contained = [{ resourceType: 'Device', id: 'd' }];
    const rekeyedReference = (reference: string) =>
      reference.startsWith('Patient?') ? 'Patient/known-to-ledger' : undefined;
    const first = split(
      { ...observation({ contained, subject: { reference: 'Patient?identifier=urn:mrn|1' } }), id: 'sent-1' },
      { id: known, rekeyedReference },
    );
    const again = split({ ...observation({ contained }), id: 'sent-2' }, { id: known });
    assert.equal(first.clinical.id, known);
    assert.equal(first.patientRef, 'known-to-ledger');
    assert.deepEqual(first.clinical.contained, again.clinical.contained);
    const home = {
      resourceType: 'Encounter',
      status: 'finished',
      hospitalization: { origin: { reference: 'Location?identifier=urn:l|1' } },
    };
    const atHome = split(home, { restricted: true, rekeyedReference: () => 'Location/known-to-ledger' });
    assert.equal(atHome.clinical.hospitalization, undefined);
  });
});

describe('identifiers in the clinical copy', () => {
  const identifiers = (identifier: JsonValue, type = 'ServiceRequest') =>
    split({ resourceType: type, status: 'active', intent: 'order', identifier }).clinical.identifier;

  it('of orders and specimens are tokens under the system of pseudonyms', () => {
    const sent = { system: 'https://hospital.example/order', value: 'ORD-1' };
    assert.deepEqual(identifiers([sent]), [
      { system: pseudonymSystem, value: tokeniser.tokenFor(sent.system, sent.value) },
    ]);
  });

  it('of people never stand there, not even as tokens', () => {
    for (const system of [
      'https://fhir.nhs.uk/Id/nhs-number',
      'http://fhir.nhs.net/Id/nhs-number',
      'https://fhir.hl7.org.uk/Id/gmc-number',
    ]) {
      assert.equal(identifiers([{ system, value: 'X1' }]), undefined, system);
    }
    for (const value of ['9434765919', '943 476 5919', '9990000018'])
      assert.equal(identifiers([{ system: 'urn:unknown', value }]), undefined);
    for (const type of ['Patient', 'Practitioner', 'RelatedPerson', 'Person', 'PractitionerRole']) {
      assert.equal(
        split({ resourceType: type, identifier: [{ system: 'urn:local', value: 'A1' }] }).clinical.identifier,
        undefined,
        type,
      );
    }
  });

  it('of organisations stay when they have the form of the register', () => {
    const ods = (value: string) =>
      (
        split({
          resourceType: 'Organization',
          identifier: [{ system: 'https://fhir.nhs.uk/Id/ods-organization-code', value }],
        }).clinical.identifier as JsonObject[]
      )[0];
    for (const value of ['RA7', 'A81001', 'RVJ01', 'QUY', 'FX123']) assert.equal(ods(value)?.value, value);
    assert.equal(ods('SMITH')?.system, pseudonymSystem);
    const reference = { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RA7' } };
    assert.deepEqual(split(observation({ performer: [reference] })).clinical.performer, [reference]);
  });
});

describe('codes in the clinical copy', () => {
  const codeOf = (coding: JsonObject, rules = privacyRules()) => {
    const code = split(observation({ code: { coding: [coding], text: 'typed' } }), { rules }).clinical.code as
      | JsonObject
      | undefined;
    return (code?.coding as JsonObject[] | undefined)?.[0];
  };

  it('stay without what a sender typed beside them', () => {
    assert.deepEqual(
      codeOf({
        system: 'http://snomed.info/sct',
        code: '195967001',
        display: 'J Smith has asthma',
        version: 'as of J Smith',
      }),
      { system: 'http://snomed.info/sct', code: '195967001' },
    );
  });

  it('go when their system is unknown or they are none of its codes', () => {
    for (const coding of [
      { system: 'http://example.org/codes', code: '195967001' },
      { system: 'http://snomed.info/sct', code: '195967002' },
      { system: 'http://snomed.info/sct', code: 'SMITH' },
      { system: 'http://loinc.org', code: '8480-7' },
      { system: 'http://hl7.org/fhir/sid/icd-10', code: 'SMITH' },
      { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'smith' },
      { code: '195967001' },
    ]) {
      assert.equal(codeOf(coding), undefined, coding.system);
    }
  });

  it('of national messages stay, so that a message is understood without what its sender wrote beside them', () => {
    const header = (system: string, code: string) =>
      split({ resourceType: 'MessageHeader', eventCoding: { system, code, display: 'J Smith' } }).clinical.eventCoding;
    for (const [name, codes] of [
      ['message-event', 'prescription-order dispense-notification-update document-notification vaccinations'],
      ['message-events-bars', 'servicerequest-request servicerequest-response booking-request booking-response'],
      ['message-reason-bars', 'new update'],
      ['message-category-servicerequest', 'referral validation'],
    ] as const) {
      const system = `https://fhir.nhs.uk/CodeSystem/${name}`;
      for (const code of codes.split(' ')) assert.deepEqual(header(system, code), { system, code });
      for (const code of ['smith', 'new-smith', 'patient-smith', 'referral smith'])
        assert.equal(header(system, code), undefined, `${name} ${code}`);
    }
  });

  it('of a local system stay once configuration vouches for their form', () => {
    const rules = privacyRules({ codeSystems: [{ system: 'http://hospital.example/tests', pattern: 'T[0-9]{4}' }] });
    assert.deepEqual(codeOf({ system: 'http://hospital.example/tests', code: 'T0815' }, rules), {
      system: 'http://hospital.example/tests',
      code: 'T0815',
    });
    assert.equal(codeOf({ system: 'http://hospital.example/tests', code: 'T0815 Smith' }, rules), undefined);
  });

  it('carry the term of the terminology when there is one, never the sender’s', () => {
    const rules = privacyRules({
      termOf: (_system, code) => (code === '8480-6' ? 'Systolic blood pressure' : undefined),
    });
    assert.equal(
      codeOf({ system: 'http://loinc.org', code: '8480-6', display: 'Smith' }, rules)?.display,
      'Systolic blood pressure',
    );
  });

  it('of a kept modifier that is lost hold the resource, since its meaning would turn', () => {
    const allergy = (code: string) => ({
      resourceType: 'AllergyIntolerance',
      patient: { reference: 'Patient/1' },
      verificationStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification', code }],
      },
    });
    assert.ok(split(allergy('refuted')).clinical.verificationStatus);
    assert.deepEqual(held(allergy('surely not')), ['modifier-lost AllergyIntolerance.verificationStatus']);
    assert.deepEqual(held(observation({ status: 'smith' })), ['modifier-lost Observation.status']);
    assert.deepEqual(held(observation({ valueQuantity: { value: 1, comparator: 'about' } })), [
      'modifier-lost Quantity.comparator',
    ]);
  });

  it('label what is sensitive and lengthen how long it is kept', () => {
    const hiv = split({
      resourceType: 'Condition',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '86406008' }] },
    });
    assert.deepEqual(hiv.sensitive, ['sexual-health']);
    assert.deepEqual(
      split({
        resourceType: 'Condition',
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'B20.1' }] },
      }).sensitive,
      ['sexual-health'],
    );
    assert.deepEqual(
      split({
        resourceType: 'Condition',
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'J45' }] },
      }).sensitive,
      [],
    );
    const detained = split({
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
      extension: [
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-LegalStatus',
          extension: [
            {
              url: 'legalStatusContext',
              valueCodeableConcept: {
                coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-LegalStatusContext', code: 'admission' }],
              },
            },
          ],
        },
      ],
    });
    assert.deepEqual(detained.sensitive, ['legal-status']);
    assert.equal(detained.retentionClass, 'mental-health');
    const midwifery = {
      coding: [{ system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCode', code: '560' }],
    };
    assert.equal(
      split({ resourceType: 'Encounter', status: 'finished', serviceType: midwifery }).retentionClass,
      'maternity',
    );
    assert.equal(
      split({ resourceType: 'Encounter', status: 'finished', serviceType: midwifery }, { retention: 'gp' })
        .retentionClass,
      'gp',
    );
    assert.equal(
      split({ resourceType: 'Encounter', status: 'finished' }, { retention: 'adult' }).retentionClass,
      'adult',
    );
  });
});

describe('values in the clinical copy', () => {
  it('are dropped when they are an NHS number or a birth date in disguise', () => {
    assert.equal(split(observation({ valueInteger: 9434765919 })).clinical.valueInteger, undefined);
    assert.equal(split(observation({ valueQuantity: { value: 9434765919 } })).clinical.valueQuantity, undefined);
    assert.equal(
      split(observation({ valueQuantity: { value: JSON.rawJSON('9434765919') as unknown as JsonValue } })).clinical
        .valueQuantity,
      undefined,
    );
    const born = split(
      observation({ code: { coding: [{ system: 'http://loinc.org', code: '21112-8' }] }, valueDateTime: '1980-05-17' }),
    );
    assert.equal(born.clinical.valueDateTime, undefined);
    assert.ok(born.clinical.code);
  });

  it('go with a unit that cannot be kept, since a bare number would be misread', () => {
    assert.equal(split(observation({ valueQuantity: { value: 5, unit: 'Smiths' } })).clinical.valueQuantity, undefined);
    assert.deepEqual(
      split(
        observation({ valueQuantity: { value: 5, unit: 'Smiths', system: 'http://unitsofmeasure.org', code: 'mg' } }),
      ).clinical.valueQuantity,
      {
        value: 5,
        system: 'http://unitsofmeasure.org',
        code: 'mg',
      },
    );
    assert.deepEqual(split(observation({ valueQuantity: { value: 5 } })).clinical.valueQuantity, { value: 5 });
  });

  it('that are strings stay only as a result word or number', () => {
    assert.equal(split(observation({ valueString: 'Not detected' })).clinical.valueString, 'Not detected');
    assert.equal(split(observation({ valueString: '<0.5' })).clinical.valueString, '<0.5');
    for (const text of ['Smith positive', '9434765919', 'seen by Dr Jones'])
      assert.equal(split(observation({ valueString: text })).clinical.valueString, undefined);
  });

  it('of questionnaires stay when coded; texts go, and urls and link ids become tokens that still match', () => {
    const answers = split({
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://example.org/Questionnaire/smith',
      item: [
        { linkId: '1.2', text: 'Name?', answer: [{ valueString: 'Smith' }, { valueBoolean: true }] },
        { linkId: 'name-of-smith', answer: [{ valueInteger: 3 }] },
      ],
    }).clinical;
    const asked = split({
      resourceType: 'Questionnaire',
      status: 'active',
      url: 'http://example.org/Questionnaire/smith',
      item: [{ linkId: 'name-of-smith', type: 'integer' }],
    }).clinical;
    assert.equal(answers.questionnaire, asked.url);
    const [first, second] = answers.item as JsonObject[];
    assert.deepEqual(first, { linkId: '1.2', answer: [{ valueBoolean: true }] });
    assert.equal(second?.linkId, (asked.item as JsonObject[])[0]?.linkId);
    assert.ok(!JSON.stringify([answers, asked]).includes('smith'));
  });
});

describe('a person in the clinical copy', () => {
  const patient: JsonObject = {
    resourceType: 'Patient',
    active: true,
    name: [{ family: 'Smith' }],
    telecom: [{ system: 'phone', value: '0117 496 0000' }],
    gender: 'female',
    birthDate: '1980-05-17',
    deceasedDateTime: '2024-02-03T04:05:06Z',
    address: [{ use: 'home', line: ['1 Test Street'], city: 'Bristol', postalCode: 'BS1 4ND', country: 'GB' }],
    contact: [{ name: { family: 'Smith' } }],
    photo: [{ data: 'AAAA' }],
    generalPractitioner: [{ reference: 'Organization/gp' }],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] } }],
  };

  it('keeps what describes and loses what identifies', () => {
    const { id: _id, ...clinical } = split(patient).clinical;
    assert.deepEqual(clinical, {
      resourceType: 'Patient',
      active: true,
      gender: 'female',
      birthDate: '1980-05-01',
      deceasedDateTime: '2024-02-01',
      address: [{ use: 'home', postalCode: 'BS1' }],
      generalPractitioner: [{ reference: `Organization/${rekeyed('Organization', 'gp')}` }],
      communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] } }],
    });
    assert.equal(
      split({ ...patient, birthDate: '1980-05-17' }, { rules: privacyRules({ birthDate: 'year' }) }).clinical.birthDate,
      '1980-01-01',
    );
  });

  it('is a child until the eighteenth birthday', () => {
    assert.equal(split(patient, { receivedOn: '1998-05-16' }).retentionClass, 'child');
    assert.equal(split(patient, { receivedOn: '1998-05-17' }).retentionClass, 'general');
    assert.equal(split(patient).retentionClass, 'general');
  });

  it('whose whereabouts are protected has no location anywhere', () => {
    const marked = (code: string) => ({
      ...patient,
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code }] },
    });
    for (const code of ['R', 'V']) {
      const result = split(marked(code));
      assert.equal(result.clinical.address, undefined);
      assert.equal(result.clinical.generalPractitioner, undefined);
      assert.equal(result.report.restricted, true);
      assert.equal(result.report.protectedLocation, true);
      assert.deepEqual(result.sensitive, [code === 'R' ? 'restricted' : 'very-restricted']);
      assert.equal(result.identity?.people[0]?.restricted, true);
      const record = JSON.stringify(result.identity);
      for (const place of ['Bristol', 'BS1', '0117', 'Organization', 'contact'])
        assert.ok(!record.includes(place), place);
    }
    assert.ok(split(marked('U')).clinical.address);
    assert.equal(isRestricted(marked('R')), true);
    assert.equal(isRestricted(patient), false);
    const elsewhere = split(
      {
        resourceType: 'Encounter',
        status: 'finished',
        location: [{ location: { reference: 'Location/home' } }],
        hospitalization: { origin: { reference: 'Location/home' } },
      },
      { restricted: true },
    );
    assert.deepEqual(Object.keys(elsewhere.clinical), ['resourceType', 'id', 'status']);
    assert.equal(elsewhere.report.protectedLocation, true);
  });
});

describe('what carries other resources', () => {
  it('keeps its own frame and none of the places where messages name people', () => {
    const entry = [
      {
        fullUrl: 'http://gp.example/Patient/smith',
        resource: { resourceType: 'Patient', id: 'smith' },
        request: { method: 'POST', url: 'Patient?name=smith', ifNoneExist: 'identifier=9434765919' },
      },
    ];
    const bundle = split({
      resourceType: 'Bundle',
      type: 'transaction',
      identifier: { system: 'urn:smith', value: 'smith' },
      link: [{ relation: 'self', url: 'http://gp.example/Patient?name=smith' }],
      entry,
    });
    assert.deepEqual(bundle.clinical, { resourceType: 'Bundle', id: rekeyed('Bundle', '1'), type: 'transaction' });
    const parameters = split({ resourceType: 'Parameters', parameter: [{ name: 'smith', valueString: 'smith' }] });
    assert.deepEqual(Object.keys(parameters.clinical), ['resourceType', 'id']);
    const provenance = split({
      resourceType: 'Provenance',
      target: [{ reference: 'Patient/smith' }],
      recorded: '2024-05-06T07:08:09Z',
      agent: [{ who: { display: 'Dr Smith' } }],
      signature: [{ data: 'AAAA' }],
    });
    assert.deepEqual(Object.keys(provenance.clinical), ['resourceType', 'id', 'target', 'recorded']);
    assert.equal(provenance.patientRef, rekeyed('Patient', 'smith'));
  });
});

describe('what the walker does not understand', () => {
  it('is dropped and counted when it only adds', () => {
    const result = split(
      observation({
        invented: 'x',
        extension: [{ url: 'http://example.org/e', valueString: 'x' }],
        note: [{ text: 'x' }],
      }),
    );
    assert.equal(lineOf(result, 'Observation.(unknown)', 'unknown-element'), 1);
    assert.equal(lineOf(result, 'Observation.extension', 'unknown-extension'), 1);
    assert.equal(lineOf(result, 'Observation.note', 'free-text'), 1);
    assert.deepEqual(Object.keys(result.clinical), ['resourceType', 'id', 'status', 'code']);
  });

  it('holds the resource when it may change the meaning or has no shape FHIR knows', () => {
    const modifier = [{ url: 'http://example.org/negated', valueBoolean: true }];
    assert.deepEqual(held(observation({ modifierExtension: modifier })), [
      'unknown-modifier-extension Observation.modifierExtension',
    ]);
    assert.deepEqual(held(observation({ component: [{ code: {}, modifierExtension: modifier }] })), [
      'unknown-modifier-extension Observation.component.modifierExtension',
    ]);
    assert.deepEqual(held(observation({ implicitRules: 'http://example.org/rules' })), [
      'implicit-rules Observation.implicitRules',
    ]);
    assert.deepEqual(held(observation({ performer: { reference: 'Practitioner/1' } })), [
      'structure Observation.performer',
    ]);
    assert.deepEqual(held(observation({ valueBoolean: 'yes' })), ['structure Observation.valueBoolean']);
    assert.deepEqual(held(observation({ subject: 'Patient/1' })), ['structure Reference']);
    assert.deepEqual(held(observation({ contained: [{ resourceType: 'Nonsense', id: 'a' }] })), [
      'unknown-type DomainResource.contained',
    ]);
    assert.deepEqual(held({ resourceType: 'Nonsense' }), ['unknown-type Resource']);
    assert.deepEqual(splitResource(observation(), contextWith()), {
      kind: 'quarantine',
      reasons: [{ code: 'no-id', path: 'Observation.id' }],
    });
  });

  it('lets a modifier extension the site configured stand', () => {
    const rules = privacyRules({
      modifierExtensions: new Map([['http://example.org/negated', { action: 'keep', types: ['boolean'] } as const]]),
    });
    const modifierExtension = [{ url: 'http://example.org/negated', valueBoolean: true }];
    assert.deepEqual(
      split(observation({ modifierExtension }), { rules }).clinical.modifierExtension,
      modifierExtension,
    );
  });

  it('never gets out as an exception that could carry a value', () => {
    const resolveReference = () => {
      throw new Error('9434765919');
    };
    assert.deepEqual(
      splitResource(
        { id: '1', ...observation({ subject: { reference: 'urn:uuid:x' } }) },
        contextWith({ resolveReference }),
      ),
      {
        kind: 'quarantine',
        reasons: [{ code: 'rule-failed', path: 'Resource' }],
      },
    );
  });

  it('keeps of extensions what their rules name and nothing else', () => {
    const significance = (valueCode: string) => ({
      resourceType: 'Condition',
      extension: [
        { url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ProblemSignificance', valueCode },
      ],
    });
    assert.deepEqual(split(significance('major')).clinical.extension, significance('major').extension);
    assert.equal(split(significance('smith')).clinical.extension, undefined);
    const pharmacy = {
      resourceType: 'Patient',
      extension: [
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NominatedPharmacy',
          valueReference: { reference: 'Organization/near-home' },
        },
      ],
    };
    assert.ok(split(pharmacy).clinical.extension);
    assert.equal(split(pharmacy, { restricted: true }).clinical.extension, undefined);
  });

  it('keeps the known extensions of primitives, and of lists of them or of dropped ones nothing', () => {
    const absent = {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
    };
    assert.deepEqual(split({ resourceType: 'Patient', _birthDate: absent }).clinical._birthDate, absent);
    assert.equal(split({ resourceType: 'Practitioner', _birthDate: absent }).clinical._birthDate, undefined);
    assert.equal(split(observation({ _note: [absent], _status: [absent] })).clinical._status, undefined);
    const born = {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime', valueDateTime: '1980-05-17T10:00:00Z' },
      ],
    };
    assert.equal(
      split({ resourceType: 'Patient', birthDate: '1980-05-17', _birthDate: born }).clinical._birthDate,
      undefined,
    );
  });
});
