import type { KeyObject } from 'node:crypto';
import { ByteReader } from './byte-reader';
import { FrameReader, finalOverhead, frameOverhead } from './envelope-frames';
import { broken, frameBytes, headerLength, type MessageHeader, readHeader, tagBytes } from './envelope-header';
import { beginMessage, type SealingKey } from './envelope-message';

const longestHeaderBytes = 512 * 1024;

/** Seals a stream frame by frame, in memory of about a frame. The message has the same form as a whole one. */
export async function* sealStream(
  source: AsyncIterable<Uint8Array>,
  sealingKey: () => Promise<SealingKey>,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  try {
    const key = await sealingKey();
    const start = Buffer.allocUnsafeSlow(headerLength(key.sharedHeader) + tagBytes);
    const { frames } = beginMessage(start, key);
    yield start;
    for (;;) {
      // The last frame is another kind of frame: look one byte ahead.
      const ahead = await reader.peek(frameBytes + 1);
      const final = ahead.length <= frameBytes;
      const content = await reader.take(frameBytes);
      const frame = Buffer.allocUnsafeSlow(content.length + (final ? finalOverhead : frameOverhead));
      frames.write(frame, 0, content, final);
      yield frame;
      if (final) return;
    }
  } finally {
    await reader.close();
  }
}

/**
 * Opens a stream. Each chunk given is authentic and in its place, but only the end of the stream shows that none is
 * missing: act on nothing before it.
 */
export async function* openStream(
  source: AsyncIterable<Uint8Array>,
  dataKeyOf: (header: MessageHeader) => Promise<KeyObject>,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(source);
  const take = async (length: number): Promise<Buffer> => {
    const bytes = await reader.take(length);
    if (bytes.length < length) throw broken('it is cut');
    return bytes;
  };
  try {
    const header = await readStreamHeader(reader);
    const frames = new FrameReader(header, await take(tagBytes), await dataKeyOf(header));
    for (;;) {
      const mark = await reader.peek(4);
      if (mark.length < 4) throw broken('it is cut');
      const start = frames.start(await take(FrameReader.isFinal(mark) ? 24 : 16));
      const sealed = await take(start.length + tagBytes);
      const content = frames.open(start, sealed.subarray(0, start.length), sealed.subarray(start.length));
      if (start.final && (await reader.peek(1)).length > 0) throw broken('there is more after its end');
      if (content.length > 0) yield content;
      if (start.final) return;
    }
  } finally {
    await reader.close();
  }
}

async function readStreamHeader(reader: ByteReader): Promise<MessageHeader> {
  for (let length = 4096; ; length *= 2) {
    const bytes = await reader.peek(length);
    const header = readHeader(bytes);
    if (header !== undefined) {
      // A copy: the reader's memory moves on.
      const kept = readHeader(Buffer.from(await reader.take(header.bytes.length)));
      if (kept !== undefined) return kept;
    }
    if (bytes.length < length || length >= longestHeaderBytes) throw broken('its header is cut');
  }
}
