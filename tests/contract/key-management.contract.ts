import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { isLakeError } from '../../adapters/ports/errors';
import type { KeyManagement } from '../../adapters/ports/key-management';

/** What a harness gives: the keys `data` (dataKeys), `public` (publicKeyWrap), `signing` (sign) and `macs` (mac), and a way to open the same keys again. */
export interface KeyManagementHarness {
  readonly keys: KeyManagement;
  readonly reopen: () => Promise<KeyManagement>;
  readonly stop: () => Promise<void>;
}

/** The promises of the KeyManagement port, for every adapter. */
export function keyManagementContract(name: string, start: () => Promise<KeyManagementHarness>): void {
  describe(`KeyManagement: ${name}`, () => {
    let harness: KeyManagementHarness;
    before(async () => {
      harness = await start();
    });
    after(() => harness.stop());
    const context = { zone: 'landing', purpose: 'test' };

    for (const [keyName, wrap] of [
      ['data', 'generateDataKey'],
      ['public', 'wrapWithPublicKey'],
    ] as const) {
      it(`${wrap}: opens again, also in another process and after a rotation`, async () => {
        const { plaintext, encrypted } = await harness.keys[wrap](keyName, context);
        assert.equal(plaintext.length, 32);
        await harness.keys.rotate(keyName);
        const reopened = await harness.reopen();
        assert.deepEqual(Buffer.from(await reopened.unwrap(keyName, encrypted, context)), Buffer.from(plaintext));
        const newer = await harness.keys[wrap](keyName, context);
        assert.notDeepEqual(newer.plaintext, plaintext);
        assert.notDeepEqual(newer.encrypted.ciphertext, encrypted.ciphertext);
      });

      it(`${wrap}: tampered bytes and another key are refused`, async () => {
        const { encrypted } = await harness.keys[wrap](keyName, context);
        const ciphertext = Uint8Array.from(encrypted.ciphertext);
        ciphertext[5] = ciphertext[5]! ^ 1;
        await assert.rejects(harness.keys.unwrap(keyName, { ...encrypted, ciphertext }, context), (error) =>
          isLakeError(error),
        );
        await assert.rejects(harness.keys.unwrap('signing', encrypted, context), (error) => isLakeError(error));
      });
    }

    it('a data key opens under its own context only', async () => {
      const { encrypted } = await harness.keys.generateDataKey('data', context);
      await assert.rejects(harness.keys.unwrap('data', encrypted, { ...context, purpose: 'other' }), (error) =>
        isLakeError(error),
      );
    });

    it('a signature verifies with the public half alone, of the version that made it', async () => {
      const bytes = Buffer.from('checkpoint');
      const signature = await harness.keys.sign('signing', bytes);
      await harness.keys.rotate('signing');
      const { pem } = await harness.keys.publicKey('signing', signature.version);
      const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' as const };
      assert.ok(verify('sha384', bytes, key, signature.bytes));
      assert.ok(!verify('sha384', Buffer.from('checkpoinT'), key, signature.bytes));
    });

    it('a MAC is the same after a restart', async () => {
      const bytes = Buffer.from('message');
      assert.deepEqual(
        Buffer.from(await harness.keys.mac('macs', bytes)),
        Buffer.from(await (await harness.reopen()).mac('macs', bytes)),
      );
    });

    it('each key has one use, and a missing key is NotFound', async () => {
      await assert.rejects(harness.keys.sign('data', Buffer.from('x')), (error) =>
        isLakeError(error, 'InvalidArgument'),
      );
      await assert.rejects(harness.keys.generateDataKey('absent', context), (error) => isLakeError(error, 'NotFound'));
    });
  });
}
