import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenBaoClient } from '../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../adapters/openbao/openbao-key-management';
import { keyManagementContract } from '../contract/key-management.contract';
import { keyManagementFaultsContract } from '../contract/key-management-faults.contract';
import { contractEndpoints } from './contract-endpoints';

/** The URL of a server, with a token that may mount engines as password. */
for (const { url, name } of contractEndpoints('KeyManagement', 'OpenBao transit', 'LAKE_CONTRACT_OPENBAO')) {
  const mounted = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lake-openbao-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, decodeURIComponent(url.password), { mode: 0o600 });
    const client = new OpenBaoClient({ address: url.origin, login: { tokenFile } });
    const mount = `lake-${randomBytes(5).toString('hex')}`;
    await client.writeOnce(`sys/mounts/${mount}`, { type: 'transit' });
    const stop = async (): Promise<void> => {
      await fetch(`${url.origin}/v1/sys/mounts/${mount}`, {
        method: 'DELETE',
        headers: { 'x-vault-token': decodeURIComponent(url.password) },
      });
      rmSync(folder, { recursive: true });
    };
    return { client, mount, folder, stop };
  };

  const withKeys = async () => {
    const { client, mount, folder, stop } = await mounted();
    const keys = new OpenBaoKeyManagement(client, mount);
    await keys.createKey('data', 'dataKeys');
    await keys.createKey('public', 'publicKeyWrap');
    await keys.createKey('signing', 'sign');
    await keys.createKey('macs', 'mac');
    return { client, mount, folder, keys, stop };
  };

  keyManagementFaultsContract(name, async () => {
    const { mount, folder, stop } = await withKeys();
    const login = { tokenFile: join(folder, 'token') };
    return {
      server: new URL(url.origin),
      openAt: (address, answerTimeout) =>
        new OpenBaoKeyManagement(new OpenBaoClient({ address, login, answerTimeout }), mount),
      rotates: ({ method }) => method !== 'GET',
      expired: { kind: 'answer', status: 403, body: '{"errors":["permission denied"]}' },
      stop,
    };
  });

  keyManagementContract(name, async () => {
    const { client, mount, keys, stop } = await withKeys();
    const headers = { 'x-vault-token': decodeURIComponent(url.password) };
    const disable = async (keyName: string) => {
      await fetch(`${url.origin}/v1/${mount}/keys/${keyName}/soft-delete`, { method: 'DELETE', headers });
      return async () => {
        await client.writeOnce(`${mount}/keys/${keyName}/soft-delete-restore`, {});
      };
    };
    return { keys, reopen: async () => new OpenBaoKeyManagement(client, mount), disable, stop };
  });

  describe('OpenBao transit', () => {
    it('keeps a role to its policy: who may wrap may not open', async () => {
      const { client, mount, folder, stop } = await mounted();
      await new OpenBaoKeyManagement(client, mount).createKey('identity', 'publicKeyWrap');
      const policy = `path "${mount}/keys/identity" { capabilities = ["read"] }`;
      await client.writeOnce(`sys/policies/acl/${mount}`, { policy });
      const made = await client.writeOnce('auth/token/create', {
        policies: [mount],
        no_default_policy: true,
        ttl: '5m',
      });
      const tokenFile = join(folder, 'role-token');
      writeFileSync(tokenFile, String((made.auth as { client_token: string }).client_token));
      const role = new OpenBaoKeyManagement(new OpenBaoClient({ address: url.origin, login: { tokenFile } }), mount);
      const { encrypted } = await role.wrapWithPublicKey('identity', {});
      await assert.rejects(role.unwrap('identity', encrypted, {}), { code: 'PermissionDenied' });
      await assert.rejects(role.rotate('identity'), { code: 'PermissionDenied' });
      await stop();
    });

    it('says Unavailable, and no more, when nobody answers', async () => {
      const { folder, stop } = await mounted();
      const tokenFile = join(folder, 'token');
      const away = new OpenBaoClient({ address: 'http://127.0.0.1:9', login: { tokenFile } });
      await assert.rejects(new OpenBaoKeyManagement(away).publicKey('audit'), { code: 'Unavailable' });
      await stop();
    });
  });
}
