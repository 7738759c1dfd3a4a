export interface BodyPart {
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
  readonly last: boolean;
}

/** S3 allows 10,000 parts and Azure 50,000 blocks: the size doubles every 1,000, which reaches 8 TiB from 8 MiB. */
export function partBytes(smallest: number, number: number): number {
  return smallest * 2 ** Math.floor((number - 1) / 1000);
}

/** A body cut into parts for upload, at most two in memory; the last is known as such, an empty body is one empty part. */
export async function* bodyParts(chunks: AsyncIterable<Uint8Array>, smallest: number): AsyncGenerator<BodyPart> {
  let held: Uint8Array[] = [];
  let size = 0;
  let number = 1;
  for await (const chunk of chunks) {
    let from = 0;
    while (size + chunk.length - from > partBytes(smallest, number)) {
      const room = partBytes(smallest, number) - size;
      held.push(chunk.subarray(from, from + room));
      from += room;
      yield { bytes: Buffer.concat(held), number, last: false };
      held = [];
      size = 0;
      number += 1;
    }
    // A copy: a source may use its buffer again.
    const rest = Uint8Array.prototype.slice.call(chunk, from);
    held.push(rest);
    size += rest.length;
  }
  yield { bytes: Buffer.concat(held), number, last: true };
}
