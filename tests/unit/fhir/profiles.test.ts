import assert from 'node:assert/strict';
import { ingestionProfile } from '../../../functions/fhir/ingestion-profile';
import { loadProfilePackage } from '../../../functions/fhir/profiles/profile-package';
import { Validator } from '../../../functions/fhir/validator';

const base = 'http://hl7.org/fhir/StructureDefinition/';
const ours = 'https://example.org/StructureDefinition/';
const code = (system: string, ...codes: string[]) => ({ system, concept: codes.map((one) => ({ code: one })) });

const structure = (name: string, type: string, element: object[], more: object = {}): object => ({
  resourceType: 'StructureDefinition',
  url: `${ours}${name}`,
  type,
  derivation: 'constraint',
  baseDefinition: `${base}${type}`,
  differential: { element },
  ...more,
});

const definitions = loadProfilePackage([
  {
    resourceType: 'ValueSet',
    url: 'https://example.org/vs/closed',
    compose: { include: [code('https://example.org/cs', 'a', 'b')] },
  },
  {
    resourceType: 'ValueSet',
    url: 'https://example.org/vs/loop',
    compose: { include: [{ valueSet: ['https://example.org/vs/loop'] }] },
  },
  {
    resourceType: 'ValueSet',
    url: 'https://example.org/vs/open',
    compose: { include: [code('https://example.org/cs', 'a'), { system: 'http://snomed.info/sct' }] },
  },
  structure('patient', 'Patient', [
    { id: 'Patient.name', path: 'Patient.name', min: 1 },
    { id: 'Patient.photo', path: 'Patient.photo', max: '0' },
    {
      id: 'Patient.identifier',
      path: 'Patient.identifier',
      slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
    },
    { id: 'Patient.identifier:national', path: 'Patient.identifier', sliceName: 'national', min: 1, max: '1' },
    {
      id: 'Patient.identifier:national.system',
      path: 'Patient.identifier.system',
      min: 1,
      fixedUri: 'https://example.org/national',
    },
    { id: 'Patient.identifier:national.value', path: 'Patient.identifier.value', min: 1 },
    {
      id: 'Patient.extension:kind',
      path: 'Patient.extension',
      sliceName: 'kind',
      max: '1',
      type: [{ code: 'Extension', profile: [`${ours}kind`] }],
    },
    {
      id: 'Patient.maritalStatus',
      path: 'Patient.maritalStatus',
      binding: { strength: 'required', valueSet: 'https://example.org/vs/closed|1' },
    },
    { id: 'Patient.contact.gender', path: 'Patient.contact.gender', min: 1 },
    {
      id: 'Patient.generalPractitioner',
      path: 'Patient.generalPractitioner',
      type: [{ code: 'Reference', targetProfile: [`${base}Organization`] }],
    },
  ]),
  structure(
    'strict-patient',
    'Patient',
    [{ id: 'Patient.identifier:national.use', path: 'Patient.identifier.use', min: 1 }],
    {
      baseDefinition: `${ours}patient`,
    },
  ),
  structure('pressure', 'Observation', [
    {
      id: 'Observation',
      path: 'Observation',
      constraint: [{ key: 'own-1', severity: 'error', human: 'A note stands here', expression: 'note.exists()' }],
    },
    {
      id: 'Observation.category',
      path: 'Observation.category',
      patternCodeableConcept: { coding: [{ code: 'vital-signs' }] },
    },
    {
      id: 'Observation.component',
      path: 'Observation.component',
      slicing: { discriminator: [{ type: 'value', path: 'code.text' }], rules: 'closed' },
    },
    { id: 'Observation.component:high', path: 'Observation.component', sliceName: 'high', min: 1 },
    { id: 'Observation.component:high.code.text', path: 'Observation.component.code.text', fixedString: 'high' },
    {
      id: 'Observation.component:high.value[x]',
      path: 'Observation.component.value[x]',
      min: 1,
      type: [{ code: 'Quantity' }],
    },
    {
      id: 'Observation.component:high.value[x].code',
      path: 'Observation.component.value[x].code',
      fixedCode: 'mm[Hg]',
    },
    {
      id: 'Observation.method',
      path: 'Observation.method',
      binding: { strength: 'extensible', valueSet: 'https://example.org/vs/open' },
    },
  ]),
  structure(
    'kind',
    'Extension',
    [
      { id: 'Extension.url', path: 'Extension.url', fixedUri: `${ours}kind` },
      {
        id: 'Extension.value[x]',
        path: 'Extension.value[x]',
        min: 1,
        type: [{ code: 'code' }],
        binding: { strength: 'required', valueSet: 'https://example.org/vs/closed' },
      },
    ],
    {
      context: [
        { type: 'element', expression: 'Patient' },
        { type: 'element', expression: 'HumanName' },
      ],
    },
  ),
  structure(
    'careful',
    'Extension',
    [{ id: 'Extension.value[x]', path: 'Extension.value[x]', type: [{ code: 'boolean' }] }],
    {
      context: [{ type: 'element', expression: 'Element' }],
    },
  ),
  structure('parts', 'Extension', [
    {
      id: 'Extension.extension',
      path: 'Extension.extension',
      slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' },
    },
    { id: 'Extension.extension:from', path: 'Extension.extension', sliceName: 'from' },
    { id: 'Extension.extension:from.url', path: 'Extension.extension.url', fixedUri: 'from' },
  ]),
  {
    resourceType: 'CodeSystem',
    url: 'https://example.org/whole',
    content: 'complete',
    concept: [{ code: 'a', concept: [{ code: 'b' }] }, { code: 'c' }],
  },
  { resourceType: 'CodeSystem', url: 'https://example.org/fragment', content: 'fragment', concept: [{ code: 'a' }] },
  structure('loop', 'Patient', [{ id: 'Patient', path: 'Patient' }], { baseDefinition: `${ours}loop` }),
]);

