import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import { importKey, type KeyMaterial } from '../../adapters/openbao/import-key';
import { OpenBaoClient } from '../../adapters/openbao/openbao-client';
import { OpenBaoKeyManagement } from '../../adapters/openbao/openbao-key-management';
import type { KeyUse } from '../../adapters/ports/key-management';
import { refusedAs } from '../contract/object-store-harness';
import { describeOver } from '../support/given-servers';

describeOver('Keys of one machine, brought into OpenBao', ['openbao'], ({ openbao: url }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-keys-'));
  const mount = `lake-${randomBytes(4).toString('hex')}`;
  const files = new FileKeyManagement(join(folder, 'keys'));
  let client: OpenBaoClient;
  let keys: OpenBaoKeyManagement;
  before(async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, decodeURIComponent(url.password), { mode: 0o600 });
    client = new OpenBaoClient({ address: url.origin, login: { tokenFile } });
    await client.writeOnce(`sys/mounts/${mount}`, { type: 'transit' });
    keys = new OpenBaoKeyManagement(client, mount);
  });
  after(async () => {
    await fetch(`${url.origin}/v1/sys/mounts/${mount}`, {
      method: 'DELETE',
      headers: { 'x-vault-token': decodeURIComponent(url.password) },
    });
    rmSync(folder, { recursive: true, force: true });
  });

  /** A key file with two versions, in the engine. */
  const brought = async (name: string, use: KeyUse, made: () => Promise<void> = async () => undefined) => {
    files.createKey(name, use);
    await made();
    await files.rotate(name);
    const versions = [1, 2].map(
      (version) => JSON.parse(readFileSync(join(folder, 'keys', `${name}.${version}.json`), 'utf8')) as KeyMaterial,
    );
    await importKey(client, mount, name, versions);
  };
  const context = { zone: 'landing', provider: 'L99001' };

  it('open what each version wrapped, under its context alone, and wrap on', async () => {
    const data: Awaited<ReturnType<FileKeyManagement['generateDataKey']>>[] = [];
    const wrap = async () => void data.push(await files.generateDataKey('data', context));
    await brought('data', 'dataKeys', wrap);
    await wrap();
    for (const { plaintext, encrypted } of data) {
      assert.deepEqual(Buffer.from(await keys.unwrap('data', encrypted, context)), Buffer.from(plaintext));
      await assert.rejects(keys.unwrap('data', encrypted, { ...context, zone: 'x' }), refusedAs('PermissionDenied'));
      const ciphertext = Buffer.from(encrypted.ciphertext);
      ciphertext[0]! ^= 1;
      await assert.rejects(keys.unwrap('data', { ...encrypted, ciphertext }, context), refusedAs('PermissionDenied'));
      for (const providerId of ['another', 'nhs-data-lake/openbao-transit'])
        await assert.rejects(keys.unwrap('data', { ...encrypted, providerId }, context), refusedAs('PermissionDenied'));
    }
    assert.equal(await keys.rotate('data'), 3);
    const fresh = await keys.generateDataKey('data', context);
    assert.deepEqual(Buffer.from(await keys.unwrap('data', fresh.encrypted, context)), Buffer.from(fresh.plaintext));
  });

  it('open what was wrapped by a public half of 3,072 bits', async () => {
    let early: Awaited<ReturnType<FileKeyManagement['wrapWithPublicKey']>> | undefined;
    await brought('sealed', 'publicKeyWrap', async () => {
      early = await files.wrapWithPublicKey('sealed', context);
    });
    for (const { plaintext, encrypted } of [early!, await files.wrapWithPublicKey('sealed', context)])
      assert.deepEqual(Buffer.from(await keys.unwrap('sealed', encrypted, context)), Buffer.from(plaintext));
    const { plaintext, encrypted } = await keys.wrapWithPublicKey('sealed', context);
    assert.deepEqual(Buffer.from(await keys.unwrap('sealed', encrypted, context)), Buffer.from(plaintext));
  });

  it('sign as the same signer, whose earlier signatures still verify', async () => {
    await brought('signer', 'sign');
    assert.equal((await keys.publicKey('signer', 1)).pem.trim(), (await files.publicKey('signer', 1)).pem.trim());
    const bytes = randomBytes(64);
    const { bytes: signature, version } = await keys.sign('signer', bytes);
    const pem = createPublicKey((await files.publicKey('signer', version)).pem);
    assert.ok(verify('sha384', bytes, { key: pem, dsaEncoding: 'ieee-p1363' }, signature));
  });

  it('are refused under a name that the engine has', async () => {
    await brought('once', 'dataKeys');
    const material = { use: 'dataKeys', secret: randomBytes(32).toString('base64') } as const;
    await assert.rejects(importKey(client, mount, 'once', [material]));
  });
});
