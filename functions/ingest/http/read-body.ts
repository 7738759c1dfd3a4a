import { Refusal } from '../refusal';

export interface BodyLimits {
  /** Bytes of one request body. */
  readonly maxBytes: number;
  /** Milliseconds for a whole body to arrive. */
  readonly timeout: number;
  /** Entries of one Bundle: a transaction is one transaction of the ledger, and others wait for it. */
  readonly maxEntries: number;
}

/** Reads a body once, bounded in bytes and time: what is too long is refused before it is all here. */
export async function readBody(request: Request, { maxBytes, timeout }: BodyLimits): Promise<Uint8Array> {
  const tooLong = () =>
    Refusal.of(413, 'too-long', `The body is longer than ${maxBytes} bytes. Send smaller Bundles, or use $import.`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLong();
  if (request.body === null)
    throw Refusal.badRequest('required', 'The body is empty. Send a FHIR R4 resource as JSON.');
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(Refusal.of(408, 'timeout', `The body did not arrive within ${timeout / 1000} seconds. Send it again.`)),
      timeout,
    );
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) break;
      size += value.length;
      if (size > maxBytes) throw tooLong();
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
  if (size === 0) throw Refusal.badRequest('required', 'The body is empty. Send a FHIR R4 resource as JSON.');
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}
