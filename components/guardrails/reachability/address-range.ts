import { isIPv4, isIPv6 } from 'node:net';

/** A block of addresses, of one family. */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const bits = { 4: 32, 6: 128 } as const;

/** The range of a CIDR block; everything of both families where it cannot be read, so that nothing hides behind it. */
export function rangesOf(cidr: string): readonly AddressRange[] {
  const [address = '', length] = cidr.split('/');
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  if (family === undefined) return everywhere;
  const wide = BigInt(bits[family]);
  const prefix = BigInt(length ?? bits[family]);
  const number = family === 4 ? numberOf4(address) : numberOf6(address);
  const size = 1n << (wide - prefix);
  const first = (number / size) * size;
  return [{ family, first, last: first + size - 1n }];
}

const numberOf4 = (address: string): bigint => address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);

function numberOf6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): readonly string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const [before, after] = [groups(head), groups(tail)];
  const middle = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...middle, ...after].reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n);
}

export const everywhere: readonly AddressRange[] = [
  { family: 4, first: 0n, last: (1n << 32n) - 1n },
  { family: 6, first: 0n, last: (1n << 128n) - 1n },
];

/** What two lists of ranges have in common. */
export const common = (some: readonly AddressRange[], others: readonly AddressRange[]): readonly AddressRange[] =>
  some.flatMap((one) =>
    others.flatMap((other) => {
      if (one.family !== other.family) return [];
      const first = one.first > other.first ? one.first : other.first;
      const last = one.last < other.last ? one.last : other.last;
      return first > last ? [] : [{ family: one.family, first, last }];
    }),
  );

/** What is left of ranges when others are taken out. */
export function without(some: readonly AddressRange[], others: readonly AddressRange[]): readonly AddressRange[] {
  return others.reduce<readonly AddressRange[]>(
    (left, { family, first, last }) =>
      left.flatMap((one) => {
        if (one.family !== family || one.last < first || one.first > last) return [one];
        return [
          ...(one.first < first ? [{ family, first: one.first, last: first - 1n }] : []),
          ...(one.last > last ? [{ family, first: last + 1n, last: one.last }] : []),
        ];
      }),
    some,
  );
}

/** Addresses that no internet gateway carries: RFC 1918, 6598, 3927 and 4193, loopback and link-local. */
export const unrouted: readonly AddressRange[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
].flatMap(rangesOf);

/** A range that is as good as everywhere: shorter than any site's, so that two halves of it are no better than the whole. */
export const isEverywhere = (cidr: string): boolean => {
  const [address = '', length = ''] = cidr.split('/');
  return Number(length) < (address.includes(':') ? 9 : 8);
};
