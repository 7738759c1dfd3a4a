import { LakeError } from '../../adapters/ports/errors';

const newline = 10;

/**
 * The lines of a stream of bytes, one at a time, in the memory of the longest: an array of parts joined when its end is seen.
 *
 * @throws LakeError `InvalidArgument` when a line is longer than `maxBytes`.
 */
export async function* ndjsonLines(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array): void => {
    size += part.length;
    if (size > maxBytes)
      throw new LakeError(
        'InvalidArgument',
        `A line is longer than ${maxBytes} bytes. Send one resource on each line.`,
      );
    parts.push(part);
  };
  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, end));
      yield parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
      parts = [];
      size = 0;
      from = end + 1;
    }
    // A copy: the memory of the chunk may be used again by its source.
    if (from < chunk.length) take(Uint8Array.prototype.slice.call(chunk, from));
  }
  if (size > 0) yield Buffer.concat(parts, size);
}
