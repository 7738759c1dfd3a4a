import { createHash } from 'node:crypto';
import {
  Account,
  BasePathMapping,
  Deployment,
  DocumentationVersion,
  DomainName,
  DomainNameAccessAssociation,
  MethodSettings,
  RestApi,
  Stage,
} from '@pulumi/aws/apigateway';
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup';
import { Permission } from '@pulumi/aws/lambda';
import { all, type Input, interpolate, type Output, output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { type PolicyStatement, policyText } from '../core/aws-policy';
import { addRole } from '../core/aws-role';
import { gatewayLogStatements, invokeStatements } from '../core/aws-service-grants';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import type { AwsFunction } from '../function/aws';
import { accessLogFormat } from './access-log';
import { addFirewall } from './aws-firewall';
import { addUsage, type MeteredProvider } from './aws-usage';
import { type Json, type OpenApiDocument, restApiDocument, sameForEveryone } from './rest-api-document';

/** Who can reach the API at all. */
export type AwsIngress =
  /** Everyone, over IPv4 and IPv6. */
  | { readonly kind: 'public' }
  /** Only through these endpoints of networks: a private link from the sites that send. */
  | { readonly kind: 'private'; readonly vpcEndpointIds: readonly [Input<string>, ...Input<string>[]] };

export interface AwsDomain {
  readonly name: string;
  /** Of its certificate in Certificate Manager, in this region. */
  readonly certificateArn: Input<string>;
  /** Senders show a certificate that one of these authorities signed (RFC 8705): a PEM file in a bucket of this account. */
  readonly mutualTls?: { readonly truststoreUri: string; readonly truststoreVersion: string };
}

export interface AwsGatewayArgs extends AwsComponentArgs {
  /** The lake's own OpenAPI document (functions/ingest/http/openapi.ts). */
  readonly document: OpenApiDocument;
  readonly ingest: AwsFunction;
  /** The lake's own issuer; absent where Cognito gives tokens. */
  readonly issuer?: AwsFunction;
  /** How callers show who they are: bearer tokens, verified by the authoriser, whoever gave them. */
  readonly callers: { readonly kind: 'bearer'; readonly authoriser: AwsFunction };
  /** Whether the issuer also takes who signs as a role of this account (Signature Version 4). @default false */
  readonly signed?: boolean;
  readonly ingress: AwsIngress;
  /** The lake's own name, the only one it answers to. */
  readonly domain: AwsDomain;
  readonly keyArn: Input<string>;
  readonly logRetentionDays: number;
  /** Requests a second for the whole API, and how many may come at once. */
  readonly requestsPerSecond: number;
  readonly burst: number;
  /** Who is counted and held to an agreed number of requests. */
  readonly metered?: readonly MeteredProvider[];
  /** Requests of one address in five minutes before the firewall holds it off. */
  readonly requestsPerAddress: number;
  /** GB of the cache of what is the same for every caller. @default '0.5' */
  readonly cacheSize?: '0.5' | '1.6' | '6.1';
}

export interface AwsGateway {
  readonly kind: 'aws';
  readonly api: RestApi;
  readonly stage: Stage;
  readonly domain: DomainName;
  /** Where senders reach it, an origin. */
  readonly origin: Output<string>;
  /** The group of log lines that say of each request who called what and how it ended. */
  readonly accessLog: Output<string>;
}

/** TLS 1.3 and nothing before it; `STRICT` refuses what came in by another name than it says (API Gateway Developer Guide). */
const transport = { securityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09', endpointAccessMode: 'STRICT' } as const;
/**
 * A domain with mutual TLS takes no policy of the newer kind; the one of the API is what a connection is made by all the same (API
 * Gateway Developer Guide, "Choose a security policy for your custom domain").
 */
const mutualTransport = { securityPolicy: 'TLS_1_2' } as const;
const stageName = 'lake';
/** Milliseconds, the most that a REST API waits. */
const timeout = 29_000;

/** The REST API in front of the functions that senders reach; nothing else may invoke them. */
export function awsGateway(component: LakeComponent, name: string, args: AwsGatewayArgs): AwsGateway {
  const { target, ingest, issuer, ingress } = args;
  const parts = new AwsParts(component, name, args, { zone: 'edge', classification: 'none' });
  const body = bodyOf(parts, args);
  const isPrivate = ingress.kind === 'private';
  const api = parts.add(RestApi, 'api', {
    name: awsName(target, 'ingestion'),
    body: body.apply((document) => JSON.stringify(document)),
    failOnWarnings: true,
    ...transport,
    // Callers use the lake's own name: there certificates of senders are checked.
    disableExecuteApiEndpoint: true,
    endpointConfiguration: isPrivate
      ? { types: 'PRIVATE', vpcEndpointIds: [...ingress.vpcEndpointIds] }
      : { types: 'REGIONAL', ipAddressType: 'dualstack' },
    ...(isPrivate ? { policy: policyText(onlyThrough(ingress.vpcEndpointIds)) } : {}),
  });
  // What a deployment serves is fixed when it is made: one for each form of the document, or nothing would change.
  const version = body.apply((document) => createHash('sha256').update(JSON.stringify(document)).digest('hex'));
  const deployment = parts.add(Deployment, 'deployment', { restApi: api.id, triggers: { document: version } });
  const documentation = parts.add(DocumentationVersion, 'documentation', {
    restApiId: api.id,
    version: version.apply((text) => text.slice(0, 12)),
  });
  const access = parts.add(LogGroup, 'access-log', {
    name: `/aws/apigateway/${awsName(target, 'ingestion')}`,
    retentionInDays: args.logRetentionDays,
    kmsKeyId: args.keyArn,
  });
  // API Gateway writes its own errors into a group of this name, and makes one without an end or a key where it finds none.
  const errors = parts.add(LogGroup, 'error-log', {
    name: interpolate`API-Gateway-Execution-Logs_${api.id}/${stageName}`,
    retentionInDays: args.logRetentionDays,
    kmsKeyId: args.keyArn,
  });
  const logging = addRole(parts, {
    name: 'gateway-logs',
    service: 'apigateway.amazonaws.com',
    statements: gatewayLogStatements(),
  });
  // One for each account and region: it lets API Gateway write logs at all.
  const account = parts.add(
    Account,
    'account',
    { cloudwatchRoleArn: logging.arn },
    { dependsOn: [...logging.granted] },
  );
  const stage = parts.add(
    Stage,
    'stage',
    {
      restApi: api.id,
      deployment: deployment.id,
      stageName,
      documentationVersion: documentation.version,
      cacheClusterEnabled: true,
      cacheClusterSize: args.cacheSize ?? '0.5',
      xrayTracingEnabled: true,
      accessLogSettings: { destinationArn: access.arn, format: accessLogFormat },
    },
    { dependsOn: [account, errors] },
  );
  addMethodSettings(parts, args, api, stage);
  for (const [role, one] of [
    ['ingest', ingest],
    ['issuer', issuer],
  ] as const) {
    if (one === undefined) continue;
    parts.add(Permission, `${role}-permission`, {
      action: 'lambda:InvokeFunction',
      function: one.lambda.name,
      principal: 'apigateway.amazonaws.com',
      sourceArn: interpolate`${api.executionArn}/${stageName}/*`,
      sourceAccount: target.accountId,
    });
  }
  addFirewall(parts, args, stage);
  if (args.metered !== undefined) addUsage(parts, { ...args, metered: args.metered }, api, stage);
  const domain = domainOf(parts, args);
  if (isPrivate)
    for (const [index, endpoint] of ingress.vpcEndpointIds.entries())
      parts.add(DomainNameAccessAssociation, `domain-endpoint-${index + 1}`, {
        accessAssociationSource: endpoint,
        accessAssociationSourceType: 'VPCE',
        domainNameArn: domain.arn,
      });
  parts.add(BasePathMapping, 'mapping', {
    domainName: domain.domainName,
    ...(isPrivate ? { domainNameId: domain.domainNameId } : {}),
    restApi: api.id,
    stageName: stage.stageName,
  });
  parts.complete();
  return { kind: 'aws', api, stage, domain, origin: output(`https://${args.domain.name}`), accessLog: access.name };
}

function bodyOf(
  parts: AwsParts,
  { document, ingest, issuer, callers, metered, signed = false }: AwsGatewayArgs,
): Output<Json> {
  const { authoriser } = callers;
  const { arn } = addRole(parts, {
    name: 'gateway-authoriser',
    service: 'apigateway.amazonaws.com',
    statements: invokeStatements(authoriser.lambda.arn),
  });
  const uris = [
    ingest.lambda.invokeArn,
    issuer?.lambda.invokeArn ?? output(undefined),
    authoriser.lambda.invokeArn,
  ] as const;
  return all([...uris, arn]).apply(([ingestUri, issuerUri, uri, roleArn]) =>
    restApiDocument(document, {
      ingestUri,
      ...(issuerUri === undefined ? {} : { issuerUri }),
      authoriser: { uri, roleArn },
      metered: metered !== undefined,
      signed,
      timeout,
    }),
  );
}

function addMethodSettings(parts: AwsParts, args: AwsGatewayArgs, api: RestApi, stage: Stage): void {
  const everywhere = {
    metricsEnabled: true,
    // Errors of the gateway itself; bodies would stand in a trace of data.
    loggingLevel: 'ERROR',
    dataTraceEnabled: false,
    throttlingRateLimit: args.requestsPerSecond,
    throttlingBurstLimit: args.burst,
    cacheDataEncrypted: true,
  };
  const settings = (role: string, methodPath: string, cachingEnabled: boolean) =>
    parts.add(MethodSettings, role, {
      restApi: api.id,
      stageName: stage.stageName,
      methodPath,
      settings: {
        ...everywhere,
        cachingEnabled,
        ...(cachingEnabled
          ? {
              cacheTtlInSeconds: 300,
              requireAuthorizationForCacheControl: true,
              unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITHOUT_RESPONSE_HEADER',
            }
          : {}),
      },
    });
  settings('settings', '*/*', false);
  const { document, issuer } = args;
  // The paths alone count here; where functions are is not known while planning.
  const shape = restApiDocument(document, {
    ingestUri: '',
    ...(issuer === undefined ? {} : { issuerUri: '' }),
    authoriser: { uri: '', roleArn: '' },
    timeout,
  });
  for (const path of sameForEveryone(shape)) settings(`settings-${path.replaceAll('~1', '-')}`, path, true);
}

/**
 * A private API: whoever comes by another endpoint is refused, whatever else it may do. The policy stands on the API itself, so that
 * `*` is all of it and no more; of `execute-api:/*` API Gateway makes a name with the API's own id, a change at every deployment.
 */
const onlyThrough = (endpoints: readonly Input<string>[]): readonly PolicyStatement[] => [
  { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: '*' },
  {
    Effect: 'Deny',
    Principal: '*',
    Action: 'execute-api:Invoke',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpce': endpoints } },
  },
];

function domainOf(parts: AwsParts, { domain, ingress }: AwsGatewayArgs): DomainName {
  const isPrivate = ingress.kind === 'private';
  return parts.add(DomainName, 'domain', {
    domainName: domain.name,
    ...(domain.mutualTls === undefined ? transport : mutualTransport),
    ...(isPrivate ? { certificateArn: domain.certificateArn } : { regionalCertificateArn: domain.certificateArn }),
    endpointConfiguration: isPrivate ? { types: 'PRIVATE' } : { types: 'REGIONAL', ipAddressType: 'dualstack' },
    ...(isPrivate ? { policy: policyText(onlyThrough(ingress.vpcEndpointIds)) } : {}),
    ...(domain.mutualTls === undefined ? {} : { mutualTlsAuthentication: domain.mutualTls }),
  });
}
