import { randomUUID } from 'node:crypto';
import type { GoldenHost } from './golden-host';
import { GoldenSender } from './golden-sender';

/** One request of the golden set and what the contract says of its answer. */
export interface GoldenRequest {
  readonly name: string;
  readonly send: (senders: GoldenSenders) => Promise<Response>;
  readonly status: number;
  /** The code of the first issue, when the answer is an OperationOutcome. */
  readonly issue?: string;
  /** Must stand in the body. */
  readonly body?: RegExp;
  /** `WWW-Authenticate`, word for word. */
  readonly challenge?: string;
}

export interface GoldenSenders {
  /** Everything may be sent. */
  readonly hospital: GoldenSender;
  /** May create Observations and nothing else. */
  readonly device: GoldenSender;
  /** Another organisation with the rights of the hospital. */
  readonly practice: GoldenSender;
}

export async function goldenSenders(host: GoldenHost): Promise<GoldenSenders> {
  const sender = async (ods: string, scopes: readonly string[]) =>
    new GoldenSender(host, await host.register(ods, scopes));
  return {
    hospital: await sender('Z99001', ['system/*.cu']),
    device: await sender('Z99002', ['system/Observation.c']),
    practice: await sender('Z99003', ['system/*.cu']),
  };
}

const observation = (id?: string, extra: object = {}): object => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: 'Patient/golden-patient' },
  valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  ...extra,
});

const patient = (id: string): object => ({
  resourceType: 'Patient',
  id,
  identifier: [
    {
      extension: [
        {
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatusEngland',
          valueCodeableConcept: {
            coding: [
              {
                system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland',
                code: '01',
              },
            ],
          },
        },
      ],
      system: 'https://fhir.nhs.uk/Id/nhs-number',
      value: '9990000018',
    },
  ],
  gender: 'female',
  birthDate: '1971-05-04',
});

const bundle = (type: string, entry: readonly object[]): object => ({ resourceType: 'Bundle', type, entry });
const entry = (resource: object, method: string, url: string, extra: object = {}): object => ({
  fullUrl: `urn:uuid:${randomUUID()}`,
  resource,
  request: { method, url, ...extra },
});
const message = (ods: string, resources: readonly object[]): object =>
  bundle('message', [
    {
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: {
        resourceType: 'MessageHeader',
        eventUri: 'https://example.nhs.uk/event',
        source: { endpoint: 'https://example.nhs.uk/source' },
        sender: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: ods } },
      },
    },
    ...resources.map((resource) => ({ fullUrl: `urn:uuid:${randomUUID()}`, resource })),
  ]);

const repeatedId = randomUUID();
const device = (value: string): object => ({
  resourceType: 'Device',
  identifier: [{ system: 'https://example.nhs.uk/device', value }],
  status: 'active',
});

export const withoutRequestId = 'no X-Request-ID';

