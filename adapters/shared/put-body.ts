import { createHash } from 'node:crypto';
import { LakeError } from '../ports/errors';
import type { GetOptions, ObjectBody, ObjectStoreCapability, PutOptions } from '../ports/object-store';
import { requireCapability } from './object-capabilities';

/** What every adapter checks of a put before any call. `InvalidArgument` or `Unsupported`. */
export function checkPutOptions(options: PutOptions, capabilities: ReadonlySet<ObjectStoreCapability>): void {
  if (options.retainUntil !== undefined) requireCapability(capabilities, 'retention');
  if (options.sha256 !== undefined && !/^[0-9a-f]{64}$/.test(options.sha256)) {
    throw new LakeError('InvalidArgument', 'sha256 must be 64 lower-case hexadecimal digits.');
  }
  checkMetadata(options.metadata ?? {});
  throwIfCancelled(options.signal);
}

/** Names that an HTTP header and a C# identifier (the rule of Azure Blob metadata) both allow; 2 KiB as in S3. */
function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    bytes += name.length + value.length;
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new LakeError('InvalidArgument', 'A metadata name must be a-z, 0-9 and "_", beginning with a letter.');
    }
    if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) {
      throw new LakeError(
        'InvalidArgument',
        'A metadata value must be printable ASCII, not empty, without outer spaces.',
      );
    }
  }
  if (bytes > 2048) throw new LakeError('InvalidArgument', 'Metadata must be at most 2,048 bytes in all.');
}

/** What every adapter checks of a read before any call. */
export function checkGetOptions(
  { range, version, signal }: GetOptions,
  capabilities: ReadonlySet<ObjectStoreCapability>,
): void {
  if (version !== undefined) requireCapability(capabilities, 'versions');
  if (range !== undefined) checkRange(range);
  throwIfCancelled(signal);
}

/** A cancelled call is `Unavailable` with the reason of the signal as its cause. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new LakeError('Unavailable', 'The call was cancelled.', { cause: signal.reason });
}

/**
 * The body in chunks, with its SHA-256 checked at the end: a body that differs throws `InvalidArgument` instead of
 * ending, so a store that publishes only after the last chunk keeps nothing.
 */
export async function* checkedChunks(body: ObjectBody, options: PutOptions): AsyncGenerator<Uint8Array> {
  const hash = options.sha256 === undefined ? undefined : createHash('sha256');
  throwIfCancelled(options.signal);
  for await (const chunk of body instanceof Uint8Array ? [body] : untilCancelled(body, options.signal)) {
    if (chunk.byteLength === 0) continue;
    hash?.update(chunk);
    yield chunk;
  }
  throwIfCancelled(options.signal);
  if (hash !== undefined && hash.digest('hex') !== options.sha256) {
    throw new LakeError(
      'InvalidArgument',
      'The body does not match the given SHA-256; nothing was stored. Send it again.',
    );
  }
}

/** The chunks of a source; a cancellation also ends the wait for a source that gives nothing. */
async function* untilCancelled(
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  let cancel = () => {};
  const cancelled = new Promise<undefined>((resolve) => {
    cancel = () => resolve(undefined);
    signal.addEventListener('abort', cancel, { once: true });
  });
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      throwIfCancelled(signal);
      const next = await Promise.race([iterator.next(), cancelled]);
      if (next === undefined) continue;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    // Not awaited: a source that hangs would hang here as well.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** A range within an object of `size` bytes as first byte and length; RFC 9110 section 14.1.2 cuts `end` at the size. */
export function resolveRange(range: GetOptions['range'], size: number): { start: number; length: number } {
  if (range === undefined) return { start: 0, length: size };
  checkRange(range);
  if (range.start >= size) {
    throw new LakeError('InvalidArgument', 'The byte range begins behind the end of the object.');
  }
  const end = Math.min(range.end ?? size - 1, size - 1);
  return { start: range.start, length: end - range.start + 1 };
}

export function checkRange(range: { start: number; end?: number }): void {
  const { start, end = start } = range;
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
    throw new LakeError('InvalidArgument', 'A byte range needs whole numbers with 0 <= start <= end.');
  }
}
