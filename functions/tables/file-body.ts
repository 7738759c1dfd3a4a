import { createReadStream } from 'node:fs';

/**
 * The bytes of a file, opened when they are first asked for. A read stream opens at once, and one that a failed call never reads fails
 * by itself when its file goes, outside of every promise: that ends the process.
 */
export async function* fileBody(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Uint8Array>;
}
