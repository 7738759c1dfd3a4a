import { type MadeUp, type MadeUpPlace, madeUpOutputs } from './made-up-outputs';

type Inputs = Readonly<Record<string, unknown>>;

/** A resource that awsx's own plugin makes within its component. */
export interface AwsxPart extends MadeUp {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
}

interface Spec {
  readonly name: string;
  readonly cidrBlocks: readonly string[];
}

export const awsxNetwork = 'awsx:ec2:Vpc';

/**
 * What `awsx.ec2.Vpc` makes of isolated subnets with ranges of their own: a network, its internet gateway, and for each subnet a
 * route table without a route. Read in its source (pulumi-awsx 3.9, `awsx/ec2/vpc.ts`); its plugin was not run. The network is the first.
 */
export function awsxPartsOf(name: string, inputs: Inputs, place: MadeUpPlace | undefined): readonly AwsxPart[] {
  const part = (kind: string, called: string, given: Inputs): AwsxPart => {
    const type = `aws:ec2/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
    return { type, name: called, inputs: given, ...madeUpOutputs(type, called, given, place) };
  };
  const { cidrBlock, enableDnsSupport, enableDnsHostnames, instanceTenancy, tags } = inputs;
  const vpc = part('Vpc', name, { cidrBlock, enableDnsSupport, enableDnsHostnames, instanceTenancy, tags });
  const vpcId = vpc.id;
  const zones = inputs.availabilityZoneNames as readonly string[];
  const subnets = zones.flatMap((availabilityZone, column) =>
    (inputs.subnetSpecs as readonly Spec[]).flatMap((spec) => {
      const called = `${name}-${spec.name}-${column + 1}`;
      const range = { vpcId, cidrBlock: spec.cidrBlocks[column], availabilityZone, mapPublicIpOnLaunch: false, tags };
      const subnet = part('Subnet', called, range);
      const table = part('RouteTable', called, { vpcId, tags });
      return [subnet, table, part('RouteTableAssociation', called, { subnetId: subnet.id, routeTableId: table.id })];
    }),
  );
  return [vpc, part('InternetGateway', name, { vpcId, tags }), ...subnets];
}

/** What AWS answers to what the program asks of such parts; undefined for another question. */
export function awsxAnswer(token: string, asked: Inputs, parts: readonly AwsxPart[]): Inputs | undefined {
  const network = (id: unknown): Inputs => parts.find((one) => one.id === id)?.outputs ?? {};
  switch (token) {
    case 'aws:ec2/getSubnet:getSubnet': {
      const { vpcId, cidrBlock } = asked;
      return { id: parts.find(({ inputs }) => inputs.vpcId === vpcId && inputs.cidrBlock === cidrBlock)?.id };
    }
    case 'aws:ec2/getRouteTable:getRouteTable':
      return { routeTableId: parts.find(({ inputs }) => inputs.subnetId === asked.subnetId)?.inputs.routeTableId };
    case 'aws:ec2/getNetworkAcls:getNetworkAcls':
      return { ids: [network(asked.vpcId).defaultNetworkAclId] };
    case 'aws:ec2/getVpc:getVpc':
      return { mainRouteTableId: network(asked.id).mainRouteTableId };
    default:
      return undefined;
  }
}
