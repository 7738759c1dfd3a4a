import { LogGroup } from '@pulumi/aws/cloudwatch';
import { FlowLog } from '@pulumi/aws/ec2';
import {
  ResolverFirewallConfig,
  ResolverFirewallDomainList,
  ResolverFirewallRule,
  ResolverFirewallRuleGroup,
  ResolverFirewallRuleGroupAssociation,
  ResolverQueryLogConfig,
  ResolverQueryLogConfigAssociation,
} from '@pulumi/aws/route53';
import type { Input, Output } from '@pulumi/pulumi';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { allow } from '../core/aws-policy';
import { addRole } from '../core/aws-role';
import { awsArn, awsName } from '../core/aws-target';
import type { LakeComponent } from '../core/lake-component';
import { type AwsNetworkName, awsTiers } from './aws-plan';
import type { AwsVpc } from './aws-vpc';

export interface AwsNetworkWatchArgs extends AwsComponentArgs {
  readonly networks: Readonly<Record<AwsNetworkName, Pick<AwsVpc, 'vpcId'>>>;
  readonly logKeyArn: Input<string>;
  readonly logRetentionDays: number;
  /** ARN of the locked bucket that keeps every flow. */
  readonly evidenceBucketArn: Input<string>;
  /** Names beside those of AWS in this region that may be asked for: `*.trust.nhs.uk`. @default none */
  readonly names?: readonly string[];
}

/** Names of the log groups that alarms look at. */
export interface AwsNetworkLogs {
  readonly refused: Output<string>;
  readonly names: Output<string>;
}

/**
 * Who asked for which name, what was let through and what was refused. A name can carry data out where no packet goes: only
 * names of AWS in this region are resolved, every other is answered NXDOMAIN, and nothing at all when the firewall fails.
 */
export function awsNetworkWatch(component: LakeComponent, name: string, args: AwsNetworkWatchArgs): AwsNetworkLogs {
  const { target, networks, logKeyArn, logRetentionDays, evidenceBucketArn, names = [] } = args;
  const parts = new AwsParts(component, name, args, { zone: 'network', classification: 'none' });
  const logs = (what: string): LogGroup =>
    parts.keep(LogGroup, `${what}-logs`, {
      name: `/lake/${awsName(target, what)}`,
      kmsKeyId: logKeyArn,
      retentionInDays: logRetentionDays,
    });
  const refused = logs('refused-flows');
  const asked = logs('names');
  const writer = addRole(parts, {
    name: 'flow-logs',
    service: 'vpc-flow-logs.amazonaws.com',
    sourceArn: awsArn(target, 'ec2', 'vpc-flow-log/*'),
    statements: [
      allow(
        ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        awsArn(target, 'logs', `log-group:/lake/${awsName(target, 'refused-flows')}:*`),
      ),
    ],
  });
  const query = parts.add(ResolverQueryLogConfig, 'names-log', {
    name: awsName(target, 'names'),
    destinationArn: asked.arn,
  });
  const group = addFirewall(parts, names);
  for (const network of Object.keys(awsTiers) as AwsNetworkName[]) {
    const { vpcId } = networks[network];
    parts.keep(FlowLog, `${network}-flows`, {
      vpcId,
      trafficType: 'ALL',
      logDestinationType: 's3',
      logDestination: evidenceBucketArn,
      maxAggregationInterval: 60,
      destinationOptions: { fileFormat: 'parquet', hiveCompatiblePartitions: true, perHourPartition: true },
    });
    parts.add(FlowLog, `${network}-refused-flows`, {
      vpcId,
      trafficType: 'REJECT',
      logDestinationType: 'cloud-watch-logs',
      logDestination: refused.arn,
      iamRoleArn: writer.arn,
      maxAggregationInterval: 60,
    });
    parts.add(ResolverQueryLogConfigAssociation, `${network}-names-log`, {
      resolverQueryLogConfigId: query.id,
      resourceId: vpcId,
    });
    parts.add(ResolverFirewallConfig, `${network}-names-closed`, { resourceId: vpcId, firewallFailOpen: 'DISABLED' });
    parts.add(ResolverFirewallRuleGroupAssociation, `${network}-names`, {
      name: awsName(target, network),
      firewallRuleGroupId: group.id,
      vpcId,
      priority: 101,
      mutationProtection: target.environment === 'production' ? 'ENABLED' : 'DISABLED',
    });
  }
  parts.complete();
  return { refused: refused.name, names: asked.name };
}

function addFirewall(parts: AwsParts, names: readonly string[]): ResolverFirewallRuleGroup {
  const { target } = parts;
  const group = parts.add(ResolverFirewallRuleGroup, 'names-rules', { name: awsName(target, 'names') });
  const list = (what: string, domains: readonly string[]): ResolverFirewallDomainList =>
    parts.add(ResolverFirewallDomainList, `names-${what}`, { name: awsName(target, what), domains: [...domains] });
  // A redirection (CNAME) of a name that is let through is not looked at again: AWS answers its own.
  const known = list('known', [
    `*.${target.region}.amazonaws.com.`,
    `*.${target.region}.rds.amazonaws.com.`,
    `*.${target.region}.vpce.amazonaws.com.`,
    `*.${target.region}.redshift-serverless.amazonaws.com.`,
    // Machines' own names, which Spark and a login look up. The resolver answers them by itself, from a rule of its own, and asks
    // nobody for one that it does not know (Route 53 Developer Guide, "Autodefined system rules"): they carry nothing out.
    `*.${target.region}.compute.internal.`,
    ...names.map((name) => (name.endsWith('.') ? name : `${name}.`)),
  ]);
  // With its dot, as AWS gives it back: `*` alone would be a change at every deployment.
  const every = list('every', ['*.']);
  parts.add(ResolverFirewallRule, 'names-let-through', {
    name: awsName(target, 'known'),
    action: 'ALLOW',
    firewallDomainListId: known.id,
    firewallRuleGroupId: group.id,
    firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
    priority: 10,
  });
  parts.add(ResolverFirewallRule, 'names-refused', {
    name: awsName(target, 'every'),
    action: 'BLOCK',
    blockResponse: 'NXDOMAIN',
    firewallDomainListId: every.id,
    firewallRuleGroupId: group.id,
    priority: 100,
  });
  return group;
}
