import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../../adapters/local/file-key-management';
import { isLakeError } from '../../../adapters/ports/errors';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import vectors from './vectors/encryption-sdk.json';

/** Messages that the official SDK made; tests/interop makes fresh ones where the SDKs are installed. */
describe('messages of the AWS Encryption SDK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-vectors-'));
  for (const [name, file] of Object.entries(vectors.keys)) {
    writeFileSync(join(folder, `${name}.1.json`), JSON.stringify(file), { mode: 0o600 });
  }
  const keys = new FileKeyManagement(folder);
  const under = (name: string) =>
    new EnvelopeEncryption({ unwrap: (encrypted, context) => keys.unwrap(name, encrypted, context) });
  after(() => rmSync(folder, { recursive: true }));

  for (const { what, keys: names, length, context, message } of vectors.messages) {
    it(`${what}: opens under ${names.join(' and under ')}, and under no other key or context`, async () => {
      const sealed = Buffer.from(message, 'base64');
      const expected = Buffer.from(Array.from({ length }, (_, index) => index % 251));
      for (const name of names) {
        assert.ok(Buffer.from(await under(name).open(sealed, context)).equals(expected));
        const streamed: Uint8Array[] = [];
        for await (const chunk of under(name).openStream(bytewise(sealed), context)) streamed.push(chunk);
        assert.ok(Buffer.concat(streamed).equals(expected));
      }
      const other = Object.keys(vectors.keys).find((name) => !names.includes(name));
      if (other !== undefined) {
        await assert.rejects(under(other).open(sealed, context), (error) => isLakeError(error, 'PermissionDenied'));
      }
      const wrong = { ...context, zone: 'another' };
      await assert.rejects(under(names[0]!).open(sealed, wrong), (error) => isLakeError(error, 'InvalidArgument'));
    });
  }

  for (const { what, context, message } of vectors.refused) {
    it(`refuses ${what}`, async () => {
      const sealed = Buffer.from(message, 'base64');
      await assert.rejects(under('aes').open(sealed, context), (error) => isLakeError(error, 'InvalidArgument'));
    });
  }
});

async function* bytewise(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}
