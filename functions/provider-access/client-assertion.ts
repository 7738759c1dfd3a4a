import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { assertionAlgorithms } from './token-endpoint';

/** A provider's own credentials, as `lake provider register` writes them once (mode 600). */
export interface ProviderCredentials {
  readonly clientId: string;
  readonly ods: string;
  readonly scopes: readonly string[];
  readonly privateJwk: JWK;
}

/** RFC 6749 section 5.1. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
}

export type AssertionAlgorithm = (typeof assertionAlgorithms)[number];

const answerMilliseconds = 30_000;

/** A new key pair: EC P-384 for ES384, the shorter of the two that SMART asks servers to know; else RSA of 3,072 bits. */
export async function generateProviderKey(
  alg: AssertionAlgorithm = 'ES384',
): Promise<{ readonly publicJwk: JWK; readonly privateJwk: JWK }> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  const common = { kid: randomUUID(), alg, use: 'sig' };
  return {
    publicJwk: { ...(await exportJWK(publicKey)), ...common },
    privateJwk: { ...(await exportJWK(privateKey)), ...common },
  };
}

/** `private_key_jwt` (RFC 7523 section 2.2): issuer and subject the client, audience the token endpoint, used once. */
export async function clientAssertion(
  { clientId, privateJwk }: Pick<ProviderCredentials, 'clientId' | 'privateJwk'>,
  tokenUrl: string,
): Promise<string> {
  const { alg = privateJwk.kty === 'RSA' ? 'RS384' : 'ES384', kid } = privateJwk;
  return new SignJWT()
    .setProtectedHeader({ alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('4 minutes')
    .sign(await importJWK(privateJwk, alg));
}

/** The token endpoint said no: `response` is its error of RFC 6749 section 5.2, undefined when it sent no JSON. */
export class TokenRefused extends Error {
  readonly status: number;
  readonly response: unknown;
  /** What `Retry-After` asked for. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, response: unknown, retryAfterSeconds?: number) {
    super(`The token endpoint answered ${status}.`);
    this.name = 'TokenRefused';
    this.status = status;
    this.response = response;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The form a token request sends (RFC 6749 section 4.4.2, RFC 7523 section 2.2). */
export async function tokenRequest(
  credentials: ProviderCredentials,
  tokenUrl: string,
  scopes = credentials.scopes,
): Promise<URLSearchParams> {
  return new URLSearchParams({
    grant_type: 'client_credentials',
    scope: scopes.join(' '),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await clientAssertion(credentials, tokenUrl),
  });
}

/** @throws TokenRefused; an error of fetch when nothing answers within 30 s. */
export async function fetchToken(
  credentials: ProviderCredentials,
  tokenUrl: string,
  scopes = credentials.scopes,
): Promise<TokenResponse> {
  const body = await tokenRequest(credentials, tokenUrl, scopes);
  // A redirect would carry the assertion to a server it was not made for.
  const response = await fetch(tokenUrl, {
    method: 'POST',
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(answerMilliseconds),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok || answer === undefined) {
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    throw new TokenRefused(response.status, answer, Number.isFinite(seconds) ? seconds : undefined);
  }
  return answer as TokenResponse;
}
