import { createHash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LakeError } from '../../adapters/ports/errors';
import { clockSkew } from './token-endpoint';

export interface VerifiedToken {
  readonly clientId: string;
  readonly ods: string;
  readonly scopes: readonly string[];
}

/** Where tokens come from and how they say who they are for: the only thing that differs between issuers. */
export interface TokenVerifierSettings {
  readonly issuer: string;
  /** The `aud` a token must have. Only an issuer that writes none may go without, and then needs `scopePrefix`. */
  readonly audience?: string;
  /** Asymmetric JWA names, for example `ES384`. */
  readonly algorithms: readonly string[];
  /** `typ` of the header; default `at+jwt` alone (RFC 9068 section 4). Issuers older than that write `JWT`. */
  readonly types?: readonly string[];
  /** For an issuer that writes no `typ` at all: the `token_use` that tells its access tokens from its others. */
  readonly tokenUse?: string;
  /** Names of the claims. `ods` may be left out when the register knows it; a scope may be text or a list. */
  readonly claims: { readonly clientId: string; readonly ods?: string; readonly scope: string };
  /** Stands before each scope that is meant for the lake; scopes without it are ignored. */
  readonly scopePrefix?: string;
  /** What stands between `system` and the type where an issuer does not allow `/` in a scope. */
  readonly scopeSeparator?: string;
}

/** What the verifier asks the register, for each request anew: a disabled provider is out at once. */
export type ProviderLookup<Provider extends Registered = Registered> = (
  clientId: string,
) => Promise<Provider | undefined>;

interface Registered {
  readonly ods: string;
  readonly disabled: boolean;
}

interface Cached {
  readonly clientId: string;
  readonly ods: string | undefined;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const maxCached = 10_000;
/** A longer one is no access token of a provider: it is refused before anything is computed. */
const maxCharacters = 16_384;

/**
 * Verifies access tokens of one issuer (RFC 9068), the signature of each once: a verified token is known by its hash until
 * it expires. The token itself is not kept.
 */
export class TokenVerifier<Provider extends Registered = Registered> {
  readonly #settings: TokenVerifierSettings;
  readonly #key: JWTVerifyGetKey;
  readonly #providerOf: ProviderLookup<Provider> | undefined;
  readonly #cache = new Map<string, Cached>();

  constructor(settings: TokenVerifierSettings, key: JWTVerifyGetKey, providerOf?: ProviderLookup<Provider>) {
    const refused = (message: string): LakeError => new LakeError('InvalidArgument', message);
    if (settings.audience === undefined && settings.scopePrefix === undefined) {
      throw refused(
        'A token verifier needs an audience or a scope prefix: else tokens for other services would do here.',
      );
    }
    if (
      settings.algorithms.length === 0 ||
      settings.algorithms.some((name) => !/^(RS|PS|ES)(256|384|512)$|^EdDSA$/.test(name))
    ) {
      throw refused('The algorithms of a token verifier are asymmetric ones, at least one.');
    }
    if (settings.claims.ods === undefined && providerOf === undefined) {
      throw refused('A token verifier needs the name of the ODS claim, or the register to ask for the ODS code.');
    }
    this.#settings = settings;
    this.#key = key;
    this.#providerOf = providerOf;
  }

  /**
   * Undefined for a token that is not good, whatever is wrong with it; with the provider where the register is asked.
   *
   * @throws LakeError `Unavailable` when the issuer's keys cannot be fetched: the token may be good, answer 503 and not 401.
   */
  async verify(text: string): Promise<(VerifiedToken & { readonly provider?: Provider }) | undefined> {
    if (text.length > maxCharacters) return undefined;
    const name = createHash('sha256').update(text).digest('base64');
    let token = this.#cache.get(name);
    if (token !== undefined && token.expires <= Date.now()) {
      this.#cache.delete(name);
      return undefined;
    }
    if (token === undefined) {
      token = await this.#read(text);
      if (token === undefined) return undefined;
      if (this.#cache.size >= maxCached) this.#cache.delete(this.#cache.keys().next().value!);
      this.#cache.set(name, token);
    }
    const { clientId, scopes } = token;
    if (this.#providerOf === undefined)
      return token.ods === undefined ? undefined : { clientId, ods: token.ods, scopes };
    const provider = await this.#providerOf(clientId);
    if (provider === undefined || provider.disabled || provider.ods !== (token.ods ?? provider.ods)) return undefined;
    return { clientId, ods: provider.ods, scopes, provider };
  }

  async #read(text: string): Promise<Cached | undefined> {
    const { issuer, audience, algorithms, claims, tokenUse, types = ['at+jwt'] } = this.#settings;
    let payload: JWTPayload;
    try {
      const verified = await jwtVerify(text, this.#key, {
        issuer,
        ...(audience === undefined ? {} : { audience }),
        algorithms: [...algorithms],
        clockTolerance: clockSkew,
        requiredClaims: ['exp'],
      });
      // RFC 7515 section 4.1.9: compared without case, and `application/` may be left out.
      const type = verified.protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
      payload = verified.payload;
      if (tokenUse !== undefined ? payload.token_use !== tokenUse : !types.some((one) => one.toLowerCase() === type))
        return undefined;
    } catch (cause) {
      if (isRefusal(cause)) return undefined;
      throw new LakeError(
        'Unavailable',
        "The issuer's signing keys cannot be fetched. Check that its key set address answers.",
        { cause },
      );
    }
    const { [claims.clientId]: clientId, [claims.scope]: scope } = payload;
    const ods = claims.ods === undefined ? undefined : payload[claims.ods];
    if (typeof clientId !== 'string' || clientId === '') return undefined;
    if (claims.ods !== undefined && (typeof ods !== 'string' || ods === '')) return undefined;
    return {
      clientId,
      ods: typeof ods === 'string' ? ods : undefined,
      scopes: this.#scopesOf(scope),
      expires: payload.exp! * 1000 + clockSkew * 1000,
    };
  }

  #scopesOf(claim: unknown): readonly string[] {
    const { scopePrefix: prefix = '', scopeSeparator: separator = '/' } = this.#settings;
    const all = Array.isArray(claim)
      ? claim.filter((one) => typeof one === 'string')
      : typeof claim === 'string'
        ? claim.split(' ')
        : [];
    return all
      .filter((scope) => scope !== '' && scope.startsWith(prefix))
      .map((scope) => scope.slice(prefix.length))
      .map((scope) => (scope.startsWith(`system${separator}`) ? `system/${scope.slice(6 + separator.length)}` : scope));
  }
}

/** jose's own errors judge the token, except those about fetching the key set; the rest come from the network. */
function isRefusal(error: unknown): boolean {
  const unreachable = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid;
  // A key set answered with another status or without JSON is an error of the base class itself.
  return error instanceof errors.JOSEError && !unreachable && error.code !== 'ERR_JOSE_GENERIC';
}
