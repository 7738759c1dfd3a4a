import { type DeclaredProvider, withoutKeys } from '../functions/provider-access/declared-providers';
import { choice, listOf, matching, optional, type Settings } from './config-schema';
import { cidr, inNamespace } from './site-places';

/** Who gives senders their tokens. */
export const tokenSettings = {
  tokenIssuer: choice(
    ['own', 'keycloak'],
    "The lake's own issuer, or a realm in the site's Keycloak, made once with the declared providers as clients.",
    'own',
  ),
  keycloakIssuer: optional(
    matching(
      /^https?:\/\/[a-zA-Z0-9.-]+(:[0-9]{1,5})?(\/[\w-]+)*\/realms\/[a-z0-9-]{1,36}$/,
      'an address such as https://id.example.nhs.uk/realms/lake',
      'The `iss` of its tokens.',
    ),
  ),
  keycloakInstance: optional(matching(inNamespace, 'NAMESPACE/NAME', "The Keycloak resource of Keycloak's operator.")),
  keycloakCidrs: listOf(cidr, 'a CIDR range of /8 or longer', 'Where it is, for the network policies.', []),
} as const;

type TokenSettings = Settings<typeof tokenSettings> & {
  readonly environment: 'production' | 'development';
  readonly providers: readonly DeclaredProvider[];
};

export function checkTokens(config: TokenSettings): readonly string[] {
  const keyless = withoutKeys(config.providers);
  const problems =
    keyless.length === 0 ? [] : [`providers: without jwks: number ${keyless.join(', ')}; allowed: each with its keys`];
  if (config.tokenIssuer === 'own') return problems;
  const missing = (['keycloakIssuer', 'keycloakInstance', 'keycloakCidrs'] as const).filter(
    (key) => config[key] === undefined || config[key].length === 0,
  );
  return [
    ...problems,
    ...missing.map(
      (key) => `${key}: missing; it is needed because tokenIssuer is keycloak; allowed: ${tokenSettings[key].allowed}`,
    ),
    ...(config.environment === 'production' && config.keycloakIssuer?.startsWith('http:')
      ? [`keycloakIssuer: ${JSON.stringify(config.keycloakIssuer)}; allowed in production: an https address`]
      : []),
  ];
}
