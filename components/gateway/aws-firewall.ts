import type { Stage } from '@pulumi/aws/apigateway';
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup';
import { WebAcl, WebAclAssociation, WebAclLoggingConfiguration } from '@pulumi/aws/wafv2';
import { type Input, interpolate } from '@pulumi/pulumi';
import type { AwsParts } from '../core/aws-parts';
import { awsName } from '../core/aws-target';

interface FirewallArgs {
  readonly keyArn: Input<string>;
  readonly logRetentionDays: number;
  /** In five minutes. */
  readonly requestsPerAddress: number;
}

/** Groups of rules that AWS keeps (AWS WAF Developer Guide, "AWS Managed Rules rule groups list"). */
const managedGroups: readonly (readonly [group: string, counted: readonly string[]])[] = [
  ['AWSManagedRulesAmazonIpReputationList', []],
  ['AWSManagedRulesKnownBadInputsRuleSet', []],
  // FHIR is long, holds XHTML narratives and names of files: what looks into bodies is counted, the validator refuses.
  [
    'AWSManagedRulesCommonRuleSet',
    ['SizeRestrictions_BODY', 'CrossSiteScripting_BODY', 'GenericLFI_BODY', 'GenericRFI_BODY', 'EC2MetaDataSSRF_BODY'],
  ],
];

/** A web firewall before a stage: known attackers and floods of one address. Samples are off: they would keep requests. */
export function addFirewall(
  parts: AwsParts,
  { keyArn, logRetentionDays, requestsPerAddress }: FirewallArgs,
  stage: Stage,
): void {
  const { target } = parts;
  const visibility = (metricName: string) => ({
    cloudwatchMetricsEnabled: true,
    metricName,
    sampledRequestsEnabled: false,
  });
  const rules = managedGroups.map(([group, counted], index) => ({
    name: group,
    priority: index,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        name: group,
        vendorName: 'AWS',
        ruleActionOverrides: counted.map((name) => ({ name, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(group),
  }));
  const flood = {
    name: 'flood-of-one-address',
    priority: rules.length,
    action: { block: {} },
    statement: { rateBasedStatement: { limit: requestsPerAddress, aggregateKeyType: 'IP', evaluationWindowSec: 300 } },
    visibilityConfig: visibility('flood-of-one-address'),
  };
  const acl = parts.add(WebAcl, 'firewall', {
    name: awsName(target, 'ingestion'),
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    rules: [...rules, flood],
    visibilityConfig: visibility('ingestion'),
  });
  parts.add(WebAclAssociation, 'firewall-stage', { resourceArn: stage.arn, webAclArn: acl.arn });
  const log = parts.add(LogGroup, 'firewall-log', {
    // WAF writes to groups of this beginning alone.
    name: `aws-waf-logs-${awsName(target, 'ingestion')}`,
    retentionInDays: logRetentionDays,
    kmsKeyId: keyArn,
  });
  parts.add(WebAclLoggingConfiguration, 'firewall-logging', {
    resourceArn: acl.arn,
    logDestinationConfigs: [interpolate`${log.arn}`],
    redactedFields: [{ uriPath: {} }, { queryString: {} }, { singleHeader: { name: 'authorization' } }],
  });
}
