import assert from 'node:assert/strict';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import {
  type Json,
  type OpenApiDocument,
  type RestApiSettings,
  restApiDocument,
  sameForEveryone,
} from '../../components/gateway/rest-api-document';
import { openApi } from '../../functions/ingest/http/openapi';

const own = openApi({
  origin: 'https://lake.example.nhs.uk',
  fhirPath: '/FHIR/R4',
  tokenEndpoint: 'https://lake.example.nhs.uk/oauth2/token',
  scopes: ['system/*.cu'],
  limits: { maxBytes: 1000, timeout: 1000, maxEntries: 10 },
}) as OpenApiDocument;

const uriOf = (name: string): string =>
  `arn:aws:apigateway:eu-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-2:111122223333:function:${name}/invocations`;
const settings: RestApiSettings = {
  ingestUri: uriOf('ingest'),
  issuerUri: uriOf('provider-access'),
  authoriser: { uri: uriOf('authoriser'), roleArn: 'arn:aws:iam::111122223333:role/gateway' },
  timeout: 29_000,
};

interface Operation {
  readonly operationId: string;
  readonly security?: readonly Json[];
  readonly responses: Readonly<Record<string, Json>>;
  readonly 'x-amazon-apigateway-auth'?: { readonly type: string };
  readonly 'x-amazon-apigateway-request-validator'?: string;
  readonly 'x-amazon-apigateway-integration'?: { readonly type: string; readonly uri?: string };
}
type Rest = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Json;
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  readonly 'x-amazon-apigateway-gateway-responses': Readonly<
    Record<string, { readonly statusCode: number; readonly responseTemplates: Readonly<Record<string, string>> }>
  >;
};
const made = (changed: Partial<RestApiSettings> = {}) =>
  restApiDocument(own, { ...settings, ...changed }) as unknown as Rest;
const operationsOf = ({ paths }: Rest) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ called: `${method} ${path}`, operation })),
  );

describe('The document of the REST API', () => {
  it('has every operation of the OpenAPI document, each answered by the function', () => {
    const rest = made();
    for (const [path, methods] of Object.entries(own.paths))
      for (const method of Object.keys(methods)) {
        const operation = rest.paths[path]?.[method];
        assert.deepEqual(operation?.['x-amazon-apigateway-integration'], {
          type: 'aws_proxy',
          httpMethod: 'POST',
          uri: settings.ingestUri,
          timeoutInMillis: 29_000,
        });
      }
  });

  it('lets nobody call without a token but what its standard opens', () => {
    const open = operationsOf(made()).filter(({ operation }) => operation.security?.length === 0);
    assert.deepEqual(
      open.map(({ called }) => called),
      [
        'get /FHIR/R4/metadata',
        'get /health',
        'get /openapi.json',
        'get /.well-known/smart-configuration',
        'get /FHIR/R4/.well-known/smart-configuration',
        'post /oauth2/token',
        'get /oauth2/jwks',
        'get /.well-known/openid-configuration',
        'get /.well-known/oauth-authorization-server',
      ],
    );
    for (const { operation, called } of operationsOf(made())) {
      if (operation.security?.length === 0) continue;
      assert.deepEqual(operation.security, [{ lakeToken: [] }], called);
      assert.equal(operation['x-amazon-apigateway-request-validator'], 'all', called);
    }
  });

  it('asks for a token where an operation forgets to say', () => {
    const forgot: OpenApiDocument = {
      ...own,
      paths: { '/FHIR/R4/new': { get: { operationId: 'new', responses: { 200: { description: 'New.' } } } } },
    };
    const rest = restApiDocument(forgot, settings) as unknown as Rest;
    assert.deepEqual(rest.paths['/FHIR/R4/new']?.get?.security, [{ lakeToken: [] }]);
  });

  it('takes bearer tokens by the authoriser', () => {
    const { lakeToken } = made().components.securitySchemes;
    assert.equal(lakeToken?.['x-amazon-apigateway-authtype'], 'custom');
    assert.deepEqual(lakeToken['x-amazon-apigateway-authorizer'], {
      type: 'request',
      identitySource: 'method.request.header.Authorization',
      authorizerUri: uriOf('authoriser'),
      authorizerCredentials: 'arn:aws:iam::111122223333:role/gateway',
      authorizerResultTtlInSeconds: 60,
    });
  });

  it('asks for a signature where providers may sign, and nowhere has such a path unless they may', () => {
    const { paths, components } = made({ signed: true });
    const { security, 'x-amazon-apigateway-auth': auth } = paths['/oauth2/signed-token']?.post ?? {};
    assert.deepEqual([security, auth], [[{ awsSignature: [] }], { type: 'AWS_IAM' }]);
    assert.equal(components.securitySchemes.awsSignature?.['x-amazon-apigateway-authtype'], 'awsSigv4');
    const { issuerUri: _, ...without } = settings;
    for (const rest of [made(), restApiDocument(own, { ...without, signed: true })])
      assert.ok(!JSON.stringify(rest).includes('/oauth2/signed-token'));
  });

  it('has no way to the issuer where another one gives tokens', () => {
    const { issuerUri: _, ...without } = settings;
    const rest = restApiDocument(own, without) as unknown as Rest;
    assert.ok(!JSON.stringify(rest).includes('provider-access'));
    assert.ok(!Object.keys(rest.paths).some((path) => path.startsWith('/oauth2/')));
  });

  it('caches what is the same for everyone, and nothing of one sender', () => {
    assert.deepEqual(sameForEveryone(restApiDocument(own, settings)), [
      'FHIR~1R4~1metadata/GET',
      'openapi.json/GET',
      '.well-known~1smart-configuration/GET',
      'FHIR~1R4~1.well-known~1smart-configuration/GET',
      'oauth2~1jwks/GET',
      '.well-known~1openid-configuration/GET',
      '.well-known~1oauth-authorization-server/GET',
    ]);
  });

  it('refuses in OperationOutcomes that hold no variable of the request', () => {
    const refusals = Object.values(made()['x-amazon-apigateway-gateway-responses']);
    assert.equal(refusals.length, 21);
    for (const { statusCode, responseTemplates } of refusals) {
      const text = responseTemplates['application/json'] ?? '';
      assert.ok(statusCode >= 400);
      assert.ok(!text.includes('$context') && !text.includes('$input'));
      assert.equal((JSON.parse(text) as { readonly resourceType: string }).resourceType, 'OperationOutcome');
    }
  });

  it('names its models by letters and digits, refers to them alone, and is small enough to be imported', () => {
    const text = JSON.stringify(made());
    // API Gateway quotas: 6 MB for an import; a body of a request to Pulumi's provider is far below.
    assert.ok(text.length < 64 * 1024, `${text.length} bytes`);
    assert.ok(Object.keys(made().components.schemas).every((name) => /^[A-Za-z0-9]+$/.test(name)));
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to);
    assert.deepEqual([...new Set(references)].sort(), ['#/components/schemas/Bundle', '#/components/schemas/Resource']);
  });

  it('is an OpenAPI document to an independent linter', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: { 'no-empty-servers': 'off' } });
    const problems = await lintFromString({ source: JSON.stringify(made({ signed: true })), config });
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error').map(({ ruleId, message }) => `${ruleId} ${message}`),
      [],
    );
  });
});
