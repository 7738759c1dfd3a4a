import assert from 'node:assert/strict';
import type { AwsTarget } from '../../components/core/aws-target';
import type { LakeComponent } from '../../components/core/lake-component';
import { mebibytes } from '../../components/core/units';
import { type AwsFunction, awsFunction } from '../../components/function/aws';
import { type AwsGatewayArgs, awsGateway } from '../../components/gateway/aws';
import type { OpenApiDocument } from '../../components/gateway/rest-api-document';
import { openApi } from '../../functions/ingest/http/openapi';
import { isolatedIngestManifest } from '../../functions/ingest/manifest';
import type { Manifest } from '../../functions/manifest';
import { authoriserManifest, providerAccessManifest } from '../../functions/provider-access/manifest';
import { kindOf, type Mode, modes, only, type Recorded } from '../support/pulumi-mocks';
import { homesOf, policyOf, undefinedTexts } from './aws-account';
import { functionSettings, kindsOf, recordBuilder } from './aws-probe';

const document = openApi({
  origin: 'https://lake.example.nhs.uk',
  fhirPath: '/FHIR/R4',
  tokenEndpoint: 'https://lake.example.nhs.uk/oauth2/token',
  scopes: ['system/*.cu'],
  limits: { maxBytes: 4 * 1024 * 1024, timeout: 29_000, maxEntries: 1000 },
}) as OpenApiDocument;

type Functions = Readonly<Record<'ingest' | 'issuer' | 'authoriser', AwsFunction>>;

function functionsOf(component: LakeComponent, target: AwsTarget): Functions {
  const made = (manifest: Manifest) =>
    awsFunction(component, manifest.name, {
      ...{ target, manifest, homes: homesOf(target), memory: mebibytes(1024), timeout: 29, concurrency: 10 },
      place: { zone: 'lake', classification: 'none' },
      code: { kind: 'folder', folder: 'functions/preparation' },
      trigger: { kind: 'gateway' },
      ...functionSettings,
    });
  return {
    ingest: made(isolatedIngestManifest),
    issuer: made(providerAccessManifest),
    authoriser: made(authoriserManifest),
  };
}

const make = (mode: Mode, change: (functions: Functions) => Partial<AwsGatewayArgs> = () => ({})) =>
  recordBuilder(mode, (component, target) => {
    const functions = functionsOf(component, target);
    awsGateway(component, 'gateway', {
      target,
      document,
      ingest: functions.ingest,
      issuer: functions.issuer,
      callers: { kind: 'bearer', authoriser: functions.authoriser },
      ingress: { kind: 'public' },
      domain: { name: 'lake.example.nhs.uk', certificateArn: 'arn:aws:acm:eu-west-2:123456789012:certificate/lake' },
      keyArn: functionSettings.keys.logArn,
      logRetentionDays: 3653,
      requestsPerSecond: 200,
      burst: 400,
      requestsPerAddress: 10_000,
      ...change(functions),
    });
  });

interface RestBody {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security: readonly object[] }>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}
const bodyOf = (recorded: readonly Recorded[]): RestBody =>
  JSON.parse(String(only(recorded, 'gateway-api').inputs.body)) as RestBody;

