import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { LakeError } from '../ports/errors';
import type { EncryptedDataKey } from '../ports/key-management';

/**
 * The header of the AWS Encryption SDK message format, version 2, algorithm suite 0x0478: AES-256-GCM with HKDF-SHA-512
 * and key commitment, framed, not signed
 * (https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html).
 */
const messageVersion = 2;
const suite = 0x0478;
const framed = 2;
const longestFrameBytes = 16 * 1024 * 1024;
const mostDataKeys = 16;

export const frameBytes = 64 * 1024;
export const tagBytes = 16;

export interface MessageHeader {
  /** The bytes that the header's tag authenticates. */
  readonly bytes: Buffer;
  readonly messageId: Buffer;
  /** Serialised, see `serialiseContext`. */
  readonly context: Buffer;
  readonly edks: readonly EncryptedDataKey[];
  readonly frameLength: number;
  readonly commitment: Buffer;
}

/** The error of every message that is not, bit by bit, what was sealed. */
export function broken(what: string): LakeError {
  return new LakeError(
    'InvalidArgument',
    `The encrypted object is not whole: ${what}. It was changed or cut; restore it from a backup.`,
  );
}

const deriveInfo = Buffer.concat([Buffer.from([suite >> 8, suite & 0xff]), Buffer.from('DERIVEKEY')]);
const commitInfo = Buffer.from('COMMITKEY');

/**
 * The key of the content and the commitment to it: HKDF-SHA-512 (RFC 5869) of the data key with the message id as salt.
 * KeyObjects throughout: Node takes four times as long over a key given as bytes.
 */
export function derivedKeys(dataKey: KeyObject, messageId: Uint8Array): { key: KeyObject; commitment: Buffer } {
  return {
    key: createSecretKey(Buffer.from(hkdfSync('sha512', dataKey, messageId, deriveInfo, 32))),
    commitment: Buffer.from(hkdfSync('sha512', dataKey, messageId, commitInfo, 32)),
  };
}

/** What all messages under the same wrapped data keys share: context and data keys as they stand in a header. */
export function serialiseSharedHeader(context: Buffer, edks: readonly EncryptedDataKey[]): Buffer {
  const parts: Uint8Array[] = [];
  const number = (value: number): void => {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeUInt16BE(value);
    parts.push(bytes);
  };
  const sized = (bytes: Uint8Array): void => {
    number(bytes.length);
    parts.push(bytes);
  };
  sized(context);
  number(edks.length);
  for (const { providerId, providerInfo, ciphertext } of edks) {
    sized(Buffer.from(providerId));
    sized(providerInfo);
    sized(ciphertext);
  }
  return Buffer.concat(parts);
}

export function headerLength(shared: Buffer): number {
  return 3 + 32 + shared.length + 5 + 32;
}

/** Writes a header, without its tag, to the beginning of `target`. */
export function writeHeader(target: Buffer, messageId: Buffer, shared: Buffer, commitment: Buffer): void {
  target[0] = messageVersion;
  target.writeUInt16BE(suite, 1);
  messageId.copy(target, 3);
  shared.copy(target, 35);
  const at = 35 + shared.length;
  target[at] = framed;
  target.writeUInt32BE(frameBytes, at + 1);
  commitment.copy(target, at + 5);
}

/**
 * Reads and bounds-checks a header; undefined when the bytes end before it does. Nothing in it may be trusted until its
 * tag has been verified.
 */
export function readHeader(message: Buffer): MessageHeader | undefined {
  let at = 0;
  let cut = false;
  const take = (length: number): Buffer => {
    const bytes = message.subarray(at, at + length);
    cut ||= bytes.length < length;
    at += length;
    return bytes;
  };
  const size = (): number => {
    const bytes = take(2);
    return cut ? 0 : bytes.readUInt16BE();
  };
  const start = take(3);
  if (cut) return undefined;
  if (start[0] !== messageVersion || start.readUInt16BE(1) !== suite) {
    throw broken('its version or algorithm is not the one the lake writes');
  }
  const messageId = take(32);
  const context = take(size());
  const count = size();
  if (!cut && (count === 0 || count > mostDataKeys)) throw broken('it has no or too many encrypted data keys');
  const edks: EncryptedDataKey[] = [];
  for (let index = 0; index < count && !cut; index++) {
    edks.push({ providerId: take(size()).toString('utf8'), providerInfo: take(size()), ciphertext: take(size()) });
  }
  const content = take(5);
  const commitment = take(32);
  if (cut) return undefined;
  const frameLength = content.readUInt32BE(1);
  if (content[0] !== framed || frameLength === 0 || frameLength > longestFrameBytes) {
    throw broken('its content is not in frames of an allowed length');
  }
  return { bytes: message.subarray(0, at), messageId, context, edks, frameLength, commitment };
}