const validator = new Validator({ packages: [definitions] });
const found = (resource: object, profile: string, severity = 'error'): string[] =>
  validator
    .validate(resource, { profiles: [`${ours}${profile}`] })
    .filter((issue) => issue.severity === severity)
    .map(({ code: issue, expression }) => `${issue} ${expression?.[0]}`);

const national = { system: 'https://example.org/national', value: '1' };
const patient = (more: object = {}): object => ({
  resourceType: 'Patient',
  name: [{ family: 'x' }],
  identifier: [national],
  ...more,
});
const high = {
  code: { text: 'high' },
  valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
};
const pressure = (more: object = {}): object => ({
  resourceType: 'Observation',
  status: 'final',
  category: [{ coding: [{ system: 'a:b', code: 'vital-signs' }], text: 'x' }],
  code: { text: 'x' },
  note: [{ text: 'x' }],
  component: [high],
  ...more,
});

describe('profiles', () => {
  it('accept what meets them', () => {
    assert.deepEqual(found(patient(), 'patient'), []);
    assert.deepEqual(found(patient({ identifier: [national, { system: 'a:b', value: '1' }] }), 'patient'), []);
    assert.deepEqual(found(pressure(), 'pressure'), []);
  });

  const faults: Readonly<Record<string, readonly [object, string, string]>> = {
    'a minimum': [patient({ name: undefined }), 'patient', 'required Patient.name'],
    'a maximum of none': [patient({ photo: [{ title: 'x' }] }), 'patient', 'structure Patient.photo'],
    'a slice that is missing': [
      patient({ identifier: [{ system: 'a:b', value: '1' }] }),
      'patient',
      'required Patient.identifier',
    ],
    'a slice that is there twice': [
      patient({ identifier: [national, national] }),
      'patient',
      'structure Patient.identifier',
    ],
    'a minimum inside a slice': [
      patient({ identifier: [{ ...national, value: undefined }] }),
      'patient',
      'required Patient.identifier[0].value',
    ],
    'a minimum inside a slice of the base profile': [patient(), 'strict-patient', 'required Patient.identifier[0].use'],
    'a minimum inside a backbone that is there': [
      patient({ contact: [{ name: { family: 'x' } }] }),
      'patient',
      'required Patient.contact[0].gender',
    ],
    'a required binding': [
      patient({ maritalStatus: { coding: [{ system: 'https://example.org/cs', code: 'z' }] } }),
      'patient',
      'code-invalid Patient.maritalStatus',
    ],
    'a required binding with the code of another system': [
      patient({ maritalStatus: { coding: [{ system: 'x:y', code: 'a' }] } }),
      'patient',
      'code-invalid Patient.maritalStatus',
    ],
    'a required binding with text only': [
      patient({ maritalStatus: { text: 'a' } }),
      'patient',
      'code-invalid Patient.maritalStatus',
    ],
    'a narrowed target': [
      patient({ generalPractitioner: [{ reference: 'Practitioner/1' }] }),
      'patient',
      'value Patient.generalPractitioner[0]',
    ],
    'a pattern': [
      pressure({ category: [{ coding: [{ code: 'other' }] }] }),
      'pressure',
      'value Observation.category[0]',
    ],
    'an invariant': [pressure({ note: undefined }), 'pressure', 'invariant Observation'],
    'a closed slicing': [
      pressure({ component: [high, { code: { text: 'low' } }] }),
      'pressure',
      'structure Observation.component[1]',
    ],
    'a narrowed type': [
      pressure({ component: [{ ...high, valueQuantity: undefined, valueString: 'x' }] }),
      'pressure',
      'structure Observation.component[0].value.ofType(string)',
    ],
    'a fixed value': [
      pressure({ component: [{ ...high, valueQuantity: { ...high.valueQuantity, code: 'kPa' } }] }),
      'pressure',
      'value Observation.component[0].value.ofType(Quantity).code',
    ],
    'another resource type': [{ resourceType: 'Basic', code: { text: 'x' } }, 'patient', 'structure Basic'],
    'an extension value out of its value set': [
      patient({ extension: [{ url: `${ours}kind`, valueCode: 'z' }] }),
      'patient',
      'code-invalid Patient.extension[0].value.ofType(code)',
    ],
    'an extension value of another type': [
      patient({ extension: [{ url: `${ours}kind`, valueString: 'a' }] }),
      'patient',
      'structure Patient.extension[0].value.ofType(string)',
    ],
    'an extension more often than allowed': [
      patient({
        extension: [
          { url: `${ours}kind`, valueCode: 'a' },
          { url: `${ours}kind`, valueCode: 'b' },
        ],
      }),
      'patient',
      'structure Patient.extension',
    ],
    'an extension where it does not belong': [
      patient({ address: [{ city: 'x', extension: [{ url: `${ours}kind`, valueCode: 'a' }] }] }),
      'patient',
      'extension Patient.address[0].extension[0]',
    ],
    'a part that the extension around it does not have': [
      patient({ extension: [{ url: `${ours}parts`, extension: [{ url: 'until', valueDate: '2024' }] }] }),
      'patient',
      'extension Patient.extension[0].extension[0]',
    ],
  };
  for (const [name, [resource, profile, expected]] of Object.entries(faults)) {
    it(`find ${name}`, () => {
      const clean = JSON.parse(JSON.stringify(resource)) as object;
      assert.ok(found(clean, profile).includes(expected), found(clean, profile).join('; '));
    });
  }

  it('let an extension stand on each of its contexts, also inside a Bundle', () => {
    const named = patient({ name: [{ family: 'x', extension: [{ url: `${ours}kind`, valueCode: 'a' }] }] });
    assert.deepEqual(found(named, 'patient'), []);
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: named }] };
    assert.deepEqual(validator.validate(bundle), []);
  });

  it('are taken from meta.profile, in Bundles and contained resources too', () => {
    const claimed = { resourceType: 'Patient', meta: { profile: [`${ours}patient|1.0`] } };
    const places = validator.validate({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: claimed }] });
    assert.ok(places.some(({ expression }) => expression?.[0] === 'Bundle.entry[0].resource.name'));
  });

  it('that are not known are information, and a claimed one is not repeated', () => {
    const [issue, ...more] = validator.validate({
      resourceType: 'Patient',
      meta: { profile: ['https://MARKER.example/x'] },
    });
    assert.equal(issue?.severity, 'information');
    assert.ok(!JSON.stringify([issue, ...more]).includes('MARKER'));
  });

  it('know a modifier extension of their package and refuse others', () => {
    const modified = (url: string): object => patient({ modifierExtension: [{ url, valueBoolean: true }] });
    assert.deepEqual(found(modified(`${ours}careful`), 'patient'), []);
    assert.deepEqual(found(modified(`${ours}other`), 'patient'), ['extension Patient.modifierExtension[0]']);
  });

  it('leave what an extensible binding cannot decide as information, and warn of what is outside of it', () => {
    const method = (system: string, one: string): string[] => hints({ coding: [{ system, code: one }] });
    const hints = (value: object): string[] =>
      (['warning', 'information'] as const)
        .flatMap((severity) =>
          found(pressure({ method: value }), 'pressure', severity).map((issue) => `${severity} ${issue}`),
        )
        .filter((issue) => issue.endsWith('.method'));
    assert.deepEqual(method('https://example.org/cs', 'a'), []);
    assert.deepEqual(method('https://example.org/cs', 'z'), ['warning code-invalid Observation.method']);
    assert.deepEqual(method('http://snomed.info/sct', '1'), ['information not-supported Observation.method']);
    assert.deepEqual(hints({ text: 'x' }), []);
  });

  it('take the parts an extension has, and whole extensions among them', () => {
    const parts = [
      { url: 'from', valueDate: '2024' },
      { url: 'https://example.org/other', valueDate: '2024' },
    ];
    assert.deepEqual(found(patient({ extension: [{ url: `${ours}parts`, extension: parts }] }), 'patient'), []);
  });

  it('find codes that a whole code system of a package does not have, whatever the strength of the binding', () => {
    const method = (system: string, ...codes: string[]): string[] =>
      found(pressure({ method: { coding: [{ system, ...(codes.length > 0 && { code: codes[0] }) }] } }), 'pressure');
    assert.deepEqual(method('https://example.org/whole', 'z'), ['code-invalid Observation.method']);
    assert.deepEqual(method('https://example.org/whole', 'b'), []);
    assert.deepEqual(method('https://example.org/whole'), []);
    assert.deepEqual(method('https://example.org/fragment', 'z'), []);
  });

  it('that build on themselves, and value sets that include themselves, end', () => {
    assert.deepEqual(found(patient(), 'loop'), []);
    assert.equal(definitions.valueSets('https://example.org/vs/loop'), undefined);
  });

  it('are refused when a definition is not complete', () => {
    const broken = { resourceType: 'StructureDefinition', derivation: 'constraint', url: `${ours}x`, type: 'Patient' };
    assert.throws(() => loadProfilePackage([broken]), /has no differential/);
  });
});

