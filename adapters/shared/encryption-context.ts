import { LakeError } from '../ports/errors';
import type { EncryptionContext } from '../ports/key-management';

/**
 * The context as the AWS Encryption SDK writes it: count, then names and values with their lengths, sorted by the UTF-8
 * bytes of the names; nothing at all when it is empty
 * (https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html#header-aad).
 */
export function serialiseContext(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
  if (pairs.length === 0) return Buffer.alloc(0);
  pairs.sort(([left], [right]) => Buffer.compare(left, right));
  const parts = [uint16(pairs.length)];
  for (const [name, value] of pairs) {
    // Names that begin with "aws-crypto-" are the format's own.
    if (name.length === 0 || name.toString('latin1').startsWith('aws-crypto-')) throw invalid();
    parts.push(uint16(name.length), name, uint16(value.length), value);
  }
  const bytes = Buffer.concat(parts);
  if (bytes.length > 0xffff) throw invalid();
  return bytes;
}

function uint16(value: number): Buffer {
  if (value > 0xffff) throw invalid();
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function invalid(): LakeError {
  return new LakeError(
    'InvalidArgument',
    'An encryption context holds at most 64 KiB of names and values; a name is not empty and not "aws-crypto-…".',
  );
}
