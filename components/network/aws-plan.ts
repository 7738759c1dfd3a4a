import { BlockList } from 'node:net';

/** Rows of subnets, one subnet of each row in every availability zone. */
export const awsTiers = {
  /** Functions of the lake and the jobs that build its tables; those of the identity zone; databases; ways to services. */
  lake: ['lake', 'identity', 'state', 'endpoints'],
  /** Workspaces and what people look at marts with; the warehouse; ways to services. */
  tre: ['workspaces', 'warehouse', 'endpoints'],
} as const;
export type AwsNetworkName = keyof typeof awsTiers;
export type AwsTier<Name extends AwsNetworkName = AwsNetworkName> = (typeof awsTiers)[Name][number];

const zonesPerTier = 4;

/**
 * The range of a subnet: a network is cut into sixteen equal parts, four to a tier, so that a zone can be added later without
 * moving another.
 *
 * @param network IPv4, a prefix of 16 to 20 bits: `10.80.0.0/16`
 * @throws RangeError for another network, a fifth tier or a fifth zone
 */
export function awsSubnetRange(network: string, tier: number, zone: number): string {
  const { address, bits } = parsed(network);
  if (tier < 0 || tier >= 4 || zone < 0 || zone >= zonesPerTier)
    throw new RangeError('A network has four tiers of four zones. Use fewer.');
  const size = 2 ** (32 - bits - 4);
  return `${dotted(address + (tier * zonesPerTier + zone) * size)}/${bits + 4}`;
}

/** @throws RangeError when two ranges share an address: no route could tell them apart. */
export function refuseOverlaps(ranges: Readonly<Record<string, string>>): void {
  const seen: { readonly name: string; readonly list: BlockList; readonly first: string }[] = [];
  for (const [name, range] of Object.entries(ranges)) {
    const [first = '', bits = '32'] = range.split('/');
    const list = new BlockList();
    list.addSubnet(first, Number(bits));
    const clash = seen.find((other) => other.list.check(first) || list.check(other.first));
    if (clash !== undefined)
      throw new RangeError(`${name} and ${clash.name}: their ranges overlap. Give each network a range of its own.`);
    seen.push({ name, list, first });
  }
}

function parsed(network: string): { readonly address: number; readonly bits: number } {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(network);
  const [a = 256, b = 256, c = 256, d = 256, bits = 0] = (found ?? []).slice(1).map(Number);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  if (Math.max(a, b, c, d) > 255 || bits < 16 || bits > 20 || address % 2 ** (32 - bits) !== 0)
    throw new RangeError('The range of a network: IPv4 with 16 to 20 bits of prefix is allowed, such as 10.80.0.0/16.');
  return { address, bits };
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
