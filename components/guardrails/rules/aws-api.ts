import { documentOf } from '../reachability/input-values';
import { awsType } from './aws-types';
import { at, type GuardedResource, isSet, textAt } from './guarded-resource';
import { type Rule, unless } from './rule';

const api = awsType('apigateway', 'RestApi');
const stage = awsType('apigateway', 'Stage');
const methods = awsType('apigateway', 'MethodSettings');
const webAcl = awsType('wafv2', 'WebAcl');
/** TLS 1.3 and nothing older (API Gateway Developer Guide, "Security policies for REST APIs"). */
const onlyTls13 = /^SecurityPolicy_TLS13_1_3_/;
/** API Gateway refuses those policies on a domain with mutual TLS and goes by the API's own there, which the rule looks at too. */
const byItsApi = (props: GuardedResource['props']): boolean =>
  isSet(at(props, 'mutualTlsAuthentication.truststoreUri')) && textAt(props, 'securityPolicy') === 'TLS_1_2';
/** What a sender asks before it has a token, and what shows nothing of anybody. */
const beforeToken = /^\/(oauth2\/|health$|openapi\.json$|\.well-known\/|FHIR\/R4\/(metadata$|\.well-known\/))/;
const verbs = ['get', 'put', 'post', 'patch', 'delete', 'head', 'x-amazon-apigateway-any-method'];

function unguarded(document: unknown): boolean {
  const everywhere = (at(document, 'security') ?? []) as readonly unknown[];
  return Object.entries((at(document, 'paths') ?? {}) as Readonly<Record<string, unknown>>).some(([path, item]) =>
    Object.entries(item as Readonly<Record<string, unknown>>).some(([verb, operation]) => {
      if (!verbs.includes(verb.toLowerCase()) || beforeToken.test(path)) return false;
      const security = (at(operation, 'security') ?? everywhere) as readonly object[];
      return security.length === 0 || security.some((one) => Object.keys(one).length === 0);
    }),
  );
}

export const awsApiRules: readonly Rule[] = [
  {
    id: 'api-authorised',
    title: 'Every operation of the API asks for a token',
    references: ['NCSC 10', 'NCSC 11', 'CAF B2.a', 'SATRE 1.5.05', 'FSBP APIGateway.8'],
    types: [api],
    property: 'body: paths, security',
    wrong: ({ props }) => {
      const document = documentOf(props.body);
      return unless(
        isSet(at(document, 'paths')) && !unguarded(document),
        'An operation can be called without a token. Give it security in the OpenAPI document.',
      );
    },
  },
  {
    id: 'api-tls',
    title: 'The API speaks TLS 1.3 and nothing older',
    references: ['NCSC 1', 'CAF B3.b', 'SATRE 2.8.02'],
    types: [api, awsType('apigateway', 'DomainName')],
    property: 'securityPolicy, endpointAccessMode',
    wrong: ({ props }) =>
      unless(
        byItsApi(props) ||
          (onlyTls13.test(textAt(props, 'securityPolicy')) && textAt(props, 'endpointAccessMode') === 'STRICT'),
        'Older versions of TLS are taken. Set securityPolicy to a policy of TLS 1.3 alone and endpointAccessMode to STRICT.',
      ),
  },
  {
    id: 'api-access-logged',
    title: 'Every request to the API is logged, with the version of its connection and nothing of its content',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.5.03', 'FSBP APIGateway.1', 'FSBP APIGateway.9'],
    types: [stage],
    property: 'accessLogSettings.destinationArn, accessLogSettings.format',
    wrong: ({ props }) => {
      const format = textAt(props, 'accessLogSettings.format');
      return unless(
        isSet(at(props, 'accessLogSettings.destinationArn')) &&
          format.includes('$context.tlsVersion') &&
          !/\$(input|context\.(path|requestOverride|error\.messageString))\b/.test(format),
        'Requests are not logged, or with what they carry. Set accessLogSettings; leave path, query and body out of its format.',
      );
    },
  },
  {
    id: 'api-traced',
    title: 'A request leaves a trace through the lake',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.2.13', 'FSBP APIGateway.3'],
    types: [stage],
    property: 'xrayTracingEnabled',
    wrong: ({ props }) =>
      unless(at(props, 'xrayTracingEnabled') === true, 'Requests are not traced. Set xrayTracingEnabled.'),
  },
  {
    id: 'api-behind-firewall',
    title: 'A web application firewall stands before the API',
    references: ['NCSC 11', 'CAF B4.a', 'SATRE 2.2.09', 'FSBP APIGateway.4'],
    types: [stage],
    property: 'WebAclAssociation resourceArn',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        graph.beside(resource, awsType('wafv2', 'WebAclAssociation'), 'resourceArn').length > 0,
        'Nothing stands before the stage. Associate a web ACL with it.',
      ),
  },
  {
    id: 'api-cache-encrypted',
    title: 'What the API keeps of answers is encrypted',
    references: ['NCSC 2', 'CAF B3.c', 'SATRE 2.8.01', 'FSBP APIGateway.5'],
    types: [methods],
    property: 'settings.cacheDataEncrypted',
    wrong: ({ props }) =>
      unless(
        at(props, 'settings.cachingEnabled') !== true || at(props, 'settings.cacheDataEncrypted') === true,
        'Answers are kept in the clear. Set cacheDataEncrypted.',
      ),
  },
  {
    id: 'api-no-content-logged',
    title: 'The log of the API holds no message',
    references: ['NCSC 13', 'CAF B3.c', 'CAF C1.b', 'SATRE 3.1.12', 'FSBP APIGateway.1'],
    types: [methods],
    property: 'settings.dataTraceEnabled, settings.loggingLevel',
    wrong: ({ props }) =>
      unless(
        at(props, 'settings.dataTraceEnabled') !== true &&
          ['INFO', 'ERROR'].includes(textAt(props, 'settings.loggingLevel')),
        'Whole messages are written to the log, or nothing is. Set dataTraceEnabled to false and loggingLevel to ERROR.',
      ),
  },
  {
    id: 'api-throttled',
    title: 'No sender can take all of the API',
    references: ['NCSC 2', 'CAF B5.b', 'SATRE 2.3.03'],
    types: [methods],
    property: 'settings.throttlingRateLimit, settings.throttlingBurstLimit',
    wrong: ({ props }) =>
      unless(
        Number(at(props, 'settings.throttlingRateLimit')) > 0 && Number(at(props, 'settings.throttlingBurstLimit')) > 0,
        'One sender can take all of the API. Set throttlingRateLimit and throttlingBurstLimit.',
      ),
  },
  {
    id: 'waf-logged',
    title: 'What the firewall refused is logged',
    references: ['NCSC 13', 'CAF C1.a', 'SATRE 2.5.03', 'FSBP WAF.11'],
    types: [webAcl],
    property: 'WebAclLoggingConfiguration resourceArn',
    stack: true,
    wrong: (resource, graph) =>
      unless(
        graph.beside(resource, awsType('wafv2', 'WebAclLoggingConfiguration'), 'resourceArn').length > 0,
        'What is refused leaves no trace. Add a WebAclLoggingConfiguration.',
      ),
  },
];
