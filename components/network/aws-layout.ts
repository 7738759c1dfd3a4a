import type { Output } from '@pulumi/pulumi';
import type { AwsParts, PartPlace } from '../core/aws-parts';
import type { AwsNetworkName, AwsTier } from './aws-plan';

/** One row of subnets, one in each availability zone. */
export interface AwsTierPlan {
  readonly tier: AwsTier;
  readonly ranges: readonly string[];
  /** What is made for it belongs to this zone of the lake. */
  readonly zone: string;
}

export interface AwsTierMade {
  readonly subnets: readonly Output<string>[];
  /** One for all of the tier, or one for each subnet. */
  readonly routeTables: readonly Output<string>[];
}

/** What a layout makes. */
export interface AwsLaidOut {
  readonly vpcId: Output<string>;
  readonly defaultNetworkAclId: Output<string>;
  readonly defaultRouteTableId: Output<string>;
  readonly made: readonly AwsTierMade[];
}

/** Makes a network and the subnets and route tables of its tiers, in their order. */
export type AwsLayout = (
  parts: AwsParts,
  vpc: { readonly network: AwsNetworkName; readonly range: string; readonly place: PartPlace },
  tiers: readonly AwsTierPlan[],
) => AwsLaidOut;
