import { LakeError } from '../../adapters/ports/errors';

/**
 * JSON in its one canonical form (RFC 8785, JSON Canonicalization Scheme): members sorted by UTF-16 code units, numbers
 * and strings as ECMAScript writes them, no white space. Members that are `undefined` are left out, as JSON does.
 *
 * @throws LakeError `InvalidArgument` for what has no canonical form: NaN, infinities, lone surrogates, other types.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw noCanonicalForm('a number that is not finite');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw noCanonicalForm(`a ${typeof value}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // The default order of Array.sort is that of UTF-16 code units, which is what RFC 8785 section 3.2.3 asks for.
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${canonicalString(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function canonicalString(text: string): string {
  // RFC 8785 section 3.2.2.2: a lone surrogate is an error, JSON.stringify would escape it.
  if (!text.isWellFormed()) throw noCanonicalForm('text with a lone surrogate');
  return JSON.stringify(text);
}

function noCanonicalForm(what: string): LakeError {
  return new LakeError(
    'InvalidArgument',
    `Canonical JSON was asked of ${what}. Give null, booleans, finite numbers, well-formed text, arrays and objects only.`,
  );
}
