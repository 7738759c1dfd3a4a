import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { LakeError } from '../ports/errors';
import type { EncryptedDataKey, EncryptionContext } from '../ports/key-management';
import { serialiseContext } from './encryption-context';

/**
 * The message format of the AWS Encryption SDK, version 2, algorithm suite 0x0478: AES-256-GCM with HKDF-SHA-512 and key
 * commitment, framed, not signed
 * (https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html).
 */
const suite = Buffer.from([0x04, 0x78]);
const frameBytes = 64 * 1024;
const tagBytes = 16;
const finalMark = 0xffffffff;
const zeroIv = Buffer.alloc(12);

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const sized = (bytes: Uint8Array): Buffer => Buffer.concat([u16(bytes.length), bytes]);

function derivedKeys(dataKey: Uint8Array, messageId: Uint8Array): { key: Buffer; commitment: Buffer } {
  return {
    key: Buffer.from(hkdfSync('sha512', dataKey, messageId, Buffer.concat([suite, Buffer.from('DERIVEKEY')]), 32)),
    commitment: Buffer.from(hkdfSync('sha512', dataKey, messageId, 'COMMITKEY', 32)),
  };
}

function frameIv(sequence: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(sequence, 8);
  return iv;
}

function frameAad(messageId: Buffer, final: boolean, sequence: number, length: number): Buffer {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(length, 4);
  return Buffer.concat([messageId, Buffer.from(final ? 'AWSKMSEncryptionClient Final Frame' : 'AWSKMSEncryptionClient Frame'), u32(sequence), size]);
}

/** Seals a plaintext under a data key; the encrypted data keys and the context stand in the header. */
export function sealMessage(plaintext: Uint8Array, dataKey: Uint8Array, edks: readonly EncryptedDataKey[], context: EncryptionContext): Buffer {
  const messageId = randomBytes(32);
  const { key, commitment } = derivedKeys(dataKey, messageId);
  const header = Buffer.concat([
    Buffer.from([2]),
    suite,
    messageId,
    sized(serialiseContext(context)),
    u16(edks.length),
    ...edks.flatMap(({ providerId, providerInfo, ciphertext }) => [sized(Buffer.from(providerId)), sized(providerInfo), sized(ciphertext)]),
    Buffer.from([2]),
    u32(frameBytes),
    commitment,
  ]);
  const headerCipher = createCipheriv('aes-256-gcm', key, zeroIv).setAAD(header);
  headerCipher.final();
  const parts: Uint8Array[] = [header, headerCipher.getAuthTag()];
  for (let sequence = 1, at = 0; ; sequence += 1, at += frameBytes) {
    const final = plaintext.length - at <= frameBytes;
    const piece = plaintext.subarray(at, final ? plaintext.length : at + frameBytes);
    const iv = frameIv(sequence);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(frameAad(messageId, final, sequence, piece.length));
    parts.push(final ? Buffer.concat([u32(finalMark), u32(sequence), iv, u32(piece.length)]) : Buffer.concat([u32(sequence), iv]));
    parts.push(cipher.update(piece), cipher.final(), cipher.getAuthTag());
    if (final) return Buffer.concat(parts);
  }
}

export interface MessageHeader {
  readonly header: Buffer;
  readonly messageId: Buffer;
  readonly context: Buffer;
  readonly edks: readonly EncryptedDataKey[];
  readonly frameLength: number;
  readonly commitment: Buffer;
  readonly bodyAt: number;
}

const broken = (what: string): LakeError =>
  new LakeError('InvalidArgument', `The encrypted object is not whole: ${what}. It was changed or cut; restore it from a backup.`);

/** Reads and bounds-checks a header; nothing in it is trusted until `openMessage` has verified it. */
export function readHeader(message: Buffer): MessageHeader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw broken('its header is cut');
    at += length;
    return message.subarray(at - length, at);
  };
  if (take(1)[0] !== 2 || !take(2).equals(suite)) throw broken('its version or algorithm is not the one the lake writes');
  const messageId = take(32);
  const context = take(take(2).readUInt16BE());
  const edks = Array.from({ length: take(2).readUInt16BE() }, (): EncryptedDataKey => {
    const providerId = take(take(2).readUInt16BE()).toString('utf8');
    const providerInfo = take(take(2).readUInt16BE());
    return { providerId, providerInfo, ciphertext: take(take(2).readUInt16BE()) };
  });
  if (take(1)[0] !== 2) throw broken('its content is not framed');
  const frameLength = take(4).readUInt32BE();
  const commitment = take(32);
  const header = message.subarray(0, at);
  return { header, messageId, context, edks, frameLength, commitment, bodyAt: at };
}

/** Opens a message with the data key one of its encrypted data keys gave; refuses any change, cut or extra byte. */
export function openMessage(message: Buffer, parsed: MessageHeader, dataKey: Uint8Array): Buffer {
  const { header, messageId, frameLength, commitment, bodyAt } = parsed;
  const derived = derivedKeys(dataKey, messageId);
  if (!timingSafeEqual(derived.commitment, commitment)) throw broken('the data key is not the one it commits to');
  const decrypt = (iv: Buffer, aad: Buffer, ciphertext: Buffer, tag: Buffer): Buffer => {
    if (tag.length !== tagBytes) throw broken('a frame is cut');
    try {
      const decipher = createDecipheriv('aes-256-gcm', derived.key, iv).setAAD(aad).setAuthTag(tag);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch {
      throw broken('a part does not verify');
    }
  };
  let at = bodyAt;
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw broken('a frame is cut');
    at += length;
    return message.subarray(at - length, at);
  };
  decrypt(zeroIv, header, Buffer.alloc(0), take(tagBytes));
  const parts: Buffer[] = [];
  for (let sequence = 1; ; sequence += 1) {
    const mark = take(4).readUInt32BE();
    const final = mark === finalMark;
    if ((final ? take(4).readUInt32BE() : mark) !== sequence) throw broken('its frames are out of order');
    const iv = take(12);
    const length = final ? take(4).readUInt32BE() : frameLength;
    if (!iv.equals(frameIv(sequence)) || length > frameLength) throw broken('a frame is not as the format says');
    parts.push(decrypt(iv, frameAad(messageId, final, sequence, length), take(length), take(tagBytes)));
    if (!final) continue;
    if (at !== message.length) throw broken('there is more after its end');
    return Buffer.concat(parts);
  }
}
