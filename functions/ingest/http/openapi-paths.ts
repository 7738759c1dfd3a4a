import { resourceTypes } from '../../fhir/definitions';
import { ref, type Schema } from './openapi-schemas';

const fhirJson = 'application/fhir+json';

const sentHeader = (name: string, description: string, form: Schema = {}, required = false): Schema => ({
  ...{ name, in: 'header', required, description },
  schema: { type: 'string', ...form },
});
const requestId = sentHeader(
  'X-Request-ID',
  'A new UUID for each request; the same one to repeat it.',
  { format: 'uuid' },
  true,
);
const correlationId = sentHeader('X-Correlation-ID', 'Mirrored in the answer.', { maxLength: 128 });
const prefer = sentHeader('Prefer', 'return=minimal (default) or return=OperationOutcome.');
const ifMatch = sentHeader(
  'If-Match',
  'Required to update what exists: the ETag of the version you update. Missing 412, stale 409.',
  { pattern: '^(W/)?"[1-9][0-9]*"$' },
);
const ifNoneExist = sentHeader(
  'If-None-Exist',
  'identifier=system|value: create only when no resource of yours has this identifier.',
);
const typeParameter = {
  name: 'type',
  in: 'path',
  required: true,
  description: 'A FHIR R4 resource type.',
  schema: { type: 'string', enum: [...resourceTypes] },
};
const idParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The id of the resource in your own namespace; never a person identifier.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9.-]{1,64}$' },
};

const header = (description: string): Schema => ({ description, schema: { type: 'string' } });
const outcome = (description: string, headers: Readonly<Record<string, Schema>> = {}): Schema => ({
  description,
  headers,
  content: { [fhirJson]: { schema: ref('schemas', 'OperationOutcome') } },
});

/** Answers that several operations give. */
export const responses: Readonly<Record<string, Schema>> = {
  BadRequest: outcome('The request is not as it must be; the OperationOutcome says where and what is allowed.'),
  Unauthorised: outcome('Provide valid credentials.', { 'WWW-Authenticate': header('Bearer') }),
  Forbidden: outcome('Your token does not allow this.'),
  NotFound: outcome('There is no such address, type or resource of yours.'),
  NotAcceptable: outcome('The lake answers in application/fhir+json.'),
  Conflict: outcome('The resource is at another version, or the request id was used for another request.'),
  PreconditionFailed: outcome('If-Match is missing, or a conditional reference finds nothing.'),
  TooLarge: outcome('The body is longer than allowed.'),
  UnsupportedMediaType: outcome('Send FHIR R4 as JSON.'),
  Unprocessable: outcome('The resource is not valid FHIR R4, or breaks a rule of the lake.'),
  Throttled: outcome('You send faster than agreed.', { 'Retry-After': header('Seconds to wait.') }),
  Unavailable: outcome('The lake is stopping or overloaded; nothing was stored.', {
    'Retry-After': header('Seconds to wait.'),
  }),
  Late: outcome('The body did not arrive in time.'),
  Held: outcome('Held for review: taken, not stored yet; the OperationOutcome carries a tracking id.'),
};

const refusals = (extra: Readonly<Record<string, string>> = {}): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries({
      400: 'BadRequest',
      401: 'Unauthorised',
      403: 'Forbidden',
      406: 'NotAcceptable',
      408: 'Late',
      409: 'Conflict',
      412: 'PreconditionFailed',
      413: 'TooLarge',
      415: 'UnsupportedMediaType',
      422: 'Unprocessable',
      429: 'Throttled',
      503: 'Unavailable',
      ...extra,
    }).map(([status, name]) => [status, ref('responses', name)]),
  );

const stored = (description: string): Schema => ({
  description,
  headers: {
    ETag: header('The version, as a weak entity tag.'),
    Location: header('The resource and its version.'),
    'Last-Modified': header('When it was stored.'),
    'X-Request-ID': header('As sent.'),
  },
});

const body = (schema: string): Schema => ({
  required: true,
  content: { [fhirJson]: { schema: ref('schemas', schema) } },
});
const writeHeaders = [requestId, correlationId, prefer];
const bundleAnswer: Schema = {
  description: 'What became of each entry, in order.',
  content: { [fhirJson]: { schema: ref('schemas', 'Bundle') } },
};

const importParameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The import, as Content-Location names it.',
  schema: { type: 'string', format: 'uuid' },
};
const partParameter = {
  name: 'part',
  in: 'path',
  required: true,
  description: 'Number of the part, from 1.',
  schema: { type: 'integer', minimum: 1 },
};
const asynchronousRefusals = {
  400: ref('responses', 'BadRequest'),
  401: ref('responses', 'Unauthorised'),
  406: ref('responses', 'NotAcceptable'),
  429: ref('responses', 'Throttled'),
  503: ref('responses', 'Unavailable'),
};

