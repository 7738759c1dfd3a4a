import { gatewayResponses } from './rest-api-refusals';

/**
 * The document of a REST API made of the lake's OpenAPI document: what API Gateway reads when an API is imported (API Gateway
 * Developer Guide, "OpenAPI extensions"). Every operation says who may call it, what is checked before a function is called and
 * which function answers.
 */

/** Object of an OpenAPI 3.0.3 document. */
export type Json = Readonly<Record<string, unknown>>;

/** What is read of the lake's own document. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Json>> };
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly summary?: string;
  /** An empty list: open to all. Absent: the token of the whole document. */
  readonly security?: readonly Json[];
  readonly parameters?: readonly Json[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Json>> };
  readonly responses: Readonly<Record<string, Json>>;
}

/** The Lambda authoriser that verifies bearer tokens, and the role API Gateway invokes it with. */
export interface Authoriser {
  readonly uri: string;
  readonly roleArn: string;
}

export interface RestApiSettings {
  /** Address at which API Gateway calls the ingest function (`Function.invokeArn`). */
  readonly ingestUri: string;
  /** Of the lake's own issuer; absent where another issues tokens. */
  readonly issuerUri?: string;
  readonly authoriser: Authoriser;
  /** The authoriser names the key under which a caller's requests are counted. @default false */
  readonly metered?: boolean;
  /** Whether providers may sign as a role of AWS instead of proving themselves to the issuer with a key. @default false */
  readonly signed?: boolean;
  /** Milliseconds; a REST API waits 29 s at most unless its quota was raised. */
  readonly timeout: number;
}

const security = 'lakeToken';
const signature = 'awsSignature';
const validator = 'all';

/** Bodies that must reach the function byte for byte: as text, what is not UTF-8 would be replaced. */
const binaryTypes = ['application/fhir+json', 'application/fhir+ndjson', 'application/x-ndjson', 'application/ndjson'];

/**
 * What is checked of a body before a function is called; FHIR is the validator's work. A model's name is letters and digits, and
 * its schema is JSON Schema draft 4 (API Gateway Developer Guide, "Data models for REST APIs").
 */
const models = {
  Resource: { type: 'object', required: ['resourceType'], properties: { resourceType: { type: 'string' } } },
  Bundle: {
    type: 'object',
    required: ['resourceType', 'type'],
    properties: { resourceType: { type: 'string', enum: ['Bundle'] }, type: { type: 'string' } },
  },
} as const satisfies Readonly<Record<string, Json>>;

const modelRef = (name: keyof typeof models): Json => ({ $ref: `#/components/schemas/${name}` });

export function restApiDocument(document: OpenApiDocument, settings: RestApiSettings): Json {
  const { authoriser, metered = false } = settings;
  const asked = { [security]: [], ...(metered ? { usage: [] } : {}) };
  const described = (response: Json): Json => {
    const { $ref } = response;
    const found = typeof $ref === 'string' ? document.components.responses[$ref.split('/').at(-1) ?? ''] : response;
    if (found === undefined) throw new RangeError('The OpenAPI document has a reference that leads nowhere.');
    // Without schemas: the functions write what they answer, and the gateway passes it on as it is.
    return { description: found.description, ...(found.headers === undefined ? {} : { headers: found.headers }) };
  };
  const operation = ({ requestBody, responses, security: own, ...rest }: OpenApiOperation): Json => ({
    ...rest,
    ...(requestBody === undefined ? {} : { requestBody: checkedBody(requestBody) }),
    responses: Object.fromEntries(Object.entries(responses).map(([status, one]) => [status, described(one)])),
    ...(own?.length === 0 ? openToAll : { security: [asked] }),
    'x-amazon-apigateway-request-validator': validator,
    'x-amazon-apigateway-integration': answeredBy(settings.ingestUri, settings.timeout),
  });
  const paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, one]) => [method, operation(one)])),
    ]),
  );
  return {
    openapi: document.openapi,
    info: document.info,
    paths: { ...paths, ...besides(settings) },
    components: {
      schemas: models,
      securitySchemes: {
        [security]: securityScheme(authoriser),
        ...(metered ? { usage: { type: 'apiKey', name: 'x-api-key', in: 'header' } } : {}),
        ...(settings.signed === true ? { [signature]: signatureScheme } : {}),
      },
    },
    'x-amazon-apigateway-request-validators': {
      [validator]: { validateRequestBody: true, validateRequestParameters: true },
    },
    ...(metered ? { 'x-amazon-apigateway-api-key-source': 'AUTHORIZER' } : {}),
    'x-amazon-apigateway-binary-media-types': binaryTypes,
    'x-amazon-apigateway-gateway-responses': gatewayResponses,
  };
}

