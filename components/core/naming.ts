import { createHash } from 'node:crypto';

/** What a kind of name may hold. */
interface NameRule {
  /** Characters; a longer name is cut and ends in a hash of the whole. */
  readonly longest: number;
  readonly separator: '-' | '_';
}

const rules = {
  /** RFC 1123 label: namespaces, services, Knative services (Kubernetes, "Object Names and IDs"). */
  label: { longest: 63, separator: '-' },
  /** S3 bucket: 3 to 63 of a-z, 0-9 and `-`; dots break TLS wildcards and are not used. */
  bucket: { longest: 63, separator: '-' },
  /** What stands before the account and the region in the name of a bucket of an account's own namespace (63 in all). */
  bucketPrefix: { longest: 36, separator: '-' },
  /** Access point of S3, 3 to 50 of a-z, 0-9 and `-` (Amazon S3 User Guide, "Access points restrictions and limitations"). */
  accessPoint: { longest: 50, separator: '-' },
  /** Vaults, plans and selections of AWS Backup, 2 to 50 of letters, digits, `-` and `_` (AWS Backup API Reference). */
  backup: { longest: 50, separator: '-' },
  /** PostgreSQL identifier, 63 bytes (`NAMEDATALEN` - 1). */
  database: { longest: 63, separator: '_' },
} as const satisfies Record<string, NameRule>;

export type NameKind = keyof typeof rules;

const hashLength = 8;

/**
 * The one place where names are made: lower case, joined by the kind's separator, begun by a letter. Where the parts had to be
 * changed (cut, other characters) or could be read in two ways (a separator before the last part) a hash of the exact parts
 * follows, so that two different lists of one length never give one name.
 *
 * @throws RangeError when no part holds a letter or digit.
 */
export function nameOf(kind: NameKind, ...parts: readonly string[]): string {
  const { longest, separator } = rules[kind];
  const clean = parts.map((part) =>
    part
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, separator)
      .replace(/^[-_]+|[-_]+$/g, ''),
  );
  if (clean.every((part) => part === '')) throw new RangeError('A name needs a letter or a digit. Give another name.');
  const joined = clean.filter((part) => part !== '').join(separator);
  const begun = /^[a-z]/.test(joined) ? joined : `x${separator}${joined}`;
  const exact =
    begun === joined &&
    parts.every((part, index) => part === clean[index] && part !== '') &&
    parts.slice(0, -1).every((part) => !part.includes(separator));
  if (exact && begun.length <= longest && begun.length >= 3) return begun;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hashLength);
  const room = longest - hashLength - 1;
  return `${begun.slice(0, room).replace(/[-_]+$/, '')}${separator}${hash}`;
}
