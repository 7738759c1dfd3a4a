import {
  IdentityProvider,
  ResourceServer,
  RiskConfiguration,
  UserPool,
  UserPoolClient,
  UserPoolDomain,
} from '@pulumi/aws/cognito';
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
}

export interface AwsMachineAccess {
  readonly kind: 'aws';
  readonly pool: UserPool;
  readonly clients: Readonly<Record<string, UserPoolClient>>;
  /** `LAKE_TOKENS` of the functions that verify. */
  readonly tokens: Output<string>;
}

const resourceServer = 'lake';

const passwordPolicy = {
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
      cognitoTokens(cognitoIssuer(target.region, id), cognitoTokenEndpoint(target.region, args.domain), resourceServer),
    ),
  );
  parts.complete();
  return { kind: 'aws', pool, clients: Object.fromEntries(made), tokens };
}

/** Where staff sign in already: NHS Care Identity Service 2 or the organisation's Entra ID. */
export type AwsStaffIdentity =
  | { readonly kind: 'saml'; readonly name: string; readonly metadataUrl: string }
  | {
      readonly kind: 'oidc';
      readonly name: string;
      readonly issuer: string;
      readonly clientId: string;
      /** Given as a secret of the stack. */
      readonly clientSecret: Output<string>;
    };

export interface AwsStaffAccessArgs extends AwsComponentArgs {
  readonly identity: AwsStaffIdentity;
  readonly domain: string;
  /** Where the console takes what sign-in gives. */
  readonly callbackUrls: readonly [string, ...string[]];
  readonly logoutUrls: readonly string[];
}

export interface AwsStaffAccess {
  readonly kind: 'aws';
  readonly pool: UserPool;
  readonly client: UserPoolClient;
}

/**
 * Staff sign in with their organisation's identity. A second factor is this pool's for its own users alone: for the others the
 * organisation asks for it, and says so in `amr`, which the console has to look at.
 */
export function awsStaffAccess(component: LakeComponent, name: string, args: AwsStaffAccessArgs): AwsStaffAccess {
  const { target, identity } = args;
  const parts = new AwsParts(component, name, args, { zone: 'edge', classification: 'secret' });
  const pool = parts.keep(UserPool, 'pool', {
    name: awsName(target, 'staff'),
    userPoolTier: 'PLUS',
    userPoolAddOns: { advancedSecurityMode: 'ENFORCED' },
    deletionProtection: 'ACTIVE',
    mfaConfiguration: 'ON',
    softwareTokenMfaConfiguration: { enabled: true },
    adminCreateUserConfig: { allowAdminCreateUserOnly: true },
    accountRecoverySetting: { recoveryMechanisms: [{ name: 'admin_only', priority: 1 }] },
    passwordPolicy,
  });
  parts.add(RiskConfiguration, 'risk', {
    userPoolId: pool.id,
    compromisedCredentialsRiskConfiguration: { actions: { eventAction: 'BLOCK' } },
    accountTakeoverRiskConfiguration: {
      actions: {
        lowAction: { eventAction: 'MFA_REQUIRED', notify: false },
        mediumAction: { eventAction: 'MFA_REQUIRED', notify: false },
        highAction: { eventAction: 'BLOCK', notify: false },
      },
    },
  });
  parts.add(UserPoolDomain, 'domain', { userPoolId: pool.id, domain: args.domain, managedLoginVersion: 2 });
  const provider = parts.add(IdentityProvider, 'identity', {
    userPoolId: pool.id,
    providerName: identity.name,
    ...detailsOf(identity),
  });
  const client = parts.add(
    UserPoolClient,
    'console',
    {
      name: awsName(target, 'console'),
      userPoolId: pool.id,
      // A browser keeps no secret: code with PKCE (RFC 9700).
      generateSecret: false,
      allowedOauthFlowsUserPoolClient: true,
      allowedOauthFlows: ['code'],
      allowedOauthScopes: ['openid'],
      supportedIdentityProviders: [provider.providerName],
      callbackUrls: [...args.callbackUrls],
      logoutUrls: [...args.logoutUrls],
      accessTokenValidity: 15,
      idTokenValidity: 15,
      refreshTokenValidity: 8,
      tokenValidityUnits: { accessToken: 'minutes', idToken: 'minutes', refreshToken: 'hours' },
      enableTokenRevocation: true,
      preventUserExistenceErrors: 'ENABLED',
    },
    { dependsOn: [provider] },
  );
  parts.complete();
  return { kind: 'aws', pool, client };
}

const detailsOf = (identity: AwsStaffIdentity) =>
  identity.kind === 'saml'
    ? {
        providerType: 'SAML',
        providerDetails: {
          MetadataURL: identity.metadataUrl,
          IDPSignout: 'true',
          EncryptedResponses: 'true',
          RequestSigningAlgorithm: 'rsa-sha256',
        },
        attributeMapping: { email: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress' },
      }
    : {
        providerType: 'OIDC',
        providerDetails: {
          client_id: identity.clientId,
          client_secret: identity.clientSecret,
          oidc_issuer: identity.issuer,
          attributes_request_method: 'GET',
          authorize_scopes: 'openid email',
        },
        attributeMapping: { username: 'sub', email: 'email' },
      };
