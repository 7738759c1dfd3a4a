import type { Readable } from 'node:stream';
import { LakeError } from '../ports/errors';

/** The chunks of an answer's body; ends with `Unavailable` when none comes for so many milliseconds while one is waited for. */
export async function* untilIdle(body: Readable, milliseconds: number): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  const end = (): void => {
    body.destroy(new LakeError('Unavailable', 'The service stopped in the middle of its answer. Repeat later.'));
  };
  try {
    for (;;) {
      const timer = setTimeout(end, milliseconds);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value as Buffer;
    }
  } finally {
    body.destroy();
  }
}
