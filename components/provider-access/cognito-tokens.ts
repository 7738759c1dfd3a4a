/** Cognito allows no `/` in the name of a scope (its API reference, `ResourceServerScopeType`). */
export const cognitoScopeSeparator = '.';

/** `iss` of the tokens of a user pool. */
export const cognitoIssuer = (region: string, poolId: string): string =>
  `https://cognito-idp.${region}.amazonaws.com/${poolId}`;

/** Where the machine clients of a user pool ask for tokens. */
export const cognitoTokenEndpoint = (region: string, domain: string): string =>
  `https://${domain}.auth.${region}.amazoncognito.com/oauth2/token`;

/**
 * What a host is told of a user pool (`LAKE_TOKENS`). Its access tokens have no `typ`, no audience and no organisation: `token_use`
 * tells them from ID tokens, the resource server's scopes from those for others, and the register knows the organisation (Amazon
 * Cognito Developer Guide, "Understanding the access token").
 */
export const cognitoTokens = (issuer: string, tokenEndpoint: string, resourceServer: string) => ({
  issuer,
  tokenEndpoint,
  jwksUrl: `${issuer}/.well-known/jwks.json`,
  clientAuthentication: 'client_secret_basic',
  algorithms: ['RS256'],
  tokenUse: 'access',
  claims: { clientId: 'client_id', scope: 'scope' },
  scopePrefix: `${resourceServer}/`,
  scopeSeparator: cognitoScopeSeparator,
});
