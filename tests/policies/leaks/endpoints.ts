import { idOf, region, written } from '../hand-written-stack/written-resource';
import { add, change, inTurn, type Leak } from './leak';

/** Leaks by endpoints and by names. */
export const endpointLeaks: readonly Leak[] = [
  {
    name: "a gateway endpoint without a policy: anybody's bucket can be written",
    reaches: 'any account',
    through: ['flu-workspace', 'tre-s3'],
    plant: change('aws:ec2/vpcEndpoint:VpcEndpoint', 'tre-s3', ({ policy: _none, ...now }) => now),
  },
  {
    name: 'an endpoint of the log service opened for every principal and resource',
    reaches: 'any account',
    through: ['identity-functions', 'lake-logs'],
    plant: change('aws:ec2/vpcEndpoint:VpcEndpoint', 'lake-logs', (now) => ({
      ...now,
      policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] }),
    })),
  },
  {
    name: "a private link to a monitoring supplier's service",
    reaches: 'endpoint service com.amazonaws.vpce.eu-west-2.vpce-svc-monitoring',
    through: ['lake-functions', 'monitoring'],
    plant: add(
      written('aws:ec2/vpcEndpoint:VpcEndpoint', 'monitoring', {
        vpcId: idOf('lake'),
        serviceName: `com.amazonaws.vpce.${region}.vpce-svc-monitoring`,
        vpcEndpointType: 'Interface',
        subnetIds: [idOf('lake-a')],
        securityGroupIds: [idOf('lake-endpoints')],
      }),
    ),
  },
  {
    name: 'the firewall of names taken off the research network',
    reaches: 'internet',
    through: ['tre'],
    plant: (stack) =>
      stack.filter(
        ({ type, name }) =>
          type !== 'aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation' ||
          name !== 'tre-names',
      ),
  },
  {
    name: 'one more name is answered, and whoever owns it reads the questions',
    reaches: 'internet',
    through: ['lake', 'lake-mirror'],
    plant: add(
      written('aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList', 'lake-mirror', {
        domains: ['*.packages.example.'],
      }),
      written('aws:route53/resolverFirewallRule:ResolverFirewallRule', 'lake-mirror', {
        firewallRuleGroupId: idOf('lake-names'),
        firewallDomainListId: idOf('lake-mirror'),
        priority: 90,
        action: 'ALLOW',
      }),
    ),
  },
  {
    name: "names of a partner are asked of the partner's server",
    reaches: 'resolver 203.0.113.53',
    through: ['lake', 'partner'],
    plant: inTurn(
      change('aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList', 'lake-known', (now) => ({
        ...now,
        domains: ['*.amazonaws.com.', '*.lake.internal.', '*.partner.example.'],
      })),
      add(
        written('aws:route53/resolverEndpoint:ResolverEndpoint', 'partner', {
          direction: 'OUTBOUND',
          securityGroupIds: [idOf('lake-functions')],
          ipAddresses: [{ subnetId: idOf('lake-a') }, { subnetId: idOf('lake-b') }],
        }),
        written('aws:route53/resolverRule:ResolverRule', 'partner', {
          domainName: 'partner.example',
          ruleType: 'FORWARD',
          resolverEndpointId: idOf('partner'),
          targetIps: [{ ip: '203.0.113.53' }],
        }),
        written('aws:route53/resolverRuleAssociation:ResolverRuleAssociation', 'partner', {
          resolverRuleId: idOf('partner'),
          vpcId: idOf('lake'),
        }),
      ),
    ),
  },
];
