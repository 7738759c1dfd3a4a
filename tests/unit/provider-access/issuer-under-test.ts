import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, type JWK, SignJWT } from 'jose';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import type { StateDatabase } from '../../../adapters/ports/state-database';
import { auditStore } from '../../../functions/audit/audit-log';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import {
  type AssertionAlgorithm,
  generateProviderKey,
  type ProviderCredentials,
} from '../../../functions/provider-access/client-assertion';
import { createIssuer, type IssuerPorts, type IssuerSettings } from '../../../functions/provider-access/issuer';
import { oidcStorageStore } from '../../../functions/provider-access/oidc-storage';
import { type Provider, providerRegisterStore } from '../../../functions/provider-access/provider-register';
import { tokenPath } from '../../../functions/provider-access/token-endpoint';

export const auditOf = (action: string): AuditRecord => ({
  recorded: new Date().toISOString(),
  event: 'job',
  action,
  agent: { kind: 'operator', id: 'test' },
  outcome: { result: 'allowed', code: 'success' },
  purpose: 'HSYSADMIN',
});

/** One process of the lake's issuer over real parts in a folder; a second one over the same folder is a restart. */
export class IssuerUnderTest {
  readonly folder: string;
  readonly database: StateDatabase;
  readonly keys: FileKeyManagement;
  readonly ports: IssuerPorts;
  readonly register: ReturnType<typeof providerRegisterStore.open>;
  readonly records: AuditRecord[] = [];
  /** What whoever runs the issuer is told. */
  readonly failures: unknown[] = [];
  #server: Server | undefined;
  origin = '';

  constructor(folder = mkdtempSync(join(tmpdir(), 'issuer-'))) {
    this.folder = folder;
    this.database = new SqliteStateDatabase(join(folder, 'state.sqlite'));
    this.keys = new FileKeyManagement(join(folder, 'keys'));
    this.keys.createKey('issuer', 'sign');
    this.register = providerRegisterStore.open(this.database);
    this.ports = {
      register: this.register,
      storage: oidcStorageStore.open(this.database),
      key: {
        sign: (bytes) => this.keys.sign('issuer', bytes),
        publicKey: (version) => this.keys.publicKey('issuer', version),
      },
      audit: async (record) => {
        this.records.push(record);
      },
      onFailure: (error) => void this.failures.push(error),
    };
  }

  get tokenUrl(): string {
    return `${this.origin}${tokenPath}`;
  }

  get audience(): string {
    return `${this.origin}/FHIR/R4`;
  }

  async start(port = 0, settings: Partial<IssuerSettings> = {}, ports: Partial<IssuerPorts> = {}): Promise<this> {
    await this.database.migrate(
      [auditStore, providerRegisterStore, oidcStorageStore].flatMap((store) => store.migrations),
    );
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const handler = await createIssuer(
      { origin: this.origin, audience: this.audience, ...settings },
      { ...this.ports, ...ports },
    );
    server.on('request', (request, response) => void handler(request, response));
    this.#server = server;
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server !== undefined) {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    }
    await this.database.close();
  }

  async provider(
    ods: string,
    scopes = ['system/*.cu'],
    alg: AssertionAlgorithm = 'ES384',
    other: Partial<Provider> = {},
  ): Promise<ProviderCredentials> {
    const { publicJwk, privateJwk } = await generateProviderKey(alg);
    const clientId = `client-${ods}`;
    await this.register.register(
      {
        clientId,
        ods,
        name: `Sender ${ods}`,
        keys: [publicJwk],
        scopes,
        nhsNumberPolicy: 'flag',
        disabled: false,
        ...other,
      },
      auditOf('lake provider register'),
    );
    return { clientId, ods, scopes, privateJwk };
  }

  /** Sends a form as it is; members that are undefined are left out. */
  async post(form: Record<string, string | undefined>, headers: Record<string, string> = {}): Promise<Answer> {
    const given = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const response = await fetch(this.tokenUrl, { method: 'POST', body: new URLSearchParams(given), headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Answer['body'] };
  }

  form(
    assertion: string | undefined,
    scope: string | undefined = 'system/Patient.c',
  ): Record<string, string | undefined> {
    return {
      grant_type: 'client_credentials',
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    access_token?: string;
    expires_in?: number;
    scope?: string;
    token_type?: string;
    error?: string;
    error_description?: string;
  };
}

export const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** A JWT of these claims and header members; undefined ones are left out. */
export async function signed(
  privateJwk: JWK,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const alg = String(header.alg ?? privateJwk.alg);
  const whole = { alg, typ: 'JWT', kid: privateJwk.kid, ...header };
  const present = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
  return new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader(present as { alg: string })
    .sign(await importJWK({ ...privateJwk, alg }, alg));
}
