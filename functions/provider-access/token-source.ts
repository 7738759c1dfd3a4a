import type { JWK } from 'jose';
import { LakeError } from '../../adapters/ports/errors';
import { holdsPrivateHalf } from './public-keys';
import { assertionAlgorithms, jwksPath, tokenAlgorithm, tokenPath } from './token-endpoint';
import { TokenVerifier, type TokenVerifierSettings } from './token-verifier';

const clientAuthentications = ['private_key_jwt', 'client_secret_basic'] as const;

/** Where a lake's tokens come from: its own issuer, or one that a site has. Nothing else in the lake knows which. */
export interface TokenSource {
  readonly verification: TokenVerifierSettings;
  /** Where its public keys are fetched (RFC 7517). */
  readonly jwksUrl: string;
  /** The same, where nothing can be fetched: whoever deploys brings them (a JWK Set's `keys`). */
  readonly keys?: readonly JWK[];
  /** Where senders ask for tokens. */
  readonly tokenEndpoint: string;
  /** How they prove who they are there; Cognito knows secrets of clients only. @default private_key_jwt */
  readonly clientAuthentication?: (typeof clientAuthentications)[number];
  /** Algorithms its token endpoint takes assertions in, as discovery states them. */
  readonly assertionAlgorithms: readonly string[];
}

/** The lake's own issuer. */
export const ownIssuer = (issuer: string, baseUrl: string, jwksUrl = `${issuer}${jwksPath}`): TokenSource => ({
  verification: {
    issuer,
    audience: baseUrl,
    algorithms: [tokenAlgorithm],
    claims: { clientId: 'client_id', ods: 'ods', scope: 'scope' },
  },
  jwksUrl,
  tokenEndpoint: `${issuer}${tokenPath}`,
  assertionAlgorithms,
});

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isText);
const isPublicKey = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'kid' in value && isText(value.kid) && !holdsPrivateHalf(value);
const isAddress = (value: unknown): boolean => isText(value) && /^https?:\/\//.test(value) && URL.canParse(value);
const optionalOf = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value);

const fields: Readonly<Record<string, readonly [is: (value: unknown) => boolean, form: string]>> = {
  issuer: [isAddress, 'the `iss` of its tokens, an absolute address'],
  jwksUrl: [isAddress, 'the absolute address of its keys'],
  keys: [
    optionalOf((value) => Array.isArray(value) && value.every(isPublicKey)),
    'a list of its public keys, each with a kid',
  ],
  tokenEndpoint: [isAddress, 'the absolute address of its token endpoint'],
  clientAuthentication: [
    optionalOf((value) => clientAuthentications.some((one) => one === value)),
    clientAuthentications.join(' or '),
  ],
  assertionAlgorithms: [optionalOf(isTexts), 'a list of algorithms'],
  audience: [optionalOf(isText), 'the `aud` of its tokens'],
  algorithms: [isTexts, 'a list of asymmetric algorithms, such as ES384'],
  types: [optionalOf(isTexts), 'a list of values of the `typ` header'],
  tokenUse: [optionalOf(isText), 'the `token_use` of its access tokens'],
  claims: [isClaims, '{ clientId, ods?, scope }, the names of the claims'],
  scopePrefix: [optionalOf(isText), 'what stands before each scope'],
  scopeSeparator: [optionalOf(isText), 'what stands for / in a scope'],
};

function isClaims(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { clientId, ods, scope, ...others } = value as Readonly<Record<string, unknown>>;
  return isText(clientId) && isText(scope) && optionalOf(isText)(ods) && Object.keys(others).length === 0;
}

/**
 * Reads the configuration of a site's issuer: the fields of {@link TokenVerifierSettings} beside the addresses. Where it names
 * neither an audience nor a prefix of scopes, the audience is the FHIR base.
 *
 * @throws LakeError `InvalidArgument` that names every field which is not right, and repeats no value.
 */
export function readTokenSource(text: string, baseUrl: string): TokenSource {
  const given = objectIn(text);
  const problems = [
    ...Object.entries(fields).flatMap(([name, [is, form]]) => (is(given[name]) ? [] : [`${name}: ${form}`])),
    ...Object.keys(given).flatMap((name) => (Object.hasOwn(fields, name) ? [] : ['a field that is none of its own'])),
  ];
  const {
    jwksUrl,
    keys,
    tokenEndpoint,
    assertionAlgorithms: taken,
    clientAuthentication = 'private_key_jwt',
    ...rest
  } = given as unknown as TokenSource & TokenVerifierSettings;
  if (problems.length > 0)
    throw new LakeError('InvalidArgument', `The issuer's configuration is not right: ${problems.join('; ')}.`);
  const verification = rest as TokenVerifierSettings;
  const isOpen = verification.audience === undefined && verification.scopePrefix === undefined;
  const source = {
    verification: isOpen ? { ...verification, audience: baseUrl } : verification,
    jwksUrl,
    ...(keys === undefined ? {} : { keys }),
    tokenEndpoint,
    clientAuthentication,
    assertionAlgorithms: taken ?? assertionAlgorithms,
  };
  // It knows what would accept too much; the keys are not asked for.
  new TokenVerifier(
    source.verification,
    () => Promise.reject(new Error('not asked')),
    async () => undefined,
  );
  return source;
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, as of everything else that is no object.
  }
  throw new LakeError('InvalidArgument', "The issuer's configuration is not right: it is a JSON object.");
}
