import {
  IdentityProvider,
  ManagedLoginBranding,
  RiskConfiguration,
  UserPool,
  UserPoolClient,
  UserPoolDomain,
} from '@pulumi/aws/cognito';
import type { Output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { passwordPolicy } from './aws';

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
  const provider = parts.add(
    IdentityProvider,
    'identity',
    { userPoolId: pool.id, providerName: identity.name, ...detailsOf(identity) },
    { ignoreChanges: discovered[identity.kind].map((detail) => `providerDetails.${detail}`) },
  );
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
  // The pages of this version show nothing for a client without a style (Cognito Developer Guide, "Apply branding to managed login pages").
  parts.add(ManagedLoginBranding, 'pages', {
    userPoolId: pool.id,
    clientId: client.id,
    useCognitoProvidedValues: true,
  });
  parts.complete();
  return { kind: 'aws', pool, client };
}

/**
 * What Cognito adds of its own and of what it finds at the provider: it would be taken out at every deployment, and the certificate
 * of its own it takes back from nobody (hashicorp/terraform-provider-aws#35588).
 */
const discovered: Readonly<Record<AwsStaffIdentity['kind'], readonly string[]>> = {
  saml: ['ActiveEncryptionCertificate', 'SLORedirectBindingURI', 'SSORedirectBindingURI'],
  oidc: ['attributes_url', 'attributes_url_add_attributes', 'authorize_url', 'jwks_uri', 'token_url'],
};

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
