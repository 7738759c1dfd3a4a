/** Cognito allows no `/` in the name of a scope (its API reference, `ResourceServerScopeType`). */
export const cognitoScopeSeparator = '.';

/** `iss` of the tokens of a user pool. */
export const cognitoIssuer = (region: string, poolId: string): string =>
  `https://cognito-idp.${region}.amazonaws.com/${poolId}`;

export const cognitoKeysUrl = (issuer: string): string => `${issuer}/.well-known/jwks.json`;

/** Where the machine clients of a user pool ask for tokens. */
export const cognitoTokenEndpoint = (region: string, domain: string): string =>
  `https://${domain}.auth.${region}.amazoncognito.com/oauth2/token`;

/**
 * What a host is told of a user pool (`LAKE_TOKENS`). Its access tokens have no `typ`, no audience and no organisation: `token_use`
 * tells them from ID tokens, the resource server's scopes from those for others, and the register knows the organisation (Amazon
 * Cognito Developer Guide, "Understanding the access token").
 */
export const cognitoTokens = ({
  issuer,
  tokenEndpoint,
  resourceServer,
  keys,
}: {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly resourceServer: string;
  readonly keys: readonly object[];
}) => ({
  issuer,
  tokenEndpoint,
  jwksUrl: cognitoKeysUrl(issuer),
  keys,
  clientAuthentication: 'client_secret_basic',
  algorithms: ['RS256'],
  tokenUse: 'access',
  claims: { clientId: 'client_id', scope: 'scope' },
  scopePrefix: `${resourceServer}/`,
  scopeSeparator: cognitoScopeSeparator,
});
