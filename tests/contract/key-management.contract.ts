import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { isLakeError } from '../../adapters/ports/errors';
import type { KeyManagement, KeyManagementCapability } from '../../adapters/ports/key-management';
import { EnvelopeEncryption } from '../../adapters/shared/envelope-encryption';

/** What a harness gives: the keys `data` (dataKeys), `public` (publicKeyWrap), `signing` (sign) and `macs` (mac), and a way to open the same keys again. */
export interface KeyManagementHarness {
  readonly keys: KeyManagement;
  readonly reopen: () => Promise<KeyManagement>;
  /** Disables a key as its service does; gives the way to enable it again. Not every service has this. */
  readonly disable?: (keyName: string) => Promise<() => Promise<void>>;
  readonly stop: () => Promise<void>;
}

/** The promises of the KeyManagement port, for every adapter. */
export function keyManagementContract(
  name: string,
  start: () => Promise<KeyManagementHarness>,
  capabilities: readonly KeyManagementCapability[] = ['publicKeyWrap', 'sign', 'mac', 'rotate'],
): void {
  describe(`KeyManagement: ${name}`, () => {
    let harness: KeyManagementHarness;
    before(async () => {
      harness = await start();
    });
    after(() => harness.stop());
    const context = { zone: 'landing', purpose: 'test' };

    const declares = (capability: KeyManagementCapability) => capabilities.includes(capability);
    const refused = (error: unknown) => isLakeError(error);
    it('declares what it is held to', () =>
      assert.deepEqual([...harness.keys.capabilities].toSorted(), [...capabilities].toSorted()));

    for (const [capability, keyName, wrap] of [
      ['data keys', 'data', 'generateDataKey'],
      ['publicKeyWrap', 'public', 'wrapWithPublicKey'],
    ] as const) {
      describe(capability, () => {
        if (capability === 'publicKeyWrap' && !declares(capability)) {
          it('refused as declared: Unsupported', () =>
            assert.rejects(harness.keys.wrapWithPublicKey('public', context), (error) =>
              isLakeError(error, 'Unsupported'),
            ));
          return;
        }

        it('opens again, also in another process', async () => {
          const { plaintext, encrypted } = await harness.keys[wrap](keyName, context);
          assert.equal(plaintext.length, 32);
          const reopened = await harness.reopen();
          assert.deepEqual(Buffer.from(await reopened.unwrap(keyName, encrypted, context)), Buffer.from(plaintext));
        });

        it('two of one key and context differ', async () => {
          const [one, other] = [await harness.keys[wrap](keyName, context), await harness.keys[wrap](keyName, context)];
          assert.notDeepEqual(one.plaintext, other.plaintext);
          assert.notDeepEqual(one.encrypted.ciphertext, other.encrypted.ciphertext);
        });

        it('tampered, cut or foreign bytes and another key are refused', async () => {
          const { encrypted } = await harness.keys[wrap](keyName, context);
          const ciphertext = Uint8Array.from(encrypted.ciphertext);
          ciphertext[5] = ciphertext[5]! ^ 1;
          for (const changed of [
            { ...encrypted, ciphertext },
            { ...encrypted, ciphertext: encrypted.ciphertext.slice(0, -1) },
            { ...encrypted, ciphertext: new Uint8Array(0) },
            { ...encrypted, providerId: 'another' },
            { ...encrypted, providerInfo: Buffer.from(`${keyName}.99`) },
            { ...encrypted, providerInfo: new Uint8Array(0) },
          ])
            await assert.rejects(harness.keys.unwrap(keyName, changed, context), refused);
          await assert.rejects(harness.keys.unwrap('signing', encrypted, context), refused);
        });
      });
    }

    describe('encryption context', () => {
      it('a data key opens under its own context only', async () => {
        const { encrypted } = await harness.keys.generateDataKey('data', context);
        for (const other of [{ ...context, purpose: 'other' }, { zone: 'landing' }, { ...context, more: '1' }, {}])
          await assert.rejects(harness.keys.unwrap('data', encrypted, other), refused);
      });

      it('so does an envelope, in another process too', async () => {
        const envelopeOf = (keys: KeyManagement) =>
          new EnvelopeEncryption({
            generateDataKey: (of) => keys.generateDataKey('data', of),
            unwrap: (encrypted, of) => keys.unwrap('data', encrypted, of),
          });
        const sealed = await envelopeOf(harness.keys).seal(Buffer.from('text'), context);
        const reader = envelopeOf(await harness.reopen());
        assert.equal(Buffer.from(await reader.open(sealed, context)).toString(), 'text');
        await assert.rejects(reader.open(sealed, { ...context, purpose: 'other' }), (error) =>
          isLakeError(error, 'InvalidArgument'),
        );
      });
    });

    describe('sign', () => {
      if (!declares('sign')) {
        it('refused as declared: Unsupported', () =>
          assert.rejects(harness.keys.sign('signing', Buffer.from('x')), (error) => isLakeError(error, 'Unsupported')));
        return;
      }
      it('a signature verifies with the public half alone, of the version that made it', async () => {
        const bytes = Buffer.from('checkpoint');
        const signature = await harness.keys.sign('signing', bytes);
        if (declares('rotate')) await harness.keys.rotate('signing');
        const { pem } = await harness.keys.publicKey('signing', signature.version);
        const key = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' as const };
        assert.ok(verify('sha384', bytes, key, signature.bytes));
        assert.ok(!verify('sha384', Buffer.from('checkpoinT'), key, signature.bytes));
      });
    });

    describe('mac', () => {
      if (!declares('mac')) {
        it('refused as declared: Unsupported', () =>
          assert.rejects(harness.keys.mac('macs', Buffer.from('x')), (error) => isLakeError(error, 'Unsupported')));
        return;
      }
      it('is the same after a restart, and another of other bytes', async () => {
        const bytes = Buffer.from('message');
        const mac = Buffer.from(await harness.keys.mac('macs', bytes));
        assert.equal(mac.length, 32);
        assert.deepEqual(Buffer.from(await (await harness.reopen()).mac('macs', bytes)), mac);
        // Every byte counts, the last of a long message as well.
        const [one, other] = ['1', '2'].map((end) => harness.keys.mac('macs', Buffer.from(end.padStart(4096, 'm'))));
        assert.notDeepEqual(Buffer.from(await one!), Buffer.from(await other!));
        assert.notDeepEqual(Buffer.from(await harness.keys.mac('macs', Buffer.from('messagE'))), mac);
      });
    });

    describe('rotate', () => {
      if (!declares('rotate')) {
        it('refused as declared: Unsupported', () =>
          assert.rejects(harness.keys.rotate('data'), (error) => isLakeError(error, 'Unsupported')));
        return;
      }
      for (const [keyName, wrap] of [
        ['data', 'generateDataKey'],
        ['public', 'wrapWithPublicKey'],
      ] as const) {
        it(`what an older version of ${keyName} wrapped still opens, what is new has the new one`, async () => {
          const { plaintext, encrypted } = await harness.keys[wrap](keyName, context);
          assert.ok((await harness.keys.rotate(keyName)) > 1);
          const reopened = await harness.reopen();
          assert.deepEqual(Buffer.from(await reopened.unwrap(keyName, encrypted, context)), Buffer.from(plaintext));
          const newer = await harness.keys[wrap](keyName, context);
          assert.deepEqual(
            Buffer.from(await reopened.unwrap(keyName, newer.encrypted, context)),
            Buffer.from(newer.plaintext),
          );
        });
      }
    });

    describe('one use a key', () => {
      it('another use is InvalidArgument, a missing key NotFound', async () => {
        for (const [what, call] of [
          ['sign', () => harness.keys.sign('data', Buffer.from('x'))],
          ['mac', () => harness.keys.mac('data', Buffer.from('x'))],
          ['wrapWithPublicKey', () => harness.keys.wrapWithPublicKey('data', context)],
        ] as const)
          await assert.rejects(call(), (error) => isLakeError(error, 'InvalidArgument'), what);
        for (const call of [
          () => harness.keys.generateDataKey('absent', context),
          () => harness.keys.sign('absent', Buffer.from('x')),
          () => harness.keys.publicKey('absent'),
        ])
          await assert.rejects(call(), (error) => isLakeError(error, 'NotFound'));
      });
    });

    describe('disabled key', () => {
      it('neither wraps nor opens, and does both again when it is enabled', async function () {
        const { disable } = harness;
        if (disable === undefined) {
          this.runnable().title = 'not run: keys cannot be disabled here';
          return this.skip();
        }
        const { plaintext, encrypted } = await harness.keys.generateDataKey('data', context);
        const enable = await disable('data');
        await assert.rejects(harness.keys.generateDataKey('data', context), refused);
        await assert.rejects(harness.keys.unwrap('data', encrypted, context), refused);
        await enable();
        assert.deepEqual(Buffer.from(await harness.keys.unwrap('data', encrypted, context)), Buffer.from(plaintext));
      });
    });
  });
}
