import { type KeyObject, randomBytes } from 'node:crypto';
import { FrameReader, FrameWriter, finalOverhead, frameOverhead, moveInto } from './envelope-frames';
import {
  broken,
  derivedKeys,
  frameBytes,
  headerLength,
  type MessageHeader,
  readHeader,
  tagBytes,
  writeHeader,
} from './envelope-header';

/** A data key and the part of the header that its messages share. */
export interface SealingKey {
  readonly dataKey: KeyObject;
  readonly sharedHeader: Buffer;
}

/** Begins a message: its header with tag at the beginning of `target`, and the writer of its frames. */
export function beginMessage(
  target: Buffer,
  { dataKey, sharedHeader }: SealingKey,
): { frames: FrameWriter; end: number } {
  const messageId = randomBytes(32);
  const { key, commitment } = derivedKeys(dataKey, messageId);
  const frames = new FrameWriter(key, messageId);
  const length = headerLength(sharedHeader);
  writeHeader(target, messageId, sharedHeader, commitment);
  frames.headerTag(target.subarray(0, length)).copy(target, length);
  return { frames, end: length + tagBytes };
}

/** Seals a whole plaintext. */
export function sealMessage(plaintext: Uint8Array, key: SealingKey): Buffer {
  const ordinary = Math.max(0, Math.ceil(plaintext.length / frameBytes) - 1);
  const size = headerLength(key.sharedHeader) + tagBytes + ordinary * frameOverhead + finalOverhead + plaintext.length;
  const message = Buffer.allocUnsafeSlow(size);
  const { frames, end } = beginMessage(message, key);
  let at = end;
  for (let from = 0; ; from += frameBytes) {
    const final = plaintext.length - from <= frameBytes;
    at = frames.write(message, at, plaintext.subarray(from, final ? plaintext.length : from + frameBytes), final);
    if (final) return message;
  }
}

/** The header of a whole message. `InvalidArgument` when it is none. */
export function headerOf(message: Buffer): MessageHeader {
  const header = readHeader(message);
  if (header === undefined) throw broken('its header is cut');
  return header;
}

/** Opens a whole message; refuses any change, cut or extra byte with `InvalidArgument` and gives nothing of it. */
export function openMessage(message: Buffer, header: MessageHeader, dataKey: KeyObject): Buffer {
  let at = header.bytes.length;
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw broken('it is cut');
    at += length;
    return message.subarray(at - length, at);
  };
  const frames = new FrameReader(header, take(tagBytes), dataKey);
  // Longer than the content by what stands between its frames.
  const plaintext = Buffer.allocUnsafeSlow(message.length - at);
  let length = 0;
  for (;;) {
    const mark = take(4);
    at -= 4;
    const start = frames.start(take(FrameReader.isFinal(mark) ? 24 : 16));
    const ciphertext = take(start.length);
    length += moveInto(plaintext, length, frames.open(start, ciphertext, take(tagBytes)));
    if (!start.final) continue;
    if (at !== message.length) throw broken('there is more after its end');
    return plaintext.subarray(0, length);
  }
}
