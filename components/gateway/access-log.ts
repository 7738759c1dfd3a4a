/**
 * What is written down of each request: who called which operation, how it ended and over which TLS; no path as sent, no query, no
 * header, no body (design section 7). Names are of API Gateway ("Variables for access logging").
 */
const fields = {
  requestId: '$context.requestId',
  extendedRequestId: '$context.extendedRequestId',
  time: '$context.requestTimeEpoch',
  caller: '$context.authorizer.principalId',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  // The template `/FHIR/R4/{type}/{id}`, never the path.
  operation: '$context.resourcePath',
  status: '$context.status',
  errorType: '$context.error.responseType',
  integrationStatus: '$context.integrationStatus',
  milliseconds: '$context.responseLatency',
  bytes: '$context.responseLength',
  tlsVersion: '$context.tlsVersion',
  cipherSuite: '$context.cipherSuite',
  firewall: '$context.wafResponseCode',
} as const;

/** One line of JSON for each request. */
export const accessLogFormat = JSON.stringify(fields);
