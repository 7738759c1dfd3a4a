import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { isLakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';

describe('EnvelopeEncryption', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-envelope-'));
  const keys = new FileKeyManagement(folder);
  keys.createKey('landing', 'dataKeys');
  keys.createKey('identity', 'publicKeyWrap');
  after(() => rmSync(folder, { recursive: true }));
  const context = { zone: 'landing', provider: 'A1B2C' };
  const landing = () =>
    new EnvelopeEncryption({
      generateDataKey: (bound) => keys.generateDataKey('landing', bound),
      unwrap: (edk, bound) => keys.unwrap('landing', edk, bound),
    });

  it('gives every byte back, at every length around a frame', async () => {
    for (const length of [0, 1, 2048, 65535, 65536, 65537, 131072, 300000]) {
      const plaintext = Buffer.alloc(length, 0xa5);
      assert.deepEqual(Buffer.from(await landing().open(await landing().seal(plaintext, context), context)), plaintext);
    }
  });

  it('refuses any changed byte, any cut and anything appended', async () => {
    const sealed = await landing().seal(Buffer.from('clinical '.repeat(50)), context);
    const reader = landing();
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(sealed);
        changed[at] = changed[at]! ^ flip;
        await assert.rejects(reader.open(changed, context), (error) => isLakeError(error));
        await assert.rejects(reader.open(sealed.subarray(0, at), context), (error) => isLakeError(error));
      }),
      { numRuns: 300 },
    );
    await assert.rejects(reader.open(Buffer.concat([sealed, Buffer.from([0])]), context), (error) =>
      isLakeError(error),
    );
  });

  it('refuses a context that not every official SDK reads', async () => {
    for (const bad of [{ zone: '' }, { '': 'x' }, { 'aws-crypto-public-key': 'x' }, { zone: 'x'.repeat(65_536) }])
      await assert.rejects(landing().seal(Buffer.from('x'), bad), (error) => isLakeError(error, 'InvalidArgument'));
  });

  it('refuses another context, and a writer by public key cannot read', async () => {
    const sealed = await landing().seal(Buffer.from('x'), context);
    await assert.rejects(landing().open(sealed, { ...context, provider: 'OTHER' }), (error) =>
      isLakeError(error, 'InvalidArgument'),
    );
    const writer = new EnvelopeEncryption({ wrapWithPublicKey: (bound) => keys.wrapWithPublicKey('identity', bound) });
    const original = await writer.seal(Buffer.from('who'), context);
    await assert.rejects(writer.open(original, context), (error) => isLakeError(error, 'PermissionDenied'));
    const identity = new EnvelopeEncryption({ unwrap: (edk, bound) => keys.unwrap('identity', edk, bound) });
    assert.equal(Buffer.from(await identity.open(original, context)).toString(), 'who');
  });
});
