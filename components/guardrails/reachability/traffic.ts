/** Ports from and to, of one protocol (IANA number as text, or `-1` for every one). */
export interface Ports {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

const numbers: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmp: '1', icmpv6: '58', all: '-1' };

/** Ports as a rule says them; every port where it says none or where the protocol has none. */
export function portsOf(protocol: unknown, from: unknown, to: unknown): Ports {
  const text = String(protocol ?? '-1').toLowerCase();
  const number = numbers[text] ?? text;
  if (!['6', '17'].includes(number)) return { protocol: number, from: 0, to: 65535 };
  const first = Number(from ?? 0);
  const last = Number(to ?? 65535);
  // 0 to 0 and -1 to -1 are how consoles and programs say "all".
  return first <= 0 && last <= 0
    ? { protocol: number, from: 0, to: 65535 }
    : { protocol: number, from: first, to: last };
}

export const everyPort: Ports = { protocol: '-1', from: 0, to: 65535 };
/** Where answers go: what Linux, NAT gateways and Lambda take together (VPC User Guide, "Ephemeral ports"). */
export const answerPorts = ({ protocol }: Ports): Ports => ({ protocol, from: 1024, to: 65535 });

export function commonPorts(one: Ports, other: Ports): Ports | undefined {
  if (one.protocol !== other.protocol && one.protocol !== '-1' && other.protocol !== '-1') return undefined;
  const from = Math.max(one.from, other.from);
  const to = Math.min(one.to, other.to);
  if (from > to) return undefined;
  return { protocol: one.protocol === '-1' ? other.protocol : one.protocol, from, to };
}

export const saidPorts = ({ protocol, from, to }: Ports): string => {
  const name = Object.entries(numbers).find(([, number]) => number === protocol)?.[0] ?? `protocol ${protocol}`;
  if (from === 0 && to === 65535) return name === 'all' ? 'every port' : `every port of ${name}`;
  return `${name} ${from === to ? from : `${from}-${to}`}`;
};
