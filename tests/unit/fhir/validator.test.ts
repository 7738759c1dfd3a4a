import assert from 'node:assert/strict';
import { parseJsonText } from '../../../functions/fhir/json';
import { Validator } from '../../../functions/fhir/validator';

const validator = new Validator();
const errorsOf = (resource: unknown): string[] =>
  validator
    .validate(parseJsonText(JSON.stringify(resource)))
    .filter(({ severity }) => severity === 'error')
    .map(({ code, expression }) => `${code} ${expression?.[0]}`);

const div = (html: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`;
const patient = (more: object): object => ({ resourceType: 'Patient', ...more });
const observation = (more: object): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'word' },
  ...more,
});
const condition = (more: object): object => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/1' },
  ...more,
});
const bundle = (type: string, entry: readonly object[], more: object = {}): object => ({
  resourceType: 'Bundle',
  type,
  entry,
  ...more,
});
const enableWhen = { question: '1', operator: 'exists', answerBoolean: true };
const post = { method: 'POST', url: 'Patient' };
const verification = (code: string): object => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code }],
});

/** Valid in R4, each a shape that a hasty validator refuses. */
const valid: Readonly<Record<string, object>> = {
  'a resource without any element': patient({}),
  'null in a list where the sibling holds the extension': patient({
    name: [{ given: [null, 'Ann'], _given: [{ extension: [{ url: 'http://a.b', valueCode: 'x' }] }, null] }],
  }),
  'a primitive that is its extension only': patient({
    _birthDate: {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
    },
  }),
  'a required primitive that is its extension only': {
    resourceType: 'Observation',
    _status: {
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
    },
    code: { text: 'word' },
  },
  'an id beside a value': patient({ birthDate: '1974', _birthDate: { id: 'a' } }),
  'a year': patient({ birthDate: '1974' }),
  'a leap day': patient({ birthDate: '2000-02-29' }),
  'a leap second': observation({ effectiveDateTime: '2016-12-31T23:59:60Z' }),
  'an offset of fourteen hours': observation({ effectiveDateTime: '2024-01-01T00:00:00+14:00' }),
  'a reference of an identifier only': observation({ subject: { identifier: { value: 'x' } } }),
  'a reference of a display only': observation({ subject: { display: 'word' } }),
  'a logical reference by urn': observation({
    subject: { reference: 'urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b11' },
  }),
  'an absolute reference to an unknown path': observation({ subject: { reference: 'https://example.org/thing?x=1' } }),
  'a versioned reference': observation({ subject: { reference: 'Patient/1/_history/2' } }),
  'a contained resource that is referred to': observation({
    contained: [{ resourceType: 'Patient', id: 'p' }],
    subject: { reference: '#p' },
  }),
  'a contained resource that points to its container': {
    resourceType: 'Patient',
    contained: [
      {
        resourceType: 'Provenance',
        id: 'p',
        target: [{ reference: '#' }],
        recorded: '2024-01-01T00:00:00Z',
        agent: [{ who: { reference: '#' } }],
      },
    ],
    // Provenance.agent.who may be a Patient.
  },
  'a complex extension': patient({ extension: [{ url: 'http://a.b', extension: [{ url: 'c', valueString: 'x' }] }] }),
  'the modifier extension R4 defines': {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/1' },
    modifierExtension: [{ url: 'http://hl7.org/fhir/StructureDefinition/request-doNotPerform', valueBoolean: true }],
  },
  'a language that is none of the common ones': patient({ language: 'x-klingon' }),
  'a narrative with entities, a table and an image': patient({
    text: {
      status: 'generated',
      div: div('<p>caf&eacute; &amp; &#169;</p><table><tr><td>a</td></tr></table><img src="#a" alt="b"/>'),
    },
  }),
  'a period with partial dates': patient({ address: [{ city: 'word', period: { start: '2024', end: '2024-03' } }] }),
  'a code system version of a required coding': condition({
    clinicalStatus: {
      coding: [
        { system: 'http://local.example', code: 'x' },
        { system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' },
      ],
    },
  }),
  'a transaction with references between entries': bundle('transaction', [
    { fullUrl: 'urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b11', resource: patient({}), request: post },
    {
      resource: observation({ subject: { reference: 'urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b11' } }),
      request: { ...post, url: 'Observation' },
    },
  ]),
  'a conditional reference': observation({ performer: [{ reference: 'Practitioner?identifier=http://a.b|1' }] }),
  'an empty searchset': { resourceType: 'Bundle', type: 'searchset', total: 0 },
  'an appointment that was not attended': {
    resourceType: 'Appointment',
    status: 'noshow',
    cancelationReason: { text: 'word' },
    start: '2024-01-01T10:00:00Z',
    end: '2024-01-01T10:10:00Z',
    participant: [{ status: 'accepted', actor: { reference: 'Patient/1' } }],
  },
};

/** A fault, and the code and place that must be told. */
const faults: Readonly<Record<string, readonly [object, string]>> = {
  'no resource type': [{}, 'structure Resource'],
  'a resource type of another version': [{ resourceType: 'EligibilityRequest' }, 'structure Resource'],
  'an element of STU3': [observation({ comment: 'x' }), 'structure Observation'],
  'resourceType inside a data type': [
    patient({ name: [{ resourceType: 'HumanName', family: 'x' }] }),
    'structure Patient.name[0]',
  ],
  'an impossible day': [patient({ birthDate: '1900-02-29' }), 'value Patient.birthDate'],
  'a date and time for a date': [patient({ birthDate: '2024-01-01T00:00:00Z' }), 'value Patient.birthDate'],
  'a quantity that is text': [
    observation({ valueQuantity: { value: '7' } }),
    'structure Observation.value.ofType(Quantity).value',
  ],
  'two values': [observation({ valueString: 'x', valueBoolean: true }), 'structure Observation.value'],
  'two values, one as a sibling': [
    observation({ valueString: 'x', _valueBoolean: { id: 'a' } }),
    'structure Observation.value',
  ],
  'a value type that is not allowed': [observation({ valueMoney: { value: 1 } }), 'structure Observation'],
  'a code of the wrong case': [patient({ gender: 'Female' }), 'code-invalid Patient.gender'],
  'a required coding without system': [
    condition({ clinicalStatus: { coding: [{ code: 'active' }] } }),
    'code-invalid Condition.clinicalStatus',
  ],
  'a required concept of text only': [
    condition({ clinicalStatus: { text: 'active' } }),
    'code-invalid Condition.clinicalStatus',
  ],
  'a mime type that is none': [
    patient({ photo: [{ contentType: 'picture' }] }),
    'code-invalid Patient.photo[0].contentType',
  ],
  'another type than the reference leads to': [
    observation({ subject: { reference: 'Patient/1', type: 'Device' } }),
    'value Observation.subject.type',
  ],
  'an attribute of a narrative given twice': [
    patient({ text: { status: 'generated', div: div('<p class="a" class="b">a</p>') } }),
    'invalid Patient.text.div',
  ],
  'an & in an attribute that is not escaped': [
    patient({ text: { status: 'generated', div: div('<a href="http://a.b?c=1&d=2">a</a>') } }),
    'invalid Patient.text.div',
  ],
  'a named character that XHTML does not have': [
    patient({ text: { status: 'generated', div: div('<p>a &bogus; b</p>') } }),
    'invalid Patient.text.div',
  ],
  'a language that is no tag': [patient({ language: 'en GB' }), 'code-invalid Patient.language'],
  'a control character in a string': [patient({ name: [{ family: 'a\0b' }] }), 'value Patient.name[0].family'],
  'a target type not allowed in a Bundle': [
    bundle('collection', [
      {
        fullUrl: 'urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b11',
        resource: { resourceType: 'Basic', code: { text: 'x' } },
      },
      { resource: observation({ encounter: { reference: 'urn:uuid:0c3d6a2e-8a5f-4a0e-9a3f-1f6f0e0d9b11' } }) },
    ]),
    'value Bundle.entry[1].resource.encounter',
  ],
  'a target type not allowed among the contained': [
    observation({ contained: [{ resourceType: 'Location', id: 'l' }], encounter: { reference: '#l' } }),
    'value Observation.encounter',
  ],
  'contained in contained (dom-2)': [
    observation({
      contained: [{ resourceType: 'Patient', id: 'p', contained: [{ resourceType: 'Patient', id: 'q' }] }],
      subject: { reference: '#p' },
    }),
    'invariant Observation.contained[0]',
  ],
  'contained and never referred to (dom-3)': [
    observation({ contained: [{ resourceType: 'Patient', id: 'p' }] }),
    'invariant Observation.contained[0]',
  ],
  'contained with a version (dom-4)': [
    observation({
      contained: [{ resourceType: 'Patient', id: 'p', meta: { versionId: '1' } }],
      subject: { reference: '#p' },
    }),
    'invariant Observation.contained[0]',
  ],
  'contained with a security label (dom-5)': [
    observation({
      contained: [{ resourceType: 'Patient', id: 'p', meta: { security: [{ code: 'R' }] } }],
      subject: { reference: '#p' },
    }),
    'invariant Observation.contained[0]',
  ],
  'a value and a reason for its absence (obs-6)': [
    observation({ valueString: 'x', dataAbsentReason: { text: 'x' } }),
    'invariant Observation',
  ],
  'a component that repeats the code (obs-7)': [
    {
      ...observation({ valueString: 'x', component: [{ code: { coding: [{ system: 'a:b', code: 'c' }] } }] }),
      code: { coding: [{ system: 'a:b', code: 'c' }] },
    },
    'invariant Observation',
  ],
  'a range the wrong way round (rng-2)': [
    observation({ valueRange: { low: { value: 9 }, high: { value: 1 } } }),
    'invariant Observation.value.ofType(Range)',
  ],
  'a comparator in a reference range (sqty-1)': [
    observation({ referenceRange: [{ low: { value: 1, comparator: '<' } }] }),
    'invariant Observation.referenceRange[0].low',
  ],
  'a period that ends first (per-1)': [
    patient({ name: [{ family: 'x', period: { start: '2024-03-01T10:00:00+01:00', end: '2024-03-01T08:59:59Z' } }] }),
    'invariant Patient.name[0].period',
  ],
  'a contact without content (pat-1)': [patient({ contact: [{ gender: 'male' }] }), 'invariant Patient.contact[0]'],
  'an entered-in-error condition with a clinical status (con-5)': [
    condition({
      verificationStatus: verification('entered-in-error'),
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    }),
    'invariant Condition',
  ],
  'an ended condition that is active (con-4)': [
    condition({
      abatementDateTime: '2024',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    }),
    'invariant Condition',
  ],
  'an include of nothing (vsd-1, by FHIRPath)': [
    { resourceType: 'ValueSet', status: 'draft', compose: { include: [{ version: '1' }] } },
    'invariant ValueSet.compose.include[0]',
  ],
  'nested concepts that repeat a code (csd-1, by FHIRPath)': [
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'a' }] }],
    },
    'invariant CodeSystem',
  ],
  'two conditions without saying how they join (que-12)': [
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [{ linkId: '1', type: 'string', enableWhen: [enableWhen, enableWhen] }],
    },
    'invariant Questionnaire.item[0]',
  ],
  'a rule behind a contentReference (que-12)': [
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [
        { linkId: '1', type: 'group', item: [{ linkId: '2', type: 'string', enableWhen: [enableWhen, enableWhen] }] },
      ],
    },
    'invariant Questionnaire.item[0].item[0]',
  ],
  'an empty reference range of a component (obs-3, behind a contentReference)': [
    {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'word' },
      component: [{ code: { text: 'part' }, referenceRange: [{ type: { text: 'normal' } }] }],
    },
    'invariant Observation.component[0].referenceRange[0]',
  ],
  'an extension whose url is not absolute': [
    patient({ extension: [{ url: 'other', valueString: 'word' }] }),
    'value Patient.extension[0].url',
  ],
  'an entry without request (bdl-3)': [bundle('transaction', [{ resource: patient({}) }]), 'invariant Bundle.entry[0]'],
  'a request in a collection (bdl-3)': [
    bundle('collection', [{ resource: patient({}), request: post }]),
    'invariant Bundle.entry[0]',
  ],
  'a response in a batch (bdl-4)': [
    bundle('batch', [{ resource: patient({}), request: post, response: { status: '200' } }]),
    'invariant Bundle.entry[0]',
  ],
  'an empty entry (bdl-5)': [bundle('collection', [{ fullUrl: 'http://a.b/Patient/1' }]), 'invariant Bundle.entry[0]'],
  'a full URL twice (bdl-7)': [
    bundle('collection', [
      { fullUrl: 'http://a.b/Patient/1', resource: patient({}) },
      { fullUrl: 'http://a.b/Patient/1', resource: patient({}) },
    ]),
    'invariant Bundle.entry[1]',
  ],
  'a relative full URL': [
    bundle('collection', [{ fullUrl: 'Patient/1', resource: patient({}) }]),
    'value Bundle.entry[0].fullUrl',
  ],
  'a versioned full URL (bdl-8)': [
    bundle('collection', [{ fullUrl: 'http://a.b/Patient/1/_history/1', resource: patient({}) }]),
    'invariant Bundle.entry[0]',
  ],
  'a total outside searches (bdl-1)': [
    bundle('collection', [{ resource: patient({}) }], { total: 1 }),
    'invariant Bundle.total',
  ],
  'search outside searches (bdl-2)': [
    bundle('collection', [{ resource: patient({}), search: { mode: 'match' } }]),
    'invariant Bundle.entry[0]',
  ],
  'a message without header (bdl-12)': [bundle('message', [{ resource: patient({}) }]), 'invariant Bundle.entry[0]'],
  'a document without Composition (bdl-11)': [
    bundle('document', [{ resource: patient({}) }], {
      identifier: { system: 'a:b', value: 'x' },
      timestamp: '2024-01-01T00:00:00Z',
    }),
    'invariant Bundle.entry[0]',
  ],
  'a fault deep in a Bundle': [
    bundle('collection', [{ resource: patient({ name: [{ given: ['a', ''] }] }) }]),
    'value Bundle.entry[0].resource.name[0].given[1]',
  ],
  'null without an extension in its place': [
    patient({ name: [{ given: [null, 'Ann'], _given: [{ id: 'a' }, null] }] }),
    'structure Patient.name[0].given[0]',
  ],
  'an XHTML image of active data': [
    patient({ text: { status: 'generated', div: div('<img src="javascript:x()" alt="a"/>') } }),
    'invalid Patient.text.div',
  ],
  ...Object.fromEntries(
    [
      '<a href="java&#115;cript:x()">a</a>',
      '<a href=" java&#x0A;script&colon;x()">a</a>',
      '<img src="data:image/svg+xml;base64,AAAA" alt="a"/>',
      '<p style="background: url(JavaScript:x())">a</p>',
      '<p style="width: expression(x())">a</p>',
    ].map((html) => [
      `what a browser would run in a narrative: ${html}`,
      [patient({ text: { status: 'generated', div: div(html) } }), 'invalid Patient.text.div'],
    ]),
  ),
  'a narrative without text (txt-2)': [
    patient({ text: { status: 'generated', div: div(' ') } }),
    'invalid Patient.text.div',
  ],
};

describe('Validator', () => {
  for (const [name, resource] of Object.entries(valid)) {
    it(`accepts ${name}`, () => assert.deepEqual(errorsOf(resource), []));
  }
  for (const [name, [resource, expected]] of Object.entries(faults)) {
    it(`finds ${name}`, () => assert.ok(errorsOf(resource).includes(expected), errorsOf(resource).join('; ')));
  }

  it('keeps decimals as text: a whole number with a decimal point is no integer, a decimal may have zeros', () => {
    const text = (number: string): string =>
      `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":${number}}`;
    assert.deepEqual(validator.validate(parseJsonText(text('7'))), []);
    assert.equal(validator.validate(parseJsonText(text('7.0')))[0]?.code, 'value');
    const decimal = text('1').replace('"valueInteger":1', '"valueQuantity":{"value":72.500000000000000000001}');
    assert.deepEqual(validator.validate(parseJsonText(decimal)), []);
  });

  it('names issues in the order of the elements, the same on every run', () => {
    const resource = patient({ gender: 'x', birthDate: 'x', name: [{ family: '' }], active: 'yes' });
    const places = errorsOf(resource).map((text) => text.split(' ')[1]);
    assert.deepEqual(places, ['Patient.gender', 'Patient.birthDate', 'Patient.name[0].family', 'Patient.active']);
    assert.deepEqual(errorsOf(resource), errorsOf(resource));
  });

  describe('bindings of R4 that are not required', () => {
    const hintsOf = (resource: object): string[] =>
      validator
        .validate(resource)
        .map(({ severity, code, expression = [] }) => `${severity} ${code} ${expression.join(' ')}`);
    const marital = (...coding: readonly object[]): object => patient({ maritalStatus: { coding, text: 'word' } });
    const v3 = 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus';
    const severity = (code: string): object =>
      condition({ code: { text: 'word' }, severity: { coding: [{ system: 'http://snomed.info/sct', code }] } });

    it('are decided where R4 lists the codes: outside is a warning when extensible, information when preferred', () => {
      assert.deepEqual(hintsOf(marital({ system: v3, code: 'M' })), []);
      assert.deepEqual(hintsOf(marital({ system: 'a:b', code: 'x' }, { system: v3, code: 'M' })), []);
      assert.deepEqual(hintsOf(marital({ system: v3, code: 'x' })), ['warning code-invalid Patient.maritalStatus']);
      assert.deepEqual(hintsOf(marital({ system: 'a:b', code: 'M' })), ['warning code-invalid Patient.maritalStatus']);
      assert.deepEqual(hintsOf(patient({ maritalStatus: { text: 'word' } })), []);
      assert.deepEqual(hintsOf(severity('24484000')), []);
      assert.deepEqual(hintsOf(severity('1')), ['information code-invalid Condition.severity']);
      assert.deepEqual(hintsOf(patient({ language: 'en-GB' })), []);
      assert.deepEqual(hintsOf(patient({ language: 'xx' })), ['information code-invalid Patient.language']);
    });

    it('are information where they need a terminology server, said once for a value set with its places', () => {
      const coding = [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C' }];
      const contact = { name: { family: 'x' }, relationship: [{ coding }] };
      assert.deepEqual(hintsOf(patient({ contact: [contact, contact] })), [
        'information not-supported Patient.contact[0].relationship[0] Patient.contact[1].relationship[0]',
      ]);
      const many = patient({ contact: Array.from({ length: 500 }, () => contact), gender: 'word' });
      const issues = validator.validate(many);
      assert.deepEqual(issues.map(({ severity }) => severity).sort(), ['error', 'information']);
      assert.equal(issues.find(({ severity }) => severity === 'information')?.expression?.length, 10);
    });
  });

  it('caps the issues, says how many are left out, and never lets a fault beyond the cap pass', () => {
    const many = patient({ name: Array.from({ length: 50 }, () => ({ family: '' })) });
    const issues = new Validator({ maxIssues: 10 }).validate(many);
    assert.equal(issues.length, 11);
    assert.match(issues[10]!.diagnostics, /^40 more issues/);
    const hidden = new Validator({ maxIssues: 0 }).validate(patient({ gender: 'x' }));
    assert.deepEqual(
      hidden.map(({ severity }) => severity),
      ['error'],
    );
  });

  it('refuses nesting past its own depth whoever parsed the resource', () => {
    let item: object = { linkId: '1', type: 'group' };
    for (let level = 0; level < 300; level += 1) item = { linkId: '1', type: 'group', item: [item] };
    const issues = validator.validate({ resourceType: 'Questionnaire', status: 'draft', item: [item] });
    assert.ok(issues.some(({ code }) => code === 'too-costly'));
  });

  it('takes what is no resource without an exception', () => {
    for (const value of [
      null,
      undefined,
      7,
      'text',
      [],
      [1],
      { resourceType: ['Patient'] },
      { resourceType: 'constructor' },
    ])
      assert.equal(validator.validate(value)[0]?.severity, 'error');
  });
});
