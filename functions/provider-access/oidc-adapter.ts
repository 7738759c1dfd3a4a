import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { OidcStorage } from './oidc-storage';
import type { Provider, ProviderRegister } from './provider-register';
import { tokenLifetime } from './token-endpoint';

export interface OidcAdapterPorts {
  readonly register: Pick<ProviderRegister, 'find'>;
  readonly storage: Pick<OidcStorage, 'put' | 'putNew' | 'find' | 'remove'>;
}

/** oidc-provider's models over the lake's state; clients come from the register, so that disabling one works at once. */
export function oidcAdapter(model: string, { register, storage }: OidcAdapterPorts): Adapter {
  const expiresOf = (seconds = tokenLifetime): string => new Date(Date.now() + seconds * 1000).toISOString();
  return {
    async upsert(id, payload, expiresIn) {
      const text = JSON.stringify(payload);
      if (model !== 'ReplayDetection') return storage.put(model, id, text, expiresOf(expiresIn));
      // The library looks first and writes then; only the unique key refuses the second of two at the same moment.
      if (!(await storage.putNew(model, id, text, expiresOf(expiresIn)))) {
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
      }
    },
    async find(id): Promise<AdapterPayload | undefined> {
      if (model === 'Client') return clientOf(await register.find(id));
      const payload = await storage.find(model, id, new Date().toISOString());
      return payload === undefined ? undefined : (JSON.parse(payload) as AdapterPayload);
    },
    findByUserCode: async () => undefined,
    findByUid: async () => undefined,
    consume: async () => undefined,
    destroy: (id) => storage.remove(model, id),
    revokeByGrantId: async () => undefined,
  };
}

function clientOf(provider: Provider | undefined): AdapterPayload | undefined {
  if (provider === undefined || provider.disabled) return undefined;
  return {
    client_id: provider.clientId,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [...provider.keys] },
  };
}
