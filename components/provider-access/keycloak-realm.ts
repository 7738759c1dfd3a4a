/** A sender as the realm knows it: public keys only. */
export interface RealmProvider {
  readonly clientId: string;
  readonly ods: string;
  readonly scopes: readonly string[];
  /** JWK Set (RFC 7517). */
  readonly jwks: { readonly keys: readonly object[] };
}

export interface RealmArgs {
  readonly realm: string;
  /** The FHIR base: the `aud` of every token. */
  readonly audience: string;
  readonly providers: readonly RealmProvider[];
}

/** Seconds, as of the lake's own issuer; SMART: SHOULD NOT exceed five minutes. */
const tokenSeconds = 300;
const tokenAlgorithm = 'ES384';

/**
 * A realm of Keycloak 26 that issues what the lake's own issuer does: client credentials by `private_key_jwt`, SMART system
 * scopes, access tokens of RFC 9068 with the audience and the sender's ODS code. Nobody signs in to it (Keycloak Server
 * Administration Guide, "Managing clients"; RealmRepresentation of its Admin REST API). What it does not do: refuse an
 * assertion that is good for longer than five minutes.
 */
export function keycloakRealm({ realm, audience, providers }: RealmArgs): Readonly<Record<string, unknown>> {
  const scopes = [...new Set(providers.flatMap((provider) => provider.scopes))].sort();
  return {
    realm,
    enabled: true,
    sslRequired: 'external',
    registrationAllowed: false,
    accessTokenLifespan: tokenSeconds,
    defaultSignatureAlgorithm: tokenAlgorithm,
    eventsEnabled: true,
    components: {
      'org.keycloak.keys.KeyProvider': [
        {
          name: 'signing',
          providerId: 'ecdsa-generated',
          config: { priority: ['100'], ecdsaEllipticCurveKey: ['P-384'] },
        },
      ],
    },
    clientScopes: scopes.map((name) => ({
      name,
      protocol: 'openid-connect',
      attributes: { 'include.in.token.scope': 'true', 'display.on.consent.screen': 'false' },
    })),
    // A client has the scopes it is registered with, no other comes by itself.
    defaultDefaultClientScopes: [],
    defaultOptionalClientScopes: [],
    clients: providers.map((provider) => clientOf(provider, audience)),
  };
}

const clientOf = ({ clientId, ods, scopes, jwks }: RealmProvider, audience: string) => ({
  clientId,
  protocol: 'openid-connect',
  enabled: true,
  publicClient: false,
  // Client credentials alone: no browser, no password, no device.
  serviceAccountsEnabled: true,
  standardFlowEnabled: false,
  implicitFlowEnabled: false,
  directAccessGrantsEnabled: false,
  fullScopeAllowed: false,
  clientAuthenticatorType: 'client-jwt',
  attributes: {
    'use.jwks.string': 'true',
    'jwks.string': JSON.stringify(jwks),
    'access.token.signed.response.alg': tokenAlgorithm,
    'access.token.header.type.rfc9068': 'true',
    'access.token.lifespan': String(tokenSeconds),
  },
  defaultClientScopes: [],
  optionalClientScopes: scopes,
  protocolMappers: [
    mapper('audience', 'oidc-audience-mapper', { 'included.custom.audience': audience }),
    mapper('ods', 'oidc-hardcoded-claim-mapper', {
      'claim.name': 'ods',
      'claim.value': ods,
      'jsonType.label': 'String',
    }),
  ],
});

const mapper = (name: string, protocolMapper: string, config: Readonly<Record<string, string>>) => ({
  name,
  protocol: 'openid-connect',
  protocolMapper,
  config: { ...config, 'access.token.claim': 'true', 'id.token.claim': 'false' },
});

/** How the lake takes the tokens of such a realm: the value of LAKE_TOKENS. `issuer` is `<origin>/realms/<realm>`. */
export const keycloakTokens = (issuer: string, audience: string) => ({
  issuer,
  jwksUrl: `${issuer}/protocol/openid-connect/certs`,
  tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
  audience,
  algorithms: [tokenAlgorithm],
  claims: { clientId: 'azp', ods: 'ods', scope: 'scope' },
});
