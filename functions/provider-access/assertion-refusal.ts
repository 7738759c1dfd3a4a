import { assertionAlgorithms, assertionLifetime, clockSkew } from './token-endpoint';

const algorithms = assertionAlgorithms.join(', ');
const never = 'Make a new assertion for each request.';

/**
 * What a sender is told when its assertion is refused, by the library's own word for the cause. The library says only
 * "client authentication failed" to the outside; a sender needs to know what to mend. None of these holds a sent value.
 */
const descriptions = new Map<string, string>([
  ['client not found', 'The client is not registered, or it is disabled. Ask the lake for registration.'],
  ['sub (JWT subject) must be provided in the client_assertion JWT', 'The assertion needs a sub: the client id.'],
  ['alg mismatch', `Sign the assertion with ${algorithms}.`],
  ['expiration must be specified in the client_assertion JWT', 'The assertion needs an exp in whole seconds.'],
  ['unique jti (JWT ID) must be provided in the client_assertion JWT', `The assertion needs a jti. ${never}`],
  [
    'iss (JWT issuer) must be provided in the client_assertion JWT',
    'The assertion needs an iss equal to its sub: the client id.',
  ],
  ['iss (JWT issuer) must be the client_id', 'iss and sub of the assertion must both be the client id.'],
  [
    'aud (JWT audience) must be provided in the client_assertion JWT',
    'The assertion needs an aud: the URL of this token endpoint.',
  ],
  [
    'audience (aud) must equal the endpoint url, issuer identifier or token endpoint url',
    'aud of the assertion must be the URL of this token endpoint.',
  ],
  [
    'list of audience (aud) must include the endpoint url, issuer identifier or token endpoint url',
    'aud of the assertion must be the URL of this token endpoint.',
  ],
  [
    'no applicable key found in the JSON Web Key Set',
    'No registered key of the client has the kid and alg of the assertion.',
  ],
  ['signature verification failed', 'The signature of the assertion does not fit the registered key of its kid.'],
  ['jwt expired', `The assertion has expired. ${never}`],
  ['jwt not active yet', 'nbf of the assertion lies ahead. Check the clock of the sender.'],
  ['invalid exp value', 'exp of the assertion must be a number of seconds.'],
  ['invalid jti value', 'jti of the assertion must be a string.'],
  ['client assertion tokens must only be used once', `The assertion was used before. ${never}`],
  [
    'client_assertion_type must be provided',
    'client_assertion_type is missing. It is urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
  ],
  [
    'no client authentication mechanism provided',
    'client_assertion is missing. The lake takes private_key_jwt (RFC 7523) only.',
  ],
  ['invalid client_assertion format', 'client_assertion is not a JWT in compact form.'],
  ['unsupported grant_type requested', 'grant_type may only be client_credentials.'],
  ['requested scope is not allowed', 'A requested scope is not registered for the client.'],
]);

export function describeRefusal(detail: string | undefined, fallback: string | undefined): string | undefined {
  return descriptions.get(detail ?? '') ?? descriptions.get(fallback ?? '') ?? fallback;
}

/**
 * The rules beyond RFC 7523 that SMART backend services and the NHS API platform set, checked once the signature holds.
 * Gives what is wrong, or undefined.
 */
export function assertionFault(
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>>,
  now: Date,
): string | undefined {
  const { exp, jti, aud } = claims;
  // rfc7523bis registers client-authentication+jwt for what SMART calls JWT.
  if (header.typ !== 'JWT' && header.typ !== 'client-authentication+jwt')
    return 'typ in the header of the assertion must be JWT.';
  if (typeof header.kid !== 'string') return 'The header of the assertion needs the kid of a registered key.';
  if (!Number.isInteger(exp)) return 'exp of the assertion must be a whole number of seconds.';
  if (Number(exp) > now.getTime() / 1000 + assertionLifetime + clockSkew)
    return 'exp of the assertion may be at most five minutes ahead.';
  if (typeof jti !== 'string' || jti.length > 256)
    return `jti of the assertion must be a string of at most 256 characters. ${never}`;
  // An assertion for several servers could be played by one of them to another.
  if (Array.isArray(aud) && aud.length !== 1) return 'aud of the assertion must name this token endpoint alone.';
  return undefined;
}
