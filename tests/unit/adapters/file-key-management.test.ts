import assert from 'node:assert/strict';
import { constants, createCipheriv, publicEncrypt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { isLakeError } from '../../../adapters/ports/errors';
import { serialiseContext } from '../../../adapters/shared/encryption-context';

describe('FileKeyManagement', () => {
  const root = mkdtempSync(join(tmpdir(), 'lake-key-files-'));
  const folder = join(root, 'keys');
  const keys = new FileKeyManagement(folder);
  keys.createKey('data', 'dataKeys');
  keys.createKey('public', 'publicKeyWrap');
  after(() => rmSync(root, { recursive: true }));
  const context = { zone: 'landing' };
  const denied = (error: unknown) => isLakeError(error, 'PermissionDenied');

  it('keeps its files to their owner, and leaves no others', () => {
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(folder).toSorted(), ['data.1.json', 'public.1.json']);
    for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  });

  it('creating again changes nothing, and another use is refused', async () => {
    const { encrypted } = await keys.generateDataKey('data', context);
    keys.createKey('data', 'dataKeys');
    await new FileKeyManagement(folder).unwrap('data', encrypted, context);
    assert.throws(
      () => keys.createKey('data', 'mac'),
      (error) => isLakeError(error, 'InvalidArgument'),
    );
    for (const name of ['', 'Data', '../data', 'a.b', 'x'.repeat(64)]) {
      assert.throws(
        () => keys.createKey(name, 'mac'),
        (error) => isLakeError(error, 'InvalidArgument'),
      );
    }
  });

  it('refuses a wrapped key whose tag or key is shortened, which a forger could guess', async () => {
    const { encrypted } = await keys.generateDataKey('data', context);
    const secret = Buffer.from(
      (JSON.parse(readFileSync(join(folder, 'data.1.json'), 'utf8')) as { secret: string }).secret,
      'base64',
    );
    const iv = Buffer.from(encrypted.providerInfo).subarray(-12);
    // The best a forger can hope for: a genuine tag of 4 bytes over an empty data key.
    const cipher = createCipheriv('aes-256-gcm', secret, iv, { authTagLength: 4 }).setAAD(serialiseContext(context));
    cipher.final();
    await assert.rejects(keys.unwrap('data', { ...encrypted, ciphertext: cipher.getAuthTag() }, context), denied);
    for (const length of [0, 16, 47]) {
      await assert.rejects(
        keys.unwrap('data', { ...encrypted, ciphertext: encrypted.ciphertext.slice(0, length) }, context),
        denied,
      );
    }
    const { pem } = await keys.publicKey('public');
    const ciphertext = publicEncrypt(
      { key: pem, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      Buffer.alloc(0),
    );
    const providerInfo = Buffer.from('public.1');
    await assert.rejects(keys.unwrap('public', { ...encrypted, providerInfo, ciphertext }, context), denied);
  });

  it('refuses any changed byte of a wrapped key', async () => {
    for (const [name, wrap] of [
      ['data', 'generateDataKey'],
      ['public', 'wrapWithPublicKey'],
    ] as const) {
      const { encrypted } = await keys[wrap](name, context);
      for (const part of ['providerInfo', 'ciphertext'] as const) {
        for (let at = 0; at < encrypted[part].length; at++) {
          const changed = Uint8Array.from(encrypted[part]);
          changed[at]! ^= 0x10;
          await assert.rejects(keys.unwrap(name, { ...encrypted, [part]: changed }, context), denied, `${part} ${at}`);
        }
      }
      await assert.rejects(keys.unwrap(name, { ...encrypted, providerId: 'aws-kms' }, context), denied);
    }
  });

  it('sees a version that another process made, and two that rotate at once lose nothing', async () => {
    const other = new FileKeyManagement(folder);
    await keys.generateDataKey('data', context);
    const wrapped = await Promise.all([other.rotate('data'), keys.rotate('data')]);
    const newest = Math.max(...wrapped);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    const { encrypted } = await keys.generateDataKey('data', context);
    assert.ok(Buffer.from(encrypted.providerInfo).toString('latin1').startsWith(`data.${newest}`));
    await other.unwrap('data', encrypted, context);
  });

  it('says of a damaged file which, and never what is in it', async () => {
    writeFileSync(join(folder, 'damaged.1.json'), '{"use":"mac","secret":"c2VjcmV0"}');
    await assert.rejects(keys.mac('damaged', Buffer.from('x')), (error) => {
      assert.ok(isLakeError(error, 'Unknown'));
      assert.match(error.message, /key damaged, version 1/);
      assert.ok(!JSON.stringify([error.message, error.cause]).includes('c2VjcmV0'));
      return true;
    });
  });
});
