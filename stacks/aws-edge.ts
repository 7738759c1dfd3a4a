import { type Input, type Output, output } from '@pulumi/pulumi';
import type { AwsTarget } from '../components/core/aws-target';
import type { AwsGatewayArgs } from '../components/gateway/aws';
import { ProviderAccess } from '../components/provider-access';
import { cognitoIssuer, cognitoKeysUrl, cognitoTokenEndpoint } from '../components/provider-access/cognito-tokens';
import { StaffAccess } from '../components/provider-access/staff-access';
import { isolatedIngestManifest } from '../functions/ingest/manifest';
import { declaredClientId, everyScope } from '../functions/provider-access/declared-providers';
import { authoriserManifest, providerAccessManifest } from '../functions/provider-access/manifest';
import { usageKeyOf } from '../functions/provider-access/usage-key';
import type { AwsConfig } from './aws-settings';

/** Who gives tokens, as the rest of a stack has to know it. */
export interface AwsTokenIssuer {
  readonly tokenEndpoint: string;
  /** What a function is told of it, by the function's name. */
  readonly environmentOf: (name: string) => Readonly<Record<string, Input<string>>>;
  /** Every declared provider, and the client id that its tokens have. */
  readonly clients: readonly { readonly ods: string; readonly name: string; readonly clientId: Input<string> }[];
  /** By ODS code, where Cognito made them up. */
  readonly clientIds?: Readonly<Record<string, Output<string>>>;
  /** Where its public keys are, for the setting `cognitoKeys`. */
  readonly keysUrl?: Output<string>;
}

/** Functions that take tokens. */
const takers = [isolatedIngestManifest.name, authoriserManifest.name];

/** The lake's own issuer, or Cognito with a client for each declared provider. */
export function tokenIssuerOf(target: AwsTarget, config: AwsConfig, origin: string): AwsTokenIssuer {
  const { providers, cognitoDomain: domain, cognitoKeys: keys = [], tokenMinutes } = config;
  const names = providers.map(({ ods }) => ({ ods, name: declaredClientId(ods) }));
  if (config.tokenIssuer === 'own' || domain === undefined)
    return {
      tokenEndpoint: `${origin}/oauth2/token`,
      environmentOf: (name) =>
        name === providerAccessManifest.name && Object.keys(config.signers).length > 0
          ? { LAKE_SIGNERS: signersOf(config) }
          : {},
      clients: names.map((one) => ({ ...one, clientId: one.name })),
    };
  const clients = providers.map(({ ods, scopes = everyScope }) => ({ name: declaredClientId(ods), scopes }));
  const { built } = new ProviderAccess('token-issuer', { target, clients, domain, keys, tokenMinutes });
  const idOf = (name: string): Output<string> => output(built.clients[name]?.id ?? '');
  return {
    tokenEndpoint: cognitoTokenEndpoint(target.region, domain),
    environmentOf: (name) => (takers.includes(name) ? { LAKE_TOKENS: built.tokens } : {}),
    clients: names.map((one) => ({ ...one, clientId: idOf(one.name) })),
    keysUrl: output(built.pool.id).apply((id) => cognitoKeysUrl(cognitoIssuer(target.region, id))),
    clientIds: Object.fromEntries(names.map(({ ods, name }) => [ods, idOf(name)])),
  };
}

/** Who signs instead, as the issuer reads it. */
const signersOf = ({ signers }: AwsConfig): string =>
  JSON.stringify(Object.fromEntries(Object.entries(signers).map(([ods, role]) => [role, declaredClientId(ods)])));

/** Where staff sign in, when the organisation's identity provider is named. */
export function deployStaffAccess(target: AwsTarget, config: AwsConfig): void {
  const { staffIdentity, staffSecret, staffDomain: domain, staffCallbacks, staffLogouts: logoutUrls } = config;
  const [first, ...callbacks] = staffCallbacks;
  if (staffIdentity === undefined || domain === undefined || first === undefined) return;
  const clientSecret = staffSecret ?? output('');
  const identity = staffIdentity.kind === 'oidc' ? { ...staffIdentity, clientSecret } : staffIdentity;
  new StaffAccess('staff-access', { target, identity, domain, callbackUrls: [first, ...callbacks], logoutUrls });
}

/** Who is counted at the gateway: each provider that is declared, as the authoriser names it. */
export function meteredOf(
  { requestsPerDay, requestsPerMinute }: AwsConfig,
  clients: AwsTokenIssuer['clients'],
): Pick<AwsGatewayArgs, 'metered'> {
  if (requestsPerDay === 0) return {};
  const requestsPerSecond = Math.ceil(requestsPerMinute / 60);
  return {
    metered: clients.map(({ name, clientId }) => {
      const usageKey = output(clientId).apply(usageKeyOf);
      return { name, usageKey, requestsPerSecond, burst: requestsPerMinute, requestsPerDay };
    }),
  };
}

export const mutualTlsOf = ({
  truststoreUri,
  truststoreVersion,
}: AwsConfig): Pick<AwsGatewayArgs['domain'], 'mutualTls'> =>
  truststoreUri === undefined || truststoreVersion === undefined
    ? {}
    : { mutualTls: { truststoreUri, truststoreVersion } };
