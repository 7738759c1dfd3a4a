import { createPublicKey, randomUUID } from 'node:crypto';
import type { AuditRecord } from '../audit/audit-record';
import type { IssuerPorts, IssuerSettings } from './issuer';
import { keyThumbprint } from './key-thumbprint';
import { RateLimit } from './rate-limit';
import { mayAskFor, refusedScopes } from './scopes';
import { signedTokenPath, tokenAlgorithm, tokenLifetime, tokenRequestsPerMinute } from './token-endpoint';

export interface SignedTokenSettings extends IssuerSettings {
  /** By the ARN of a role of the account, the client id of the provider that it stands for. */
  readonly signers: Readonly<Record<string, string>>;
}

/** A request whose AWS Signature Version 4 the gateway has checked. */
export interface SignedRequest {
  /** ARN of the principal that signed, as the gateway says; absent where it asked for no signature. */
  readonly caller: string | undefined;
  /** `application/x-www-form-urlencoded`, as at the token endpoint (RFC 6749 section 4.4.2). */
  readonly body: string;
  readonly address?: string | undefined;
}

type SigningPorts = Pick<IssuerPorts, 'register' | 'key' | 'audit' | 'onFailure'>;

/** An answer of RFC 6749 section 5. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/**
 * Access tokens for providers that prove who they are by signing as a role of AWS instead of with a key of their own. The tokens are
 * those of the token endpoint; what signs them, who is registered and how often one may ask are the same.
 */
export class SignedTokens {
  readonly #settings: SignedTokenSettings;
  readonly #ports: SigningPorts;
  readonly #signers: ReadonlyMap<string, string>;
  readonly #rate: RateLimit;

  constructor(settings: SignedTokenSettings, ports: SigningPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#signers = new Map(
      Object.entries(settings.signers).flatMap(([arn, clientId]) => {
        const role = roleOf(arn);
        return role === undefined ? [] : [[role, clientId] as const];
      }),
    );
    this.#rate = new RateLimit(settings.requestsPerMinute ?? tokenRequestsPerMinute);
  }

  /** Answers 503 while the register, the signing key or the audit is out of reach; no token is given without its record. */
  async answer(request: SignedRequest): Promise<TokenAnswer> {
    const role = request.caller === undefined ? undefined : roleOf(request.caller);
    const clientId = role === undefined ? undefined : this.#signers.get(role);
    try {
      const given = await this.#given(clientId, request.body);
      await this.#ports.audit?.(auditRecord(clientId, given, request.address));
      return given;
    } catch (error) {
      this.#ports.onFailure(error);
      return unavailable;
    }
  }

  async #given(clientId: string | undefined, body: string): Promise<TokenAnswer> {
    const provider = clientId === undefined ? undefined : await this.#ports.register.find(clientId);
    if (provider === undefined || provider.disabled)
      return refused(401, 'invalid_client', 'The role that signed stands for no registered provider.');
    const seconds = this.#rate.take(provider.clientId);
    if (seconds > 0)
      return refused(429, 'temporarily_unavailable', 'Too many token requests. Wait for the seconds of Retry-After.', {
        'retry-after': String(seconds),
      });
    const form = new URLSearchParams(body);
    if (form.get('grant_type') !== 'client_credentials')
      return refused(400, 'unsupported_grant_type', 'grant_type may only be client_credentials.');
    const scope = form.get('scope') ?? '';
    const asked = scope.split(' ').filter((one) => one !== '');
    if (asked.length === 0 || asked.some((one) => !mayAskFor(provider.scopes, one)))
      return refused(400, 'invalid_scope', refusedScopes(asked));
    const { clientId: id, ods } = provider;
    const token = await this.#token({ sub: id, client_id: id, ods, scope: asked.join(' ') });
    return {
      status: 200,
      headers: noStore,
      body: { access_token: token, token_type: 'Bearer', expires_in: tokenLifetime, scope: asked.join(' ') },
    };
  }

  /** A token of RFC 9068, under the newest key; a key that was rotated meanwhile is read once more. */
  async #token(claims: object, again = true): Promise<string> {
    const { origin: iss, audience: aud } = this.#settings;
    const newest = await this.#ports.key.publicKey();
    const iat = Math.floor(Date.now() / 1000);
    const header = { alg: tokenAlgorithm, typ: 'at+jwt', kid: keyThumbprint(createPublicKey(newest.pem)) };
    const payload = { iss, aud, ...claims, jti: randomUUID(), iat, exp: iat + tokenLifetime };
    const input = [header, payload].map((one) => Buffer.from(JSON.stringify(one)).toString('base64url')).join('.');
    const { bytes, version } = await this.#ports.key.sign(Buffer.from(input));
    if (version === newest.version) return `${input}.${Buffer.from(bytes).toString('base64url')}`;
    if (!again) throw new Error('The signing key is rotated faster than it is read.');
    return this.#token(claims, false);
  }
}

/** `ACCOUNT/NAME` of a role or of a session of it, whose ARN leaves the role's path out (IAM User Guide, "IAM identifiers"). */
function roleOf(arn: string): string | undefined {
  const [, account, name] =
    /^arn:aws:iam::([0-9]{12}):role\/(?:[^/]+\/)*([\w+=,.@-]+)$/.exec(arn) ??
    /^arn:aws:sts::([0-9]{12}):assumed-role\/([\w+=,.@-]+)\/[^/]+$/.exec(arn) ??
    [];
  return account === undefined || name === undefined ? undefined : `${account}/${name}`;
}

const noStore = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const refused = (
  status: number,
  error: string,
  error_description: string,
  headers: Readonly<Record<string, string>> = {},
): TokenAnswer => ({ status, headers: { ...noStore, ...headers }, body: { error, error_description } });
const unavailable = refused(503, 'server_error', 'The token endpoint cannot answer now. Try again.', {
  'retry-after': '5',
});

function auditRecord(clientId = 'unregistered', { status, body }: TokenAnswer, address?: string): AuditRecord {
  const { error } = body as { readonly error?: string };
  return {
    recorded: new Date().toISOString(),
    event: 'login',
    action: `POST ${signedTokenPath}`,
    agent: { kind: 'provider', id: clientId, ...(address === undefined ? {} : { address }) },
    outcome: { result: error === undefined ? 'allowed' : 'denied', code: error ?? 'success', status },
    purpose: 'HOPERAT',
  };
}