/** In order: later requests rely on what earlier ones stored. */
export const goldenRequests: readonly GoldenRequest[] = [
  // Discovery
  {
    name: 'metadata',
    send: ({ hospital }) => hospital.open('GET', '/metadata'),
    status: 200,
    body: /"CapabilityStatement"/,
  },
  {
    name: 'OpenAPI document',
    send: ({ hospital }) => hospital.open('GET', '/../../openapi.json'),
    status: 200,
    body: /"openapi":"3\.0\.3"/,
  },
  {
    name: 'SMART configuration under the base',
    send: ({ hospital }) => hospital.open('GET', '/.well-known/smart-configuration'),
    status: 200,
    body: /private_key_jwt/,
  },
  // Tokens
  { name: 'token', send: ({ practice }) => practice.askToken({}), status: 200, body: /"token_type":"Bearer"/ },
  {
    name: 'token without an assertion',
    send: ({ practice }) => practice.askToken({ client_assertion: '' }),
    status: 400,
  },
  {
    name: 'token with a broken assertion',
    send: ({ practice }) => practice.askToken({ client_assertion: 'a.b.c' }),
    status: 400,
    body: /invalid_request/,
  },
  {
    name: 'token by another grant',
    send: ({ practice }) => practice.askToken({ grant_type: 'password' }),
    status: 400,
    body: /unsupported_grant_type/,
  },
  {
    name: 'token for a scope that was not registered',
    send: ({ device: narrow }) => narrow.askToken({ scope: 'system/Patient.c' }),
    status: 400,
    body: /invalid_scope/,
  },
  {
    name: 'token by an assertion used before',
    send: ({ practice }) => practice.askTokenTwice(),
    status: 401,
    body: /invalid_client/,
  },
  { name: 'token by GET', send: ({ practice }) => practice.tokenByGet(), status: 405 },
  // Who may
  {
    name: 'create without a token',
    send: ({ hospital }) => hospital.open('POST', '/Observation', observation()),
    status: 401,
    issue: 'login',
    challenge: 'Bearer',
  },
  {
    name: 'create with a token that is none',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { authorization: 'Bearer none' }),
    status: 401,
    issue: 'login',
    challenge: 'Bearer error="invalid_token"',
  },
  {
    name: 'create with basic authentication',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { authorization: 'Basic YTpi' }),
    status: 401,
    issue: 'login',
  },
  {
    name: 'create in scope',
    send: ({ device: narrow }) => narrow.request('POST', '/Observation', observation()),
    status: 201,
  },
  {
    name: 'create out of scope',
    send: ({ device: narrow }) => narrow.request('POST', '/Patient', { resourceType: 'Patient' }),
    status: 403,
    issue: 'forbidden',
  },
  {
    name: 'update out of scope',
    send: ({ device: narrow }) => narrow.request('PUT', '/Observation/golden-d', observation('golden-d')),
    status: 403,
    issue: 'forbidden',
  },
  {
    name: 'transaction with an entry out of scope',
    send: ({ device: narrow }) =>
      narrow.request(
        'POST',
        '',
        bundle('transaction', [
          entry(observation(), 'POST', 'Observation'),
          entry({ resourceType: 'Patient' }, 'POST', 'Patient'),
        ]),
      ),
    status: 403,
    issue: 'forbidden',
  },
  // Headers
  {
    name: withoutRequestId,
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { 'x-request-id': '' }),
    status: 400,
    issue: 'required',
  },
  {
    name: 'an X-Request-ID that is no UUID',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { 'x-request-id': 'one' }),
    status: 400,
    issue: 'value',
  },
  {
    name: 'another content type',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { 'content-type': 'text/plain' }),
    status: 415,
    issue: 'not-supported',
  },
  {
    name: 'XML',
    send: ({ hospital }) =>
      hospital.request('POST', '/Observation', '<Observation/>', { 'content-type': 'application/fhir+xml' }),
    status: 415,
    issue: 'not-supported',
  },
  {
    name: 'an Accept that cannot be met',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { accept: 'application/fhir+xml' }),
    status: 406,
    issue: 'not-supported',
  },
  {
    name: 'correlation id mirrored',
    send: ({ hospital }) =>
      hospital.request('POST', '/Observation', observation(), { 'x-correlation-id': 'golden-correlation' }),
    status: 201,
  },
  // Create
  {
    name: 'create',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { 'x-request-id': repeatedId }),
    status: 201,
  },
  {
    name: 'the same request again',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(), { 'x-request-id': repeatedId }),
    status: 201,
  },
  {
    name: 'the same request id with another body',
    send: ({ hospital }) =>
      hospital.request('POST', '/Observation', observation(undefined, { status: 'amended' }), {
        'x-request-id': repeatedId,
      }),
    status: 409,
    issue: 'duplicate',
  },
  {
    name: 'the same request id of another provider',
    send: ({ practice }) => practice.request('POST', '/Observation', observation(), { 'x-request-id': repeatedId }),
    status: 201,
  },
  {
    name: 'create, asking for the outcome',
    send: ({ hospital }) =>
      hospital.request('POST', '/Observation', observation(), { prefer: 'return=OperationOutcome' }),
    status: 201,
    body: /OperationOutcome/,
  },
  {
    name: 'create of a patient',
    send: ({ hospital }) => hospital.request('PUT', '/Patient/golden-patient', patient('golden-patient')),
    status: 201,
  },
  {
    name: 'an impossible date',
    send: ({ hospital }) =>
      hospital.request('POST', '/Observation', observation(undefined, { effectiveDateTime: '2026-02-30' })),
    status: 422,
  },
  {
    name: 'a code outside its required binding',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(undefined, { status: 'done' })),
    status: 422,
    issue: 'code-invalid',
  },
  {
    name: 'an unknown element',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(undefined, { colour: 'red' })),
    status: 422,
  },
  {
    name: 'a missing required element',
    send: ({ hospital }) => hospital.request('POST', '/Observation', { resourceType: 'Observation', status: 'final' }),
    status: 422,
    issue: 'required',
  },
  {
    name: 'two values of one choice',
    send: ({ hospital }) => hospital.request('POST', '/Observation', observation(undefined, { valueString: 'a' })),
    status: 422,
  },
  {
    name: 'an NHS number with a wrong check digit',
    send: ({ hospital }) =>
      hospital.request('PUT', '/Patient/golden-wrong', {
        ...patient('golden-wrong'),
        identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: '9990000019' }],
      }),
    status: 202,
    issue: 'informational',
  },
  // JSON
  {
    name: 'broken JSON',
    send: ({ hospital }) => hospital.request('POST', '/Observation', '{"resourceType":'),
    status: 400,
    issue: 'structure',
  },
  {
    name: 'a name given twice',
    send: ({ hospital }) =>
      hospital.request('POST', '/Observation', '{"resourceType":"Observation","status":"final","status":"final"}'),
    status: 400,
    issue: 'structure',
  },
  {
    name: 'an empty body',
    send: ({ hospital }) => hospital.request('POST', '/Observation', ' '),
    status: 400,
    issue: 'structure',
  },
  { name: 'a list', send: ({ hospital }) => hospital.request('POST', '/Observation', '[]'), status: 400 },
  {
    name: 'nested too deep',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '/Observation',
        `{"resourceType":"Observation","a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      ),
    status: 400,
  },
  {
    name: 'a prototype',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '/Observation',
        '{"resourceType":"Observation","__proto__":{"status":"final"},"code":{}}',
      ),
    status: 400,
  },
  {
    name: 'no type',
    send: ({ hospital }) => hospital.request('POST', '/Observation', { status: 'final' }),
    status: 400,
  },
  {
    name: 'another type than the address',
    send: ({ hospital }) => hospital.request('POST', '/Patient', observation()),
    status: 400,
    issue: 'invalid',
  },
  // Update
  {
    name: 'update creates',
    send: ({ hospital }) => hospital.request('PUT', '/Observation/golden-o', observation('golden-o')),
    status: 201,
  },
  {
    name: 'update without If-Match',
    send: ({ hospital }) => hospital.request('PUT', '/Observation/golden-o', observation('golden-o')),
    status: 412,
  },
  {
    name: 'update',
    send: ({ hospital }) =>
      hospital.request('PUT', '/Observation/golden-o', observation('golden-o', { status: 'amended' }), {
        'if-match': 'W/"1"',
      }),
    status: 200,
  },
  {
    name: 'update of a stale version',
    send: ({ hospital }) =>
      hospital.request('PUT', '/Observation/golden-o', observation('golden-o'), { 'if-match': 'W/"1"' }),
    status: 409,
    issue: 'conflict',
  },
  {
    name: 'update with an If-Match that is none',
    send: ({ hospital }) =>
      hospital.request('PUT', '/Observation/golden-o', observation('golden-o'), { 'if-match': 'one' }),
    status: 400,
  },
  {
    name: 'update of what was never sent, under If-Match',
    send: ({ hospital }) =>
      hospital.request('PUT', '/Observation/golden-never', observation('golden-never'), { 'if-match': 'W/"3"' }),
    status: 409,
  },
  {
    name: 'update with another id inside',
    send: ({ hospital }) => hospital.request('PUT', '/Observation/golden-x', observation('golden-y')),
    status: 400,
    issue: 'invalid',
  },
  {
    name: 'update with an id that is none',
    send: ({ hospital }) => hospital.request('PUT', '/Observation/golden_o', observation('golden_o')),
    status: 400,
  },
  {
    name: 'HEAD of an own resource',
    send: ({ hospital }) => hospital.request('HEAD', '/Observation/golden-o'),
    status: 200,
  },
  {
    name: "HEAD of another provider's resource",
    send: ({ practice }) => practice.request('HEAD', '/Observation/golden-o'),
    status: 404,
  },
  {
    name: 'an NHS number in the address',
    send: ({ hospital }) => hospital.request('PUT', '/Patient/9990000018', patient('9990000018')),
    status: 400,
    issue: 'security',
  },
  {
    name: 'conditional update in the address',
    send: ({ hospital }) => hospital.request('PUT', '/Device?identifier=https://example.nhs.uk/device|1', device('1')),
    status: 400,
    issue: 'security',
  },
  // What is not offered
  {
    name: 'read',
    send: ({ hospital }) => hospital.request('GET', '/Observation/golden-o'),
    status: 405,
    issue: 'not-supported',
  },
  {
    name: 'search',
    send: ({ hospital }) => hospital.request('GET', '/Observation?status=final'),
    status: 405,
    issue: 'not-supported',
  },
  {
    name: 'delete',
    send: ({ hospital }) => hospital.request('DELETE', '/Observation/golden-o'),
    status: 405,
    issue: 'not-supported',
  },
  {
    name: 'patch',
    send: ({ hospital }) => hospital.request('PATCH', '/Observation/golden-o', '[]'),
    status: 405,
    issue: 'not-supported',
  },
  {
    name: 'create unless it exists',
    send: ({ hospital }) =>
      hospital.request('POST', '/Device', device('once'), {
        'if-none-exist': 'identifier=https://example.nhs.uk/device|once',
      }),
    status: 201,
  },
  {
    name: 'create unless it exists, which it does',
    send: ({ hospital }) =>
      hospital.request('POST', '/Device', device('once'), {
        'if-none-exist': 'Device?identifier=https://example.nhs.uk/device|once',
      }),
    status: 200,
  },
  {
    name: 'create on a condition that the lake does not answer',
    send: ({ hospital }) => hospital.request('POST', '/Device', device('once'), { 'if-none-exist': 'status=active' }),
    status: 422,
    issue: 'not-supported',
  },
  {
    name: 'create in another release of FHIR',
    send: ({ hospital }) =>
      hospital.request('POST', '/Device', device('8'), { 'content-type': 'application/fhir+json; fhirVersion=3.0' }),
    status: 415,
    issue: 'not-supported',
  },
  {
    name: 'an unknown type',
    send: ({ hospital }) => hospital.request('POST', '/Observatory', observation()),
    status: 404,
    issue: 'not-supported',
  },
  {
    name: 'an unknown operation',
    send: ({ hospital }) => hospital.request('POST', '/$everything', observation()),
    status: 404,
  },
  // Bundles
  {
    name: 'transaction',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [
          entry(device('7'), 'POST', 'Device', { ifNoneExist: 'identifier=https://example.nhs.uk/device|7' }),
          entry(observation('golden-t'), 'PUT', 'Observation/golden-t'),
        ]),
      ),
    status: 200,
    body: /201 Created/,
  },
  {
    name: 'transaction that finds what is there',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [
          entry(device('7'), 'POST', 'Device', { ifNoneExist: 'identifier=https://example.nhs.uk/device|7' }),
        ]),
      ),
    status: 200,
    body: /200 OK/,
  },
  {
    name: 'transaction with a conditional reference',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [
          entry(
            observation(undefined, { device: { reference: 'Device?identifier=https://example.nhs.uk/device|7' } }),
            'POST',
            'Observation',
          ),
        ]),
      ),
    status: 200,
  },
  {
    name: 'transaction with a conditional reference to nothing',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [
          entry(
            observation(undefined, { device: { reference: 'Device?identifier=https://example.nhs.uk/device|none' } }),
            'POST',
            'Observation',
          ),
        ]),
      ),
    status: 412,
    issue: 'not-found',
  },
  {
    name: 'transaction with a bad entry',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [
          entry(observation(), 'POST', 'Observation'),
          entry(observation(undefined, { status: 'done' }), 'POST', 'Observation'),
        ]),
      ),
    status: 422,
  },
  {
    name: 'batch with a bad entry',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('batch', [
          entry(observation(), 'POST', 'Observation'),
          entry(observation(undefined, { status: 'done' }), 'POST', 'Observation'),
        ]),
      ),
    status: 200,
    body: /422 Unprocessable/,
  },
  {
    name: 'transaction with a stale version',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [entry(observation('golden-o'), 'PUT', 'Observation/golden-o', { ifMatch: 'W/"1"' })]),
      ),
    status: 409,
  },
  {
    name: 'transaction with a read',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '',
        bundle('transaction', [{ request: { method: 'GET', url: 'Observation/golden-o' } }]),
      ),
    status: 422,
  },
  {
    name: 'a searchset',
    send: ({ hospital }) => hospital.request('POST', '', bundle('searchset', [])),
    status: 400,
    issue: 'value',
  },
  {
    name: 'an empty transaction',
    send: ({ hospital }) => hospital.request('POST', '', { resourceType: 'Bundle', type: 'transaction' }),
    status: 200,
  },
  {
    name: 'message',
    send: ({ hospital }) => hospital.request('POST', '/$process-message', message('Z99001', [observation('golden-m')])),
    status: 200,
  },
  {
    name: 'message of another sender',
    send: ({ hospital }) => hospital.request('POST', '/$process-message', message('Z99003', [observation()])),
    status: 403,
  },
  {
    name: 'a transaction as message',
    send: ({ hospital }) => hospital.request('POST', '/$process-message', bundle('transaction', [])),
    status: 400,
    issue: 'value',
  },
  {
    name: 'held for review',
    send: ({ hospital }) =>
      hospital.request(
        'POST',
        '/Observation',
        observation(undefined, { modifierExtension: [{ url: 'https://example.nhs.uk/unknown', valueBoolean: true }] }),
      ),
    status: 202,
    issue: 'informational',
  },
  {
    name: 'bulk import',
    send: ({ hospital }) =>
      hospital.bulkImport([observation('golden-bulk'), observation(undefined, { status: 'done' })]),
    status: 200,
    body: /"accepted":1,"refused":1/,
  },
  {
    name: 'a bulk import that was never started',
    send: ({ hospital }) => hospital.request('GET', `/$import/${repeatedId}`),
    status: 404,
  },
  // Disabled while running
  {
    name: 'a disabled provider',
    send: ({ practice }) => practice.afterDisabling(() => practice.request('POST', '/Observation', observation())),
    status: 401,
    issue: 'login',
  },
  { name: 'a token for a disabled provider', send: ({ practice }) => practice.askToken({}), status: 401 },
];