const openToAll: Json = { security: [], 'x-amazon-apigateway-auth': { type: 'NONE' } };

const securityScheme = ({ uri, roleArn }: Authoriser): Json => ({
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'custom',
  'x-amazon-apigateway-authorizer': {
    type: 'request',
    identitySource: 'method.request.header.Authorization',
    authorizerUri: uri,
    authorizerCredentials: roleArn,
    // Seconds. The function asks the register at each request, so a disabled provider is out at once all the same.
    authorizerResultTtlInSeconds: 60,
  },
});

/** AWS Signature Version 4, which the gateway checks by itself: it tells the function who signed. */
const signatureScheme: Json = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

const answeredBy = (uri: string, timeoutInMillis: number): Json => ({
  type: 'aws_proxy',
  // Lambda is always invoked by POST, whatever the sender's method is.
  httpMethod: 'POST',
  uri,
  timeoutInMillis,
});

function checkedBody({ required, content }: NonNullable<OpenApiOperation['requestBody']>): Json {
  const checked = Object.entries(content).map(([type, { schema }]) => {
    const name = String((schema as Json | undefined)?.$ref ?? '')
      .split('/')
      .at(-1);
    if (!type.endsWith('json')) return [type, { schema: { type: 'string' } }];
    return [type, { schema: modelRef(name === 'Bundle' ? 'Bundle' : 'Resource') }];
  });
  return { ...(required === undefined ? {} : { required }), content: Object.fromEntries(checked) };
}

/** What stands beside the FHIR base under the origin, all of it open by its standard (RFC 6749, RFC 7517, RFC 8414, SMART). */
function besides({ ingestUri, issuerUri, signed, timeout }: RestApiSettings): Record<string, Json> {
  const open = (operationId: string, summary: string, integration: Json): Json => ({
    operationId,
    summary,
    ...openToAll,
    responses: { 200: { description: 'As its standard says.' } },
    'x-amazon-apigateway-integration': integration,
  });
  const ingest = answeredBy(ingestUri, timeout);
  const issuer = issuerUri === undefined ? undefined : answeredBy(issuerUri, timeout);
  const smart = 'Where tokens are had (SMART App Launch 2.0).';
  return {
    '/health': { get: open('health', 'The gateway answers; no function is asked.', healthy) },
    '/openapi.json': { get: open('openapi', 'The document of this API.', ingest) },
    '/.well-known/smart-configuration': { get: open('smartOfOrigin', smart, ingest) },
    '/FHIR/R4/.well-known/smart-configuration': { get: open('smartOfBase', smart, ingest) },
    ...(issuer === undefined
      ? {}
      : {
          '/oauth2/token': { post: open('token', 'Client credentials with private_key_jwt (RFC 7523).', issuer) },
          ...(signed === true
            ? {
                '/oauth2/signed-token': {
                  post: {
                    ...open('signedToken', 'Client credentials by AWS Signature Version 4.', issuer),
                    security: [{ [signature]: [] }],
                    'x-amazon-apigateway-auth': { type: 'AWS_IAM' },
                  },
                },
              }
            : {}),
          '/oauth2/jwks': { get: open('keys', 'Public keys of the issuer (RFC 7517).', issuer) },
          '/.well-known/openid-configuration': { get: open('openid', 'About the issuer.', issuer) },
          '/.well-known/oauth-authorization-server': { get: open('server', 'About the issuer (RFC 8414).', issuer) },
        }),
  };
}

/** A mock: API Gateway answers by itself. */
const healthy: Json = {
  type: 'mock',
  passthroughBehavior: 'when_no_templates',
  requestTemplates: { 'application/json': '{"statusCode": 200}' },
  responses: { default: { statusCode: '200', responseTemplates: { 'application/json': '{"status":"pass"}' } } },
};

/** The operations whose answers are the same for every caller, as method settings name them: `FHIR~1R4~1metadata/GET`. */
export const sameForEveryone = (document: Json): readonly string[] =>
  Object.entries(document.paths as Readonly<Record<string, Readonly<Record<string, Json>>>>).flatMap(
    ([path, { get }]) =>
      Array.isArray(get?.security) && get.security.length === 0 && !isMock(get)
        ? [`${path.slice(1).replaceAll('/', '~1')}/GET`]
        : [],
  );

const isMock = (operation: Json): boolean =>
  (operation['x-amazon-apigateway-integration'] as Json | undefined)?.type === 'mock';