describe('The gateway on AWS', () => {
  let recorded: readonly Recorded[];
  before(async () => {
    recorded = await make('apply');
  });

  for (const mode of modes)
    it(`is made of these parts, ${mode}`, async () => {
      const found = mode === 'apply' ? recorded : await make(mode);
      assert.deepEqual(kindsOf(found, 'gateway'), [
        'Account gateway-account',
        'BasePathMapping gateway-mapping',
        'Deployment gateway-deployment',
        'DocumentationVersion gateway-documentation',
        'DomainName gateway-domain',
        'LogGroup gateway-access-log',
        'LogGroup gateway-error-log',
        'LogGroup gateway-firewall-log',
        'MethodSettings gateway-settings',
        ...[
          '.well-known-oauth-authorization-server/GET',
          '.well-known-openid-configuration/GET',
          '.well-known-smart-configuration/GET',
          'FHIR-R4-.well-known-smart-configuration/GET',
          'FHIR-R4-metadata/GET',
          'oauth2-jwks/GET',
          'openapi.json/GET',
        ].map((path) => `MethodSettings gateway-settings-${path}`),
        'Permission gateway-ingest-permission',
        'Permission gateway-issuer-permission',
        'Policy gateway-gateway-authoriser-policy',
        'Policy gateway-gateway-logs-policy',
        'RestApi gateway-api',
        'Role gateway-gateway-authoriser-role',
        'Role gateway-gateway-logs-role',
        'RolePolicyAttachment gateway-gateway-authoriser-grants',
        'RolePolicyAttachment gateway-gateway-logs-grants',
        'Stage gateway-stage',
        'WebAcl gateway-firewall',
        'WebAclAssociation gateway-firewall-stage',
        'WebAclLoggingConfiguration gateway-firewall-logging',
      ]);
      assert.deepEqual(undefinedTexts(found), []);
    });

  it('speaks TLS 1.3 alone, under its own name alone, over both families of addresses', () => {
    for (const name of ['gateway-api', 'gateway-domain']) {
      const { securityPolicy, endpointAccessMode, endpointConfiguration } = only(recorded, name).inputs;
      assert.equal(securityPolicy, 'SecurityPolicy_TLS13_1_3_2025_09');
      assert.equal(endpointAccessMode, 'STRICT');
      assert.deepEqual(endpointConfiguration, { types: 'REGIONAL', ipAddressType: 'dualstack' });
    }
    const { disableExecuteApiEndpoint, failOnWarnings } = only(recorded, 'gateway-api').inputs;
    assert.deepEqual([disableExecuteApiEndpoint, failOnWarnings], [true, true]);
    const { cacheClusterEnabled, xrayTracingEnabled } = only(recorded, 'gateway-stage').inputs;
    assert.deepEqual([cacheClusterEnabled, xrayTracingEnabled], [true, true]);
    const rules = only(recorded, 'gateway-firewall').inputs.rules as readonly {
      readonly name: string;
      readonly action?: object;
    }[];
    assert.deepEqual(rules.find(({ name }) => name === 'flood-of-one-address')?.action, { block: {} });
  });

  it('caches encrypted and only what is the same for everyone, and traces no data', () => {
    for (const { name, inputs } of recorded.filter((one) => kindOf(one) === 'MethodSettings')) {
      const settings = inputs.settings as Readonly<Record<string, unknown>>;
      assert.equal(settings.cacheDataEncrypted, true, name);
      assert.equal(settings.dataTraceEnabled, false, name);
      assert.equal(settings.cachingEnabled, inputs.methodPath !== '*/*', name);
      assert.deepEqual([settings.throttlingRateLimit, settings.throttlingBurstLimit], [200, 400], name);
      if (settings.cachingEnabled === true) assert.equal(settings.requireAuthorizationForCacheControl, true, name);
      assert.ok(!/\{|import/.test(String(inputs.methodPath)), name);
    }
  });

  it('has the group of its own errors before the stage makes one without an end', () => {
    const { inputs, urn } = only(recorded, 'gateway-error-log');
    assert.equal(inputs.name, `API-Gateway-Execution-Logs_${only(recorded, 'gateway-api').id}/lake`);
    assert.ok(inputs.retentionInDays !== undefined && inputs.kmsKeyId !== undefined);
    assert.ok(only(recorded, 'gateway-stage').after?.includes(urn));
  });

  it('writes down no path, header, query or body', () => {
    const { accessLogSettings } = only(recorded, 'gateway-stage').inputs as {
      readonly accessLogSettings: { readonly format: string };
    };
    const format = accessLogSettings.format;
    assert.ok(format.includes('$context.tlsVersion') && format.includes('$context.resourcePath'));
    // `$context.path` and `$context.requestOverride` hold what was sent; so do all but `$context`.
    assert.ok(!/\$context\.(path\b|requestOverride|error\.message|error\.validation|identity\.userAgent)/.test(format));
    assert.equal([...format.matchAll(/\$/g)].length, [...format.matchAll(/\$context\./g)].length);
    const { redactedFields } = only(recorded, 'gateway-firewall-logging').inputs;
    assert.deepEqual(redactedFields, [
      { uriPath: {} },
      { queryString: {} },
      { singleHeader: { name: 'authorization' } },
    ]);
    const acl = JSON.stringify(only(recorded, 'gateway-firewall').inputs);
    assert.ok(!acl.includes('"sampledRequestsEnabled":true'));
  });

  it('alone may invoke the functions behind it, from its own stage', () => {
    for (const role of ['ingest', 'issuer']) {
      const { principal, sourceArn, sourceAccount, action } = only(recorded, `gateway-${role}-permission`).inputs;
      assert.deepEqual(
        [action, principal, sourceAccount],
        ['lambda:InvokeFunction', 'apigateway.amazonaws.com', '123456789012'],
      );
      assert.match(String(sourceArn), /^arn:aws:execute-api:eu-west-2:123456789012:[^/*]+\/lake\/\*$/);
    }
    const { Statement: statements } = policyOf(only(recorded, 'gateway-gateway-authoriser-policy').inputs.policy);
    assert.deepEqual(
      statements.map(({ Action }) => Action),
      ['lambda:InvokeFunction'],
    );
    assert.match(String(statements[0]?.Resource), /function:lake-test-authoriser$/);
  });

  it('deploys anew when its document changes, and only then', async () => {
    const triggerOf = (found: readonly Recorded[]) => only(found, 'gateway-deployment').inputs.triggers;
    assert.deepEqual(triggerOf(await make('apply', () => ({ burst: 1 }))), triggerOf(recorded));
    const changed = { ...document, info: { ...document.info, version: '2.0.0' } };
    assert.notDeepEqual(triggerOf(await make('apply', () => ({ document: changed }))), triggerOf(recorded));
  });

  it('counts each provider under the key that the authoriser names', async () => {
    const metered = [
      { name: 'gp', usageKey: 'k'.repeat(64), requestsPerSecond: 5, burst: 10, requestsPerDay: 100_000 },
    ];
    const found = await make('apply', () => ({ metered }));
    assert.deepEqual(only(found, 'gateway-usage-gp-key').inputs.value, { secret: 'k'.repeat(64) });
    assert.deepEqual(only(found, 'gateway-usage-gp').inputs.quotaSettings, { limit: 100_000, period: 'DAY' });
    const { paths, components } = bodyOf(found);
    assert.deepEqual(paths['/FHIR/R4/{type}']?.post?.security, [{ lakeToken: [], usage: [] }]);
    assert.equal(components.securitySchemes.usage?.name, 'x-api-key');
  });

  it('asks senders for certificates where the stack says so', async () => {
    const mutualTls = { truststoreUri: 's3://lake-trust/authorities.pem', truststoreVersion: '1' };
    const domain = {
      name: 'lake.example.nhs.uk',
      certificateArn: 'arn:aws:acm:eu-west-2:123456789012:certificate/lake',
      mutualTls,
    };
    const found = await make('apply', () => ({ domain }));
    const { mutualTlsAuthentication, securityPolicy, endpointAccessMode } = only(found, 'gateway-domain').inputs;
    assert.deepEqual(mutualTlsAuthentication, mutualTls);
    // API Gateway refuses a policy of TLS 1.3 on such a domain, and keeps to that of the API.
    assert.deepEqual([securityPolicy, endpointAccessMode], ['TLS_1_2', undefined]);
    assert.equal(only(found, 'gateway-api').inputs.securityPolicy, 'SecurityPolicy_TLS13_1_3_2025_09');
  });

  it('is private where the stack says so: through these endpoints and no other', async () => {
    const found = await make('apply', () => ({ ingress: { kind: 'private', vpcEndpointIds: ['vpce-1', 'vpce-2'] } }));
    for (const name of ['gateway-api', 'gateway-domain']) {
      const { policy, endpointConfiguration } = only(found, name).inputs;
      assert.equal((endpointConfiguration as { readonly types: string }).types, 'PRIVATE');
      const { Statement } = policyOf(policy);
      // Any other form comes back with the API's own id in it.
      for (const { Resource } of Statement) assert.equal(Resource, '*', name);
      const denied = Statement.find(({ Effect }) => Effect === 'Deny');
      assert.deepEqual(denied?.Condition, { StringNotEquals: { 'aws:SourceVpce': ['vpce-1', 'vpce-2'] } });
    }
    assert.equal(found.filter((one) => kindOf(one) === 'DomainNameAccessAssociation').length, 2);
  });
});
