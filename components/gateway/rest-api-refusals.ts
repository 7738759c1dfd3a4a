/** What the gateway itself refuses, said as the lake says it: an OperationOutcome that never repeats a submitted value. */

type Refusal = readonly [
  status: number,
  issue: string,
  diagnostics: string,
  headers?: Readonly<Record<string, string>>,
];

const bearer = { 'WWW-Authenticate': 'Bearer' };
const wait = (seconds: number) => ({ 'Retry-After': String(seconds) });
const credentials: Refusal = [401, 'login', 'Provide valid credentials.', bearer];
const forbidden: Refusal = [403, 'forbidden', 'Your token does not allow this.'];
const notThere: Refusal = [
  404,
  'not-found',
  'There is no such address. The CapabilityStatement at metadata names them.',
];
const away: Refusal = [
  503,
  'transient',
  'The lake cannot answer now. Send the request again with the same X-Request-ID.',
  wait(5),
];
const throttled: Refusal = [429, 'throttled', 'You send faster than agreed. Wait as Retry-After says.', wait(1)];
const badHeaders: Refusal = [400, 'required', 'A header or parameter that the operation asks for is missing.'];
const badBody: Refusal = [400, 'structure', 'Send FHIR R4 as JSON: an object with its resourceType.'];

/** By the names of API Gateway ("Gateway response types for API Gateway"). */
const refusals: Readonly<Record<string, Refusal>> = {
  ACCESS_DENIED: forbidden,
  API_CONFIGURATION_ERROR: away,
  AUTHORIZER_CONFIGURATION_ERROR: away,
  AUTHORIZER_FAILURE: away,
  BAD_REQUEST_BODY: badBody,
  BAD_REQUEST_PARAMETERS: badHeaders,
  DEFAULT_4XX: badBody,
  DEFAULT_5XX: away,
  EXPIRED_TOKEN: credentials,
  INTEGRATION_FAILURE: away,
  INTEGRATION_TIMEOUT: away,
  INVALID_API_KEY: forbidden,
  INVALID_SIGNATURE: credentials,
  // What it says when no route fits, and nothing about tokens is meant.
  MISSING_AUTHENTICATION_TOKEN: notThere,
  QUOTA_EXCEEDED: throttled,
  REQUEST_TOO_LARGE: [413, 'too-long', 'The body is longer than the gateway takes. Send it by $import.'],
  RESOURCE_NOT_FOUND: notThere,
  THROTTLED: throttled,
  UNAUTHORIZED: credentials,
  UNSUPPORTED_MEDIA_TYPE: [415, 'not-supported', 'Send FHIR R4 as JSON.'],
  WAF_FILTERED: [403, 'forbidden', 'The request was refused before it reached the lake.'],
};

const outcome = (code: string, diagnostics: string): string =>
  JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] });

/** `x-amazon-apigateway-gateway-responses` of a REST API. */
export const gatewayResponses = Object.fromEntries(
  Object.entries(refusals).map(([type, [statusCode, code, diagnostics, headers = {}]]) => {
    const all = { 'Content-Type': 'application/fhir+json; charset=utf-8', 'Cache-Control': 'no-store', ...headers };
    return [
      type,
      {
        statusCode,
        // A static value stands in single quotes.
        responseParameters: Object.fromEntries(
          Object.entries(all).map(([name, value]) => [`gatewayresponse.header.${name}`, `'${value}'`]),
        ),
        responseTemplates: { 'application/json': outcome(code, diagnostics) },
      },
    ];
  }),
);
