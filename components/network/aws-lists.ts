import { NetworkAcl } from '@pulumi/aws/ec2';
import type { AwsParts } from '../core/aws-parts';
import type { AwsNetworkName } from './aws-plan';
import type { AwsVpc } from './aws-vpc';

interface Entry {
  readonly action: 'allow' | 'deny';
  readonly range: string;
  readonly from: number;
  readonly to: number;
}

/** Of one direction (Amazon VPC quotas, "Rules per network ACL"). */
const mostRules = 20;
const anywhere = '0.0.0.0/0';
/** Ports of answers, without 3389: no list lets a remote desktop in (FSBP EC2.21). */
const answers = (range: string): readonly Entry[] => [
  { action: 'allow', range, from: 1024, to: 3388 },
  { action: 'allow', range, from: 3390, to: 65_535 },
];
const to = (range: string, port: number): Entry => ({ action: 'allow', range, from: port, to: port });
const no = (range: string): Entry => ({ action: 'deny', range, from: 0, to: 65_535 });

/**
 * Lists on the subnets, beside the security groups: the lake's functions and those of identity never speak to each other, and
 * databases answer the two and nobody else. A list knows no S3: its addresses are public ones that only the gateway endpoint
 * leads to, since no route goes anywhere else.
 *
 * @param beyond ranges that reach each network by a tunnel or a peering
 */
export function addLists(
  parts: AwsParts,
  lake: AwsVpc,
  tre: AwsVpc,
  beyond: Readonly<Record<AwsNetworkName, readonly string[]>>,
): void {
  const { ranges } = lake;
  const https = [to(anywhere, 443)];
  const postgres = ranges.state.map((range) => to(range, 5432));
  add(parts, 'lake', 'lake', lake, {
    ingress: [...ranges.identity.map(no), ...answers(anywhere)],
    egress: [...ranges.identity.map(no), ...https, ...postgres, ...ranges.lake.flatMap(answers)],
  });
  add(parts, 'lake', 'identity', lake, {
    ingress: [...[...ranges.lake, ...beyond.lake].map(no), ...answers(anywhere)],
    egress: [...[...ranges.lake, ...beyond.lake].map(no), ...https, ...postgres],
  });
  const callers = [...ranges.lake, ...ranges.identity];
  add(parts, 'lake', 'state', lake, {
    ingress: callers.map((range) => to(range, 5432)),
    egress: callers.flatMap(answers),
  });
  add(parts, 'lake', 'endpoints', lake, {
    ingress: [...callers, ...beyond.lake].map((range) => to(range, 443)),
    egress: [...callers, ...beyond.lake].flatMap(answers),
  });
  add(parts, 'tre', 'workspaces', tre, {
    // People of the site come by the tunnel.
    ingress: [...beyond.tre.map((range) => to(range, 443)), ...answers(anywhere)],
    egress: [...https, ...beyond.tre.flatMap(answers), ...tre.ranges.warehouse.map((range) => to(range, 5439))],
  });
  add(parts, 'tre', 'warehouse', tre, {
    // The warehouse's own nodes, its users, and answers.
    ingress: answers(anywhere),
    egress: [...https, ...[tre.range, ...beyond.tre].flatMap(answers)],
  });
  add(parts, 'tre', 'endpoints', tre, { ingress: [to(tre.range, 443)], egress: answers(tre.range) });
}

function add(
  parts: AwsParts,
  network: string,
  tier: keyof AwsVpc['ranges'],
  vpc: AwsVpc,
  { ingress, egress }: { readonly ingress: readonly Entry[]; readonly egress: readonly Entry[] },
): void {
  if (Math.max(ingress.length, egress.length) > mostRules)
    throw new RangeError(
      `The list of the ${tier} subnets would hold ${Math.max(ingress.length, egress.length)} rules, and AWS takes ${mostRules}. Name fewer and wider ranges beyond the networks.`,
    );
  const rules = (entries: readonly Entry[]) =>
    entries.map(({ action, range, from, to: last }, index) => ({
      ruleNo: 100 + index,
      action,
      protocol: 'tcp',
      cidrBlock: range,
      fromPort: from,
      toPort: last,
    }));
  parts.add(NetworkAcl, `${network}-${tier}-list`, {
    vpcId: vpc.vpcId,
    subnetIds: [...vpc.subnetIds[tier]],
    ingress: rules(ingress),
    egress: rules(egress),
  });
}