describe('the ingestion profile', () => {
  const strict = new Validator();
  const names = (resource: object): (string | undefined)[] =>
    strict
      .validate(resource, { profiles: [ingestionProfile] })
      .map(({ diagnostics }) => /ingestion rule (\S+)\)/.exec(diagnostics)?.[1]);
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };

  it('asks for what makes a resource usable and names the rule', () => {
    assert.deepEqual(names({ resourceType: 'Patient' }), ['patient-identified']);
    assert.deepEqual(names(observation), ['subject-named', 'when-observed', 'result-or-reason']);
    assert.deepEqual(names({ resourceType: 'Condition', subject: { reference: 'Patient/1' } }), ['what-was-recorded']);
  });

  it('takes a stated reason, and what a status explains', () => {
    const url = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason';
    const reason = { url, valueCodeableConcept: { text: 'overseas' } };
    assert.deepEqual(names({ resourceType: 'Patient', extension: [reason] }), []);
    assert.deepEqual(names({ ...observation, status: 'cancelled', subject: { reference: 'Patient/1' } }), []);
    const usable = { ...observation, subject: { reference: 'Patient/1' }, effectiveDateTime: '2024', valueString: 'x' };
    assert.deepEqual(names(usable), []);
  });

  it('is an error where it is asked for, a warning where advice is, else nothing', () => {
    const severities = (options: Parameters<Validator['validate']>[1]): readonly string[] =>
      strict.validate({ resourceType: 'Patient' }, options).map(({ severity }) => severity);
    assert.deepEqual(severities({ profiles: [ingestionProfile], advise: true }), ['error']);
    assert.deepEqual(severities({ advise: true }), ['warning']);
    assert.deepEqual(severities({}), []);
  });
});