/** The routes that `fhirApi` serves, under the path of the FHIR base. */
export const paths = (base: string): Record<string, unknown> => ({
  [`${base}/metadata`]: {
    get: {
      operationId: 'capabilities',
      summary: 'CapabilityStatement: what is offered and within which limits.',
      security: [],
      responses: {
        200: {
          description: 'CapabilityStatement',
          content: { [fhirJson]: { schema: ref('schemas', 'CapabilityStatement') } },
        },
        400: ref('responses', 'BadRequest'),
      },
    },
  },
  [base]: {
    post: {
      operationId: 'bundle',
      summary: 'A transaction (all or nothing) or a batch (each entry on its own).',
      parameters: writeHeaders,
      requestBody: body('Bundle'),
      responses: { 200: bundleAnswer, 202: ref('responses', 'Held'), ...refusals() },
    },
  },
  [`${base}/$process-message`]: {
    post: {
      operationId: 'processMessage',
      summary: 'A Bundle of type message; its sender must be the organisation of the token.',
      parameters: writeHeaders,
      requestBody: body('Bundle'),
      responses: { 200: bundleAnswer, 202: ref('responses', 'Held'), ...refusals() },
    },
  },
  [`${base}/$import`]: {
    post: {
      operationId: 'startImport',
      summary: 'Starts a bulk import: an address for the upload, and one in Content-Location that tells how far it is.',
      requestBody: { ...body('Parameters'), required: false },
      responses: {
        202: {
          description: 'Started.',
          headers: { 'Content-Location': header('Where to poll.') },
          content: { [fhirJson]: { schema: ref('schemas', 'Parameters') } },
        },
        408: ref('responses', 'Late'),
        413: ref('responses', 'TooLarge'),
        ...asynchronousRefusals,
      },
    },
  },
  [`${base}/$import/{id}/upload`]: {
    put: {
      operationId: 'uploadImport',
      summary: 'The resources, one a line, streamed.',
      parameters: [importParameter],
      requestBody: { required: true, content: { 'application/fhir+ndjson': { schema: { type: 'string' } } } },
      responses: {
        202: { description: 'Taken; poll the import.' },
        404: ref('responses', 'NotFound'),
        409: ref('responses', 'Conflict'),
        413: ref('responses', 'TooLarge'),
        415: ref('responses', 'UnsupportedMediaType'),
        ...asynchronousRefusals,
      },
    },
  },
  [`${base}/$import/{id}`]: {
    get: {
      operationId: 'pollImport',
      summary: 'FHIR asynchronous pattern: 202 with X-Progress, then 200 with counts and where the outcomes are.',
      parameters: [importParameter],
      responses: {
        200: { description: 'Complete.', content: { 'application/json': { schema: { type: 'object' } } } },
        202: {
          description: 'Not yet.',
          headers: { 'X-Progress': header('How far it is.'), 'Retry-After': header('Seconds.') },
        },
        404: ref('responses', 'NotFound'),
        422: ref('responses', 'Unprocessable'),
        ...asynchronousRefusals,
      },
    },
    delete: {
      operationId: 'cancelImport',
      summary: 'Goes no further; what was stored stays.',
      parameters: [importParameter],
      responses: {
        202: { description: 'Cancelled.' },
        404: ref('responses', 'NotFound'),
        409: ref('responses', 'Conflict'),
        ...asynchronousRefusals,
      },
    },
  },
  [`${base}/$import/{id}/outcome/{part}`]: {
    get: {
      operationId: 'importOutcome',
      summary: 'What became of each line: NDJSON of line number and OperationOutcome.',
      parameters: [importParameter, partParameter],
      responses: {
        200: { description: 'NDJSON.', content: { 'application/fhir+ndjson': { schema: { type: 'string' } } } },
        404: ref('responses', 'NotFound'),
        ...asynchronousRefusals,
      },
    },
  },
  [`${base}/{type}`]: {
    post: {
      operationId: 'create',
      summary: 'Creates a resource; its id is in Location.',
      parameters: [typeParameter, ifNoneExist, ...writeHeaders],
      requestBody: body('AnyResource'),
      responses: {
        200: stored('If-None-Exist found the resource: nothing was stored.'),
        201: stored('Stored.'),
        202: ref('responses', 'Held'),
        ...refusals({ 404: 'NotFound' }),
      },
    },
  },
  [`${base}/{type}/{id}`]: {
    put: {
      operationId: 'update',
      summary: 'Updates a resource of yours, or creates it when you have sent none with this id.',
      parameters: [typeParameter, idParameter, ifMatch, ...writeHeaders],
      requestBody: body('AnyResource'),
      responses: {
        200: stored('A new version is stored.'),
        201: stored('The resource is stored.'),
        202: ref('responses', 'Held'),
        ...refusals({ 404: 'NotFound' }),
      },
    },
    head: {
      operationId: 'version',
      summary: 'The ETag of a resource of yours, and nothing else.',
      parameters: [typeParameter, idParameter],
      responses: {
        200: {
          description: 'It exists.',
          headers: { ETag: header('Its version.'), 'Last-Modified': header('When it was stored.') },
        },
        400: { description: 'The address holds what may be a person identifier.' },
        401: { description: 'Provide valid credentials.' },
        403: { description: 'Your token does not allow this.' },
        404: { description: 'You have sent no such resource.' },
        406: { description: 'The lake answers in application/fhir+json.' },
        429: { description: 'You send faster than agreed.' },
        503: { description: 'The lake is stopping or overloaded.' },
      },
    },
  },
});
