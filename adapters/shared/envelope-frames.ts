import { createCipheriv, createDecipheriv, type KeyObject, timingSafeEqual } from 'node:crypto';
import { broken, derivedKeys, type MessageHeader, tagBytes } from './envelope-header';

const algorithm = 'aes-256-gcm';
const finalMark = 0xffffffff;
const zeroIv = Buffer.alloc(12);
const nothing = Buffer.alloc(0);
const frameLabel = Buffer.from('AWSKMSEncryptionClient Frame');
const finalLabel = Buffer.from('AWSKMSEncryptionClient Final Frame');

/** Bytes of a frame besides its content: sequence, IV, tag; the final one has a mark and a length as well. */
export const frameOverhead = 4 + 12 + tagBytes;
export const finalOverhead = frameOverhead + 8;

/**
 * Copies what a cipher gave and frees it at once. Each call of a cipher gives memory of its own; left to the collector, frames of
 * large objects have it mark the whole heap every few dozen megabytes, which cost as much as the encryption.
 */
export function moveInto(target: Buffer, at: number, given: Buffer<ArrayBuffer>): number {
  const length = given.copy(target, at);
  if (given.byteLength === given.buffer.byteLength) given.buffer.transfer(0);
  return length;
}

/**
 * The frames of one message: each is bound by its authenticated data to the message id, its sequence number, its length
 * and to being the last or not, so that none can be moved, dropped, repeated or added.
 */
class Frames {
  protected readonly key: KeyObject;
  readonly #frameAad: Buffer;
  readonly #finalAad: Buffer;
  readonly #iv = Buffer.alloc(12);
  protected sequence = 0;

  constructor(key: KeyObject, messageId: Buffer) {
    this.key = key;
    this.#frameAad = Buffer.concat([messageId, frameLabel, Buffer.alloc(12)]);
    this.#finalAad = Buffer.concat([messageId, finalLabel, Buffer.alloc(12)]);
  }

  protected next(final: boolean, length: number): { iv: Buffer; aad: Buffer } {
    this.sequence += 1;
    // The number of an ordinary frame must not be the mark of the final one.
    if (this.sequence >= finalMark) throw broken('it has too many frames');
    const aad = final ? this.#finalAad : this.#frameAad;
    aad.writeUInt32BE(this.sequence, aad.length - 12);
    // The length is 64 bits wide; a frame never needs the upper half.
    aad.writeUInt32BE(length, aad.length - 4);
    this.#iv.writeUInt32BE(this.sequence, 8);
    return { iv: this.#iv, aad };
  }
}

export class FrameWriter extends Frames {
  /** The tag of the header: an empty content under IV zero. */
  headerTag(header: Buffer): Buffer {
    const cipher = createCipheriv(algorithm, this.key, zeroIv).setAAD(header);
    cipher.final();
    return cipher.getAuthTag();
  }

  /** Writes the next frame at `at`; gives where it ends. */
  write(target: Buffer, at: number, content: Uint8Array, final: boolean): number {
    const { iv, aad } = this.next(final, content.length);
    let to = at;
    if (final) to = target.writeUInt32BE(finalMark, to);
    to = target.writeUInt32BE(this.sequence, to);
    to += iv.copy(target, to);
    if (final) to = target.writeUInt32BE(content.length, to);
    const cipher = createCipheriv(algorithm, this.key, iv).setAAD(aad);
    to += moveInto(target, to, cipher.update(content));
    cipher.final();
    return to + cipher.getAuthTag().copy(target, to);
  }
}

/** What stands before the content of a frame. */
export interface FrameStart {
  readonly final: boolean;
  readonly length: number;
}

export class FrameReader extends Frames {
  readonly #frameLength: number;

  /** Checks that the data key is the one the message commits to, and the header's tag; `InvalidArgument` otherwise. */
  constructor(header: MessageHeader, tag: Buffer, dataKey: KeyObject) {
    const { key, commitment } = derivedKeys(dataKey, header.messageId);
    if (!timingSafeEqual(commitment, header.commitment)) throw broken('the data key is not the one it commits to');
    super(key, header.messageId);
    this.#frameLength = header.frameLength;
    this.#open(zeroIv, header.bytes, nothing, tag);
  }

  static isFinal(mark: Buffer): boolean {
    return mark.readUInt32BE() === finalMark;
  }

  /** Checks the bytes before the content: 16 of an ordinary frame, 24 of the final one. */
  start(bytes: Buffer): FrameStart {
    const final = FrameReader.isFinal(bytes);
    const at = final ? 4 : 0;
    const length = final ? bytes.readUInt32BE(20) : this.#frameLength;
    const expected = this.sequence + 1;
    if (bytes.readUInt32BE(at) !== expected) throw broken('its frames are out of order');
    const iv = bytes.subarray(at + 4, at + 16);
    if (
      !iv.subarray(0, 8).equals(zeroIv.subarray(0, 8)) ||
      iv.readUInt32BE(8) !== expected ||
      length > this.#frameLength
    ) {
      throw broken('a frame is not as the format says');
    }
    return { final, length };
  }

  open({ final, length }: FrameStart, ciphertext: Buffer, tag: Buffer): Buffer<ArrayBuffer> {
    const { iv, aad } = this.next(final, length);
    return this.#open(iv, aad, ciphertext, tag);
  }

  #open(iv: Buffer, aad: Buffer, ciphertext: Buffer, tag: Buffer): Buffer<ArrayBuffer> {
    try {
      const decipher = createDecipheriv(algorithm, this.key, iv, { authTagLength: tagBytes });
      decipher.setAAD(aad).setAuthTag(tag);
      const content = decipher.update(ciphertext);
      decipher.final();
      return content;
    } catch {
      throw broken('a part does not verify');
    }
  }
}
