import { ResourceServer, UserPool, UserPoolClient, UserPoolDomain } from '@pulumi/aws/cognito';
import { interpolate, type Output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { cognitoIssuer, cognitoScopeSeparator, cognitoTokenEndpoint, cognitoTokens } from './cognito-tokens';

/** A provider that sends with a secret of a client. */
export interface AwsMachineClient {
  /** Letters, digits and hyphens; never a person's. */
  readonly name: string;
  /** As the lake writes them: `system/Patient.c`. */
  readonly scopes: readonly string[];
}

export interface AwsMachineAccessArgs extends AwsComponentArgs {
  readonly clients: readonly AwsMachineClient[];
  /** Begins the host of its token endpoint; free in the region. */
  readonly domain: string;
  /** Minutes, five at least. @default 15 */
  readonly tokenMinutes?: number;
  /** Public keys of the pool (JWK), which no function can fetch: none before the pool is there, and then no token is good. */
  readonly keys: readonly object[];
}

export interface AwsMachineAccess {
  readonly kind: 'aws';
  readonly pool: UserPool;
  readonly clients: Readonly<Record<string, UserPoolClient>>;
  /** `LAKE_TOKENS` of the functions that verify. */
  readonly tokens: Output<string>;
}

const resourceServer = 'lake';

export const passwordPolicy = {
  minimumLength: 14,
  requireLowercase: true,
  requireNumbers: true,
  requireSymbols: true,
  requireUppercase: true,
  temporaryPasswordValidityDays: 1,
};

/** Cognito instead of the lake's own issuer: machine clients with secrets, scopes of one resource server, short tokens. */
export function awsMachineAccess(component: LakeComponent, name: string, args: AwsMachineAccessArgs): AwsMachineAccess {
  const { target, clients, tokenMinutes = 15 } = args;
  const parts = new AwsParts(component, name, args, { zone: 'edge', classification: 'secret' });
  const pool = parts.keep(UserPool, 'pool', {
    name: awsName(target, 'providers'),
    userPoolTier: 'ESSENTIALS',
    deletionProtection: 'ACTIVE',
    // No person is in it: nobody signs up, and whoever were put there would need a second factor.
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    mfaConfiguration: 'ON',
    softwareTokenMfaConfiguration: { enabled: true },
    passwordPolicy,
  });
  const scopeName = (scope: string): string => scope.replace('/', cognitoScopeSeparator);
  const server = parts.add(ResourceServer, 'scopes', {
    userPoolId: pool.id,
    identifier: resourceServer,
    name: awsName(target, 'ingestion'),
    scopes: [...new Set(clients.flatMap(({ scopes }) => scopes))].sort().map((scope) => ({
      scopeName: scopeName(scope),
      scopeDescription: `Send as ${scope}`,
    })),
  });
  parts.add(UserPoolDomain, 'domain', { userPoolId: pool.id, domain: args.domain });
  const made = clients.map((client) => {
    const one = parts.add(
      UserPoolClient,
      `client-${client.name}`,
      {
        name: client.name,
        userPoolId: pool.id,
        generateSecret: true,
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ['client_credentials'],
        allowedOauthScopes: client.scopes.map((scope) => `${resourceServer}/${scopeName(scope)}`),
        explicitAuthFlows: [],
        accessTokenValidity: tokenMinutes,
        tokenValidityUnits: { accessToken: 'minutes' },
        enableTokenRevocation: true,
        preventUserExistenceErrors: 'ENABLED',
      },
      { dependsOn: [server], additionalSecretOutputs: ['clientSecret'] },
    );
    return [client.name, one] as const;
  });
  const tokens = interpolate`${pool.id}`.apply((id) =>
    JSON.stringify(
      cognitoTokens({
        issuer: cognitoIssuer(target.region, id),
        tokenEndpoint: cognitoTokenEndpoint(target.region, args.domain),
        resourceServer,
        keys: args.keys,
      }),
    ),
  );
  parts.complete();
  return { kind: 'aws', pool, clients: Object.fromEntries(made), tokens };
}
