import { withoutKeys } from '../functions/provider-access/declared-providers';
import {
  choice,
  fieldsOf,
  listOf,
  matching,
  optional,
  parsed,
  type Settings,
  secretText,
  wholeNumber,
} from './config-schema';

/** Cognito takes none that holds a name of Amazon's. */
const domainPrefix = /^(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const https = /^https:\/\/[a-zA-Z0-9.-]+(:[0-9]{1,5})?(\/[^\s#]{0,1000})?$/;
const providerName = /^[A-Za-z0-9_.-]{3,32}$/;

/** Public keys as Cognito publishes them: two, RSA, told apart by their `kid`. */
function checkKeys(value: unknown): readonly Readonly<Record<'kty' | 'kid' | 'n' | 'e', string>>[] {
  const { keys } = (value ?? {}) as { readonly keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > 4) throw new RangeError('a JWK Set');
  return keys.map((key: unknown) => {
    const { alg: _alg, use: _use, ...rest } = { ...(key as Readonly<Record<string, unknown>>) };
    return fieldsOf(rest, { kty: /^RSA$/, kid: /^[\w+/=-]{1,128}$/, n: /^[\w-]{342,}$/, e: /^[\w-]{4}$/ });
  });
}

/** Where staff sign in already. */
function checkIdentity(value: unknown) {
  const { kind, ...rest } = { ...(value as { readonly kind?: unknown }) };
  if (kind === 'saml') return { kind, ...fieldsOf(rest, { name: providerName, metadataUrl: https }) } as const;
  if (kind === 'oidc')
    return {
      kind,
      ...fieldsOf(rest, { name: providerName, issuer: https, clientId: /^[\x21-\x7e]{1,256}$/ }),
    } as const;
  throw new RangeError('a kind of identity provider');
}

/** Who gives senders their tokens, and where staff sign in. */
export const awsTokenSchema = {
  tokenIssuer: choice(
    ['own', 'cognito'],
    "The lake's own issuer, where senders prove who they are by a key; or Cognito, where each declared provider is a client with a secret.",
    'own',
  ),
  cognitoDomain: optional(
    matching(
      domainPrefix,
      '1 to 63 of a-z, 0-9 and -, without aws, amazon or cognito',
      'Begins the host where senders then get tokens: https://PREFIX.auth.eu-west-2.amazoncognito.com/oauth2/token.',
    ),
  ),
  cognitoKeys: optional(
    parsed(
      checkKeys,
      "a JWK Set as at the pool's .well-known/jwks.json, RSA keys alone",
      "The pool's public keys. No function can fetch them; they are known once the pool is there, and until they are set every token is refused.",
    ),
  ),
  tokenMinutes: wholeNumber(5, 60, "Minutes for which a token of Cognito's is good.", 15),
  staffIdentity: optional(
    parsed(
      checkIdentity,
      'a map { kind: saml, name, metadataUrl } or { kind: oidc, name, issuer, clientId }',
      'The identity provider of the organisation, such as NHS CIS2 or Entra ID: its people sign in to a user pool for staff.',
    ),
  ),
  staffSecret: optional(secretText('any text', "The secret of the lake's client at an OpenID Connect provider.")),
  staffDomain: optional(
    matching(
      domainPrefix,
      '1 to 63 of a-z, 0-9 and -, without aws, amazon or cognito',
      'Begins the host where staff sign in.',
    ),
  ),
  staffCallbacks: listOf(https, 'an https address', 'Where a console takes what sign-in gives.', []),
  staffLogouts: listOf(https, 'an https address', 'Where people come to when they sign out.', []),
} as const;

type TokenSettings = Settings<typeof awsTokenSchema> & {
  readonly providers: Parameters<typeof withoutKeys>[0];
};

/** What only several values together show. */
export function checkTokens(config: TokenSettings): readonly string[] {
  const { tokenIssuer, staffIdentity } = config;
  const missing = (keys: readonly (keyof typeof awsTokenSchema)[], because: string): readonly string[] =>
    keys
      .filter((key) => config[key] === undefined || (Array.isArray(config[key]) && config[key].length === 0))
      .map((key) => `${key}: missing; it is needed because ${because}; allowed: ${awsTokenSchema[key].allowed}`);
  const keyless = tokenIssuer === 'own' ? withoutKeys(config.providers) : [];
  return [
    ...(keyless.length === 0
      ? []
      : [`providers: without jwks: number ${keyless.join(', ')}; allowed where tokenIssuer is cognito`]),
    ...(tokenIssuer === 'cognito' ? missing(['cognitoDomain'], 'tokenIssuer is cognito') : []),
    ...(staffIdentity === undefined ? [] : missing(['staffDomain', 'staffCallbacks'], 'staffIdentity is set')),
    ...(staffIdentity?.kind === 'oidc' ? missing(['staffSecret'], 'staffIdentity is of OpenID Connect') : []),
  ];
}
