import assert from 'node:assert/strict';
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import type { EncryptedDataKey, EncryptionContext } from '../../../adapters/ports/key-management';
import { serialiseContext } from '../../../adapters/shared/encryption-context';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import { serialiseSharedHeader } from '../../../adapters/shared/envelope-header';
import { sealMessage } from '../../../adapters/shared/envelope-message';

const frame = 65_536;
const frameWithOverhead = frame + 32;
const context: EncryptionContext = { zone: 'landing' };

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function joined(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('EnvelopeEncryption as streams', () => {
  const dataKey = randomBytes(32);
  const encrypted: EncryptedDataKey = {
    providerId: 'test',
    providerInfo: Buffer.from('key'),
    ciphertext: randomBytes(48),
  };
  const envelope = new EnvelopeEncryption({
    generateDataKey: async () => ({ plaintext: dataKey, encrypted }),
    unwrap: async () => dataKey,
  });
  const refused = (error: unknown) => isLakeError(error, 'InvalidArgument');

  it('whole and streamed are one format, whatever the chunks', async () => {
    const lengths = fc.constantFrom(0, 1, 1000, frame - 1, frame, frame + 1, 2 * frame, 2 * frame + 5);
    const sizes = fc.array(fc.constantFrom(0, 1000, 4096, 65_536, 200_000), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lengths, sizes, async (length, some) => {
        const plaintext = randomBytes(length);
        const chunking = [...some, 9973];
        const streamed = await joined(envelope.sealStream(pieces(plaintext, chunking), context));
        assert.ok(Buffer.from(await envelope.open(streamed, context)).equals(plaintext));
        const whole = await envelope.seal(plaintext, context);
        assert.equal(streamed.length, whole.length);
        assert.ok((await joined(envelope.openStream(pieces(whole, chunking), context))).equals(plaintext));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses frames that are moved, repeated, dropped or taken from another message, and cut or longer streams', async () => {
    const plaintext = randomBytes(3 * frame + 100);
    const message = Buffer.from(await envelope.seal(plaintext, context));
    const other = Buffer.from(await envelope.seal(plaintext, context));
    const body = message.length - 3 * frameWithOverhead - 100 - 40;
    const part = (of: Buffer, index: number) =>
      of.subarray(body + index * frameWithOverhead, body + (index + 1) * frameWithOverhead);
    const head = message.subarray(0, body);
    const [one, two, three] = [part(message, 0), part(message, 1), part(message, 2)];
    const last = message.subarray(body + 3 * frameWithOverhead);
    assert.ok(Buffer.concat([head, one, two, three, last]).equals(message));
    const forged = {
      moved: [head, two, one, three, last],
      repeated: [head, one, one, two, three, last],
      dropped: [head, one, three, last],
      'only the end': [head, last],
      'from another message': [head, one, part(other, 1), three, last],
      'header of another message': [other.subarray(0, body), one, two, three, last],
      'cut after a frame': [head, one, two],
      'cut before the end': [head, one, two, three],
      'cut in the final frame': [head, one, two, three, last.subarray(0, last.length - 1)],
      'cut in the header': [head.subarray(0, 40)],
      'only a header': [head],
      'nothing at all': [],
      'two ends': [head, one, two, three, last, last],
      'one byte more': [head, one, two, three, last, Buffer.from([0])],
    };
    for (const [what, parts] of Object.entries(forged)) {
      const sealed = Buffer.concat(parts);
      await assert.rejects(envelope.open(sealed, context), refused, what);
      await assert.rejects(joined(envelope.openStream(pieces(sealed, [frame]), context)), refused, `${what}, streamed`);
    }
  });

  it('gives only authentic chunks before it refuses', async () => {
    const plaintext = randomBytes(2 * frame + 7);
    const message = Buffer.from(await envelope.seal(plaintext, context));
    message[message.length - 1]! ^= 1;
    const seen: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const chunk of envelope.openStream(pieces(message, [10_000]), context)) seen.push(chunk);
    }, refused);
    assert.ok(Buffer.concat(seen).equals(plaintext.subarray(0, 2 * frame)));
  });

  it('refuses headers that ask for much memory before they are verified', async () => {
    const message = Buffer.from(await envelope.seal(Buffer.from('x'), context));
    const contextLength = message.readUInt16BE(35);
    const count = 37 + contextLength;
    const many = Buffer.from(message);
    many.writeUInt16BE(0xffff, count);
    const none = Buffer.from(message);
    none.writeUInt16BE(0, count);
    const frameLengthAt = message.length - 1 - 40 - 16 - 32 - 4;
    assert.equal(message.readUInt32BE(frameLengthAt), frame);
    const longFrames = Buffer.from(message);
    longFrames.writeUInt32BE(0xffff_ffff, frameLengthAt);
    for (const sealed of [many, none, longFrames]) {
      await assert.rejects(envelope.open(sealed, context), refused);
      await assert.rejects(joined(envelope.openStream(pieces(sealed, [50]), context)), refused);
    }
  });

  it('streams 32 MiB both ways without holding it, and closes a source that is no longer read', async () => {
    let ahead = 0;
    let most = 0;
    let closed = false;
    const source = async function* () {
      try {
        for (let index = 0; index < 512; index++) {
          ahead += frame;
          most = Math.max(most, ahead);
          yield Buffer.alloc(frame, index);
        }
      } finally {
        closed = true;
      }
    };
    const hash = createHash('sha256');
    for await (const chunk of envelope.openStream(envelope.sealStream(source(), context), context)) {
      ahead -= chunk.length;
      hash.update(chunk);
    }
    const expected = createHash('sha256');
    for (let index = 0; index < 512; index++) expected.update(Buffer.alloc(frame, index));
    assert.equal(hash.digest('hex'), expected.digest('hex'));
    assert.ok(most <= 8 * frame, `${most} bytes were read ahead`);
    closed = false;
    for await (const chunk of envelope.openStream(envelope.sealStream(source(), context), context)) {
      if (chunk.length > 0) break;
    }
    assert.ok(closed);
  });

  it('a message under several keys opens with the one the reader has; an answerless service is Unavailable', async () => {
    const named = (name: string): EncryptedDataKey => ({ ...encrypted, providerInfo: Buffer.from(name) });
    const sharedHeader = serialiseSharedHeader(serialiseContext(context), [named('first'), named('second')]);
    const message = sealMessage(Buffer.from('twice'), { dataKey: createSecretKey(dataKey), sharedHeader });
    const reader = (answers: Record<string, 'ok' | 'PermissionDenied' | 'Unavailable'>) =>
      new EnvelopeEncryption({
        unwrap: async ({ providerInfo }) => {
          const answer = answers[Buffer.from(providerInfo).toString()];
          if (answer === 'ok') return dataKey;
          throw new LakeError(answer ?? 'Unknown', 'refused');
        },
      });
    for (const answers of [
      { first: 'ok' },
      { first: 'PermissionDenied', second: 'ok' },
      { first: 'Unavailable', second: 'ok' },
    ] as const) {
      assert.equal(Buffer.from(await reader(answers).open(message, context)).toString(), 'twice');
    }
    const denied = reader({ first: 'PermissionDenied', second: 'PermissionDenied' }).open(message, context);
    await assert.rejects(denied, (error) => isLakeError(error, 'PermissionDenied'));
    const down = reader({ first: 'Unavailable', second: 'PermissionDenied' }).open(message, context);
    await assert.rejects(down, (error) => isLakeError(error, 'Unavailable'));
  });
});
