import { writeScopes } from './scopes';

/** What the token endpoint enforces and the discovery documents state: one source for both. */
export const tokenPath = '/oauth2/token';
/** Where a provider gets one that signs as a role of AWS (Signature Version 4). */
export const signedTokenPath = '/oauth2/signed-token';
export const jwksPath = '/oauth2/jwks';
/** SMART backend services: RS384 and ES384; the NHS API platform: RS512; PS256 for those who may not use PKCS #1. */
export const assertionAlgorithms = ['RS384', 'ES384', 'RS512', 'PS256'] as const;
export const tokenAlgorithm = 'ES384';
/** Seconds; SMART: SHOULD NOT exceed five minutes. */
export const tokenLifetime = 300;
/** Seconds an assertion may live at most, and by how much two clocks may differ. */
export const assertionLifetime = 300;
export const clockSkew = 10;
/** Token requests of one provider in a rolling minute (NHS API platform: five a second). */
export const tokenRequestsPerMinute = 300;

/** Authorization server metadata (RFC 8414, and under OpenID Connect's name for clients that look only there). */
export const serverMetadata = (origin: string): object => ({
  issuer: origin,
  token_endpoint: `${origin}${tokenPath}`,
  jwks_uri: `${origin}${jwksPath}`,
  // RFC 8414 requires the member; the lake has no authorisation endpoint, hence no response type.
  response_types_supported: [],
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
  scopes_supported: [...writeScopes],
});
