import type { EncryptionContext } from '../ports/key-management';

const sized = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
};

/** The context as the AWS Encryption SDK writes it: count, then names and values with their lengths, sorted by UTF-8 bytes. */
export function serialiseContext(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  if (pairs.length === 0) return Buffer.alloc(0);
  const count = Buffer.alloc(2);
  count.writeUInt16BE(pairs.length);
  return Buffer.concat([count, ...pairs.flatMap(([name, value]) => [sized(name), sized(value)])]);
}
