import { writeScopes } from './scopes';
import type { TokenSource } from './token-source';

/**
 * `.well-known/smart-configuration` (SMART App Launch 2, backend services), from what the issuer enforces.
 * `issuer` and `jwks_uri` are left out as the standard asks of a server without OpenID Connect sign-in, and so is
 * `code_challenge_methods_supported`: there is no authorisation endpoint that it could speak of.
 */
export const smartConfiguration = ({
  tokenEndpoint,
  clientAuthentication = 'private_key_jwt',
  assertionAlgorithms,
}: Pick<TokenSource, 'tokenEndpoint' | 'clientAuthentication' | 'assertionAlgorithms'>): object => {
  const bySecret = clientAuthentication === 'client_secret_basic';
  return {
    token_endpoint: tokenEndpoint,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: [clientAuthentication],
    ...(bySecret ? {} : { token_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms] }),
    scopes_supported: [...writeScopes],
    capabilities: [bySecret ? 'client-confidential-symmetric' : 'client-confidential-asymmetric', 'permission-v2'],
  };
};
