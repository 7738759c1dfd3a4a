import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { AuditRecord } from '../../audit/audit-record';
import type { PortsOf } from '../../manifest';
import { generateProviderKey, type ProviderCredentials } from '../../provider-access/client-assertion';
import type { NhsNumberHandling, Provider } from '../../provider-access/provider-register';
import { parseScope } from '../../provider-access/scopes';
import type { LakeFolder } from './lake-folder';
import type { operatorManifest } from './operator-manifest';

export interface ProviderInput {
  readonly ods: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly nhsNumberPolicy: NhsNumberHandling;
  readonly defaultProfile?: string | undefined;
  /** Public keys the provider brings; without any a key pair is made. */
  readonly keys: readonly JWK[];
}

export interface RegisteredProvider {
  readonly clientId: string;
  readonly ods: string;
  /** Written once, mode 600; absent when the provider brought its own key. */
  readonly privateKeyFile: string | undefined;
  readonly scopes: readonly string[];
}

/** Who may send to the lake on one machine, and the files with the private keys that it made for them. */
export class LocalProviders {
  readonly #folder: LakeFolder;
  readonly #register: PortsOf<typeof operatorManifest>['register'];

  constructor(folder: LakeFolder, register: PortsOf<typeof operatorManifest>['register']) {
    this.#folder = folder;
    this.#register = register;
  }

  async register(input: ProviderInput): Promise<RegisteredProvider> {
    const { ods, name, nhsNumberPolicy } = input;
    if (!/^[A-Z0-9]{3,10}$/.test(ods))
      throw new LakeError('InvalidArgument', 'An ODS code is 3 to 10 capital letters and digits.');
    if (input.scopes.length === 0 || input.scopes.some((scope) => parseScope(scope) === undefined)) {
      throw new LakeError(
        'InvalidArgument',
        'A scope is system/{Type or *}.{c, u or cu}, for example system/Observation.c or system/*.cu.',
      );
    }
    const clientId = `${ods.toLowerCase()}-${randomUUID().slice(0, 8)}`;
    const made = input.keys.length === 0 ? await generateProviderKey() : undefined;
    const keys = made === undefined ? input.keys : [made.publicJwk];
    if (keys.some((key) => 'd' in key))
      throw new LakeError(
        'InvalidArgument',
        'The key set holds a private key. Give public keys only, and make a new key pair: this one has been shown.',
      );
    const { scopes } = input;
    await this.#register.register(
      { clientId, ods, name, keys, scopes, nhsNumberPolicy, defaultProfile: input.defaultProfile, disabled: false },
      record('accessChange', 'lake provider register'),
    );
    const privateKeyFile =
      made === undefined ? undefined : this.#writeCredentials({ clientId, ods, scopes, privateJwk: made.privateJwk });
    return { clientId, ods, privateKeyFile, scopes };
  }

  list(): Promise<readonly Provider[]> {
    return this.#register.list();
  }

  async disable(ods: string): Promise<void> {
    const provider = await this.#providerOf(ods);
    await this.#register.disable(provider.clientId, record('accessChange', 'lake provider disable'));
  }

  async enable(ods: string): Promise<void> {
    const provider = await this.#providerOf(ods);
    await this.#register.enable(provider.clientId, record('accessChange', 'lake provider enable'));
  }

  async rotateKey(ods: string): Promise<RegisteredProvider> {
    const provider = await this.#providerOf(ods);
    const { publicJwk, privateJwk } = await generateProviderKey();
    await this.#register.rotateKey(provider.clientId, publicJwk, record('accessChange', 'lake provider rotate-key'));
    const { clientId, scopes } = provider;
    return { clientId, ods, scopes, privateKeyFile: this.#writeCredentials({ clientId, ods, scopes, privateJwk }) };
  }

  /** Ends a rotation: the key of this kid is refused from now on; without one, the older of two keys. */
  async retireKey(ods: string, kid?: string): Promise<{ readonly ods: string; readonly retired: string }> {
    const { clientId, keys } = await this.#providerOf(ods);
    const retired = kid ?? (keys.length > 1 ? keys.at(-1)?.kid : undefined);
    if (retired === undefined)
      throw new LakeError(
        'InvalidArgument',
        'The provider has one key only. Rotate it first, or disable the provider.',
      );
    await this.#register.retireKey(clientId, retired, record('accessChange', 'lake provider retire-key'));
    return { ods, retired };
  }

  async #providerOf(ods: string): Promise<Provider> {
    const provider = (await this.list()).find((one) => one.ods === ods);
    if (provider === undefined)
      throw new LakeError('NotFound', 'No provider has this ODS code. `lake provider list` shows those there are.');
    return provider;
  }

  #writeCredentials(credentials: ProviderCredentials): string {
    const { credentials: folder } = this.#folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${credentials.ods}.json`);
    writeFileSync(file, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600, flush: true });
    return file;
  }
}

function record(event: AuditRecord['event'], action: string): AuditRecord {
  return {
    recorded: systemClock.now().toISOString(),
    event,
    action,
    agent: { kind: 'operator', id: 'local' },
    outcome: { result: 'allowed', code: 'done' },
    purpose: 'HSYSADMIN',
  };
}
