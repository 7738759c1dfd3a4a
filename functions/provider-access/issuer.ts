import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import OidcProvider, { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { AuditRecord } from '../audit/audit-record';
import type { BoundKey } from '../manifest';
import { assertionFault, describeRefusal } from './assertion-refusal';
import { IssuerSigningKey, SigningKeyRotated } from './issuer-signing-key';
import { oidcAdapter } from './oidc-adapter';
import type { OidcStorage } from './oidc-storage';
import type { ProviderRegister } from './provider-register';
import { RateLimit } from './rate-limit';
import { mayAskFor, refusedScopes } from './scopes';
import {
  assertionAlgorithms,
  clockSkew,
  jwksPath,
  serverMetadata,
  tokenAlgorithm,
  tokenLifetime,
  tokenPath,
  tokenRequestsPerMinute,
} from './token-endpoint';

export { jwksPath, tokenPath } from './token-endpoint';

export interface IssuerSettings {
  /** Origin of the lake: the `iss` of its tokens; the token endpoint is `<origin>/oauth2/token`. */
  readonly origin: string;
  /** The FHIR base: `aud` of the access tokens (RFC 9068). */
  readonly audience: string;
  /** Token requests of one provider in a rolling minute; default 300. */
  readonly requestsPerMinute?: number;
}

export interface IssuerPorts {
  readonly register: Pick<ProviderRegister, 'find'>;
  readonly storage: Pick<OidcStorage, 'put' | 'putNew' | 'find' | 'remove' | 'sweep'>;
  readonly key: Pick<BoundKey, 'sign' | 'publicKey'>;
  /** One record for each token given or refused; when it cannot be written, no token is given. */
  readonly audit?: (record: AuditRecord) => Promise<void>;
  /** Told why a request was answered with 503: the answer does not say. */
  readonly onFailure: (error: unknown) => void;
}

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const sweepMilliseconds = 60_000;
const bodyMilliseconds = 10_000;

/**
 * The lake's own OAuth 2 issuer: client credentials with `private_key_jwt` (RFC 6749 section 4.4, RFC 7523) giving access
 * tokens of RFC 9068, and nothing else. The handler serves `POST /oauth2/token`, `GET /oauth2/jwks` and
 * `GET /.well-known/openid-configuration`. Errors are those of RFC 6749 section 5.2, with 429 and `Retry-After` above the
 * rate and 503 while something the issuer needs is out of reach. The rate counts proven requests only, so that nobody can
 * use up another's; floods of unproven ones are for the gateway in front.
 */
export async function createIssuer(settings: IssuerSettings, ports: IssuerPorts): Promise<NodeHandler> {
  const issuer = new Issuer(settings, ports);
  await issuer.load();
  return (request, response) => issuer.handle(request, response);
}

class Issuer {
  readonly #settings: IssuerSettings;
  readonly #ports: IssuerPorts;
  readonly #rate: RateLimit;
  /** The organisation each running request proved to be. */
  readonly #ods = new WeakMap<object, string>();
  #loaded: { readonly version: number; readonly callback: ReturnType<OidcProvider['callback']> } | undefined;
  #swept = 0;

  constructor(settings: IssuerSettings, ports: IssuerPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#rate = new RateLimit(settings.requestsPerMinute ?? tokenRequestsPerMinute);
  }

  /** Builds the provider over the newest signing key; the one before stays published while its tokens live. */
  async load(): Promise<ReturnType<OidcProvider['callback']>> {
    const { key } = this.#ports;
    const newest = await key.publicKey();
    if (this.#loaded?.version === newest.version) return this.#loaded.callback;
    const published = newest.version > 1 ? [newest, await key.publicKey(newest.version - 1)] : [newest];
    const signingKeys = published.map(({ pem, version }) => new IssuerSigningKey(pem, version, key.sign));
    const callback = this.#build(signingKeys).callback();
    this.#loaded = { version: newest.version, callback };
    return callback;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The library derives its own address from these; a sender must not choose which `aud` is accepted.
    const { host, protocol } = new URL(this.#settings.origin);
    request.headers.host = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    for (const name of ['x-forwarded-host', 'x-forwarded-for', ':authority']) delete request.headers[name];
    let callback: ReturnType<OidcProvider['callback']>;
    try {
      callback = await this.load();
    } catch (error) {
      this.#ports.onFailure(error);
      response.writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '5' });
      response.end(JSON.stringify(unavailable));
      return;
    }
    // The library reads a body for as long as it takes; one of a few hundred bytes is here at once.
    const late = setTimeout(() => request.destroy(), bodyMilliseconds);
    request.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late));
    await callback(request, response);
    this.#sweep();
  }

  #build(signingKeys: readonly IssuerSigningKey[]): OidcProvider {
    const configuration: Configuration = {
      adapter: (name: string) => oidcAdapter(name, this.#ports),
      jwks: { keys: signingKeys },
      clientAuthMethods: ['private_key_jwt'],
      enabledJWA: { clientAuthSigningAlgValues: [...assertionAlgorithms], idTokenSigningAlgValues: [tokenAlgorithm] },
      clientDefaults: { id_token_signed_response_alg: tokenAlgorithm },
      assertJwtClientAuthClaimsAndHeader: (context, claims, header, { clientId }) =>
        this.#checkAssertion(context, claims, header, clientId),
      clockTolerance: clockSkew,
      responseTypes: [],
      routes: { token: tokenPath, jwks: jwksPath },
      ttl: { ClientCredentials: tokenLifetime },
      // RFC 6749 section 5.2: errors are JSON, whatever the sender says it accepts.
      renderError: (context, out) => {
        context.type = 'application/json';
        context.body = out;
      },
      features: {
        devInteractions: { enabled: false },
        rpInitiatedLogout: { enabled: false },
        userinfo: { enabled: false },
        clientCredentials: { enabled: true },
        externalSigningSupport: { enabled: true, ack: 'experimental-01' },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => this.#settings.audience,
          useGrantedResource: () => true,
          getResourceServerInfo: (context, resource, { clientId }) => this.#resourceServer(context, resource, clientId),
        },
      },
      extraTokenClaims: (context) => ({ ods: this.#ods.get(context) }),
    };
    const provider = new OidcProvider(this.#settings.origin, configuration);
    provider.proxy = true;
    provider.use((context, next) => this.#around(context as KoaContextWithOIDC, next));
    provider.on('grant.error', (context, error) => {
      // The library repeats the refused scope; only its error and a description of our own go out.
      const description = describeRefusal(error.error_detail, error.error_description);
      context.body = { error: error.error, ...(description === undefined ? {} : { error_description: description }) };
    });
    provider.on('server_error', (context, error) => {
      // A rotation fails nothing: whoever asks again has a token.
      if (!(error instanceof SigningKeyRotated)) this.#ports.onFailure(error);
      context.status = 503;
      context.set('Retry-After', error instanceof SigningKeyRotated ? '1' : '5');
      context.body = unavailable;
    });
    return provider;
  }

  #checkAssertion(
    context: KoaContextWithOIDC,
    claims: Readonly<Record<string, unknown>>,
    header: Readonly<Record<string, unknown>>,
    clientId: string,
  ): void {
    const fault = assertionFault(claims, header, new Date());
    if (fault !== undefined)
      throw Object.assign(new errors.InvalidClientAuth('assertion refused'), { error_description: fault });
    const seconds = this.#rate.take(clientId);
    if (seconds === 0) return;
    context.set('Retry-After', String(seconds));
    throw Object.assign(new errors.OIDCProviderError(429, 'temporarily_unavailable'), {
      error_description:
        'Too many token requests. Use a token until it expires, and wait for the seconds of Retry-After.',
    });
  }

  async #resourceServer(context: KoaContextWithOIDC, resource: string, clientId: string) {
    const { audience } = this.#settings;
    if (resource !== audience) {
      throw Object.assign(new errors.InvalidTarget(), {
        error_description: 'resource may only be the FHIR base of this lake, or left out.',
      });
    }
    const provider = await this.#ports.register.find(clientId);
    const scope = String(context.oidc.params?.scope ?? '');
    const asked = scope.split(' ').filter((one) => one !== '');
    // The library would give a token without the scopes it does not know; RFC 6749 section 5.2 has an error for that.
    if (asked.length === 0 || asked.some((one) => !mayAskFor(provider?.scopes ?? [], one))) {
      throw Object.assign(new errors.InvalidScope('refused', ''), {
        error_description: refusedScopes(asked),
      });
    }
    if (provider !== undefined) this.#ods.set(context, provider.ods);
    const jwt = { sign: { alg: tokenAlgorithm } } as const;
    return { scope, audience, accessTokenTTL: tokenLifetime, accessTokenFormat: 'jwt' as const, jwt };
  }

  async #around(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    if (context.path === tokenPath && context.method !== 'POST') {
      context.status = 405;
      context.set('Allow', 'POST');
      context.body = { error: 'invalid_request', error_description: 'The token endpoint takes POST only.' };
    } else {
      await next();
    }
    if (context.path.startsWith('/.well-known/')) context.body = serverMetadata(this.#settings.origin);
    if (context.path !== tokenPath || this.#ports.audit === undefined) return;
    try {
      await this.#ports.audit(auditRecord(context));
    } catch (error) {
      this.#ports.onFailure(error);
      context.status = 503;
      context.set('Retry-After', '5');
      context.body = unavailable;
    }
  }

  #sweep(): void {
    const now = Date.now();
    if (now < this.#swept + sweepMilliseconds) return;
    this.#swept = now;
    // Nothing waits for it: what stays is swept a minute later.
    this.#ports.storage.sweep(new Date(now).toISOString()).catch(this.#ports.onFailure);
  }
}

const unavailable = {
  error: 'server_error',
  error_description: 'The token endpoint cannot answer now. Try again with a new assertion.',
};

function auditRecord(context: KoaContextWithOIDC): AuditRecord {
  const { status, ip } = context;
  const error = (context.body as { error?: string } | undefined)?.error;
  return {
    recorded: new Date().toISOString(),
    event: 'login',
    action: `POST ${tokenPath}`,
    agent: {
      kind: 'provider',
      id: context.oidc?.client?.clientId ?? 'unregistered',
      ...(isIP(ip) === 0 ? {} : { address: ip }),
    },
    outcome: {
      result: error === undefined ? 'allowed' : status < 500 ? 'denied' : 'failed',
      code: error ?? 'success',
      status,
    },
    purpose: 'HOPERAT',
  };
}
