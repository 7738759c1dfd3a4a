import { Refusal } from '../refusal';

export interface BodyLimits {
  /** Bytes of one request body. */
  readonly maxBytes: number;
  /** Milliseconds for a whole body to arrive. */
  readonly timeout: number;
  /** Entries of one Bundle: a transaction is one transaction of the ledger, and others wait for it. */
  readonly maxEntries: number;
}

/** Reads a body that must be there. */
export async function readBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  const bytes = await readBytes(request, limits);
  if (bytes.length === 0) throw Refusal.badRequest('required', 'The body is empty. Send a FHIR R4 resource as JSON.');
  return bytes;
}

/** Reads a body once, bounded in bytes and time: what is too long is refused before it is all here. */
export async function readBytes(request: Request, { maxBytes, timeout }: BodyLimits): Promise<Uint8Array> {
  const tooLong = () =>
    Refusal.of(413, 'too-long', `The body is longer than ${maxBytes} bytes. Send smaller Bundles, or use $import.`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLong();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(timeout)), timeout);
  });
  try {
    // A stated length is the length: HTTP ends the body there, so no more than was allowed is taken into memory.
    return request.headers.has('content-length')
      ? new Uint8Array(await Promise.race([request.arrayBuffer(), late]))
      : await readChunks(request, maxBytes, tooLong, late);
  } finally {
    clearTimeout(timer);
  }
}

/** RFC 9110 section 15.5.9: what is still to come of the body goes with the connection. */
const tooLate = (timeout: number): Refusal =>
  Refusal.of(408, 'timeout', `The body did not arrive within ${timeout / 1000} seconds. Send it again.`, undefined, {
    connection: 'close',
  });

async function readChunks(
  { body }: Request,
  maxBytes: number,
  tooLong: () => Refusal,
  late: Promise<never>,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
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
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}
