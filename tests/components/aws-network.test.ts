import assert from 'node:assert/strict';
import { awsBucketName } from '../../components/core/aws-target';
import { LakeComponent } from '../../components/core/lake-component';
import { type AwsNetworkArgs, awsNetwork } from '../../components/network/aws';
import { awsSubnetRange, refuseOverlaps } from '../../components/network/aws-plan';
import { awsNetworkWatch } from '../../components/network/aws-watch';
import { type Mode, modes, only, type Recorded, record } from '../support/pulumi-mocks';
import { account, countsOf, place, policyOf, undefinedTexts } from './aws-account';

const named = { ...place, kind: 'aws', partition: 'aws' } as const;
const bucketArn = `arn:aws:s3:::${awsBucketName(named, 'landing')}`;
const pointArn = 'arn:aws:s3:eu-west-2:123456789012:accesspoint/lake-test-marts-tre';

class Probe extends LakeComponent {
  constructor(args: Partial<AwsNetworkArgs>) {
    super('network', 'Network', 'net');
    const target = account();
    const networks = awsNetwork(this, 'net', {
      target,
      storeResources: { lake: [bucketArn], tre: [pointArn] },
      logKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/logs',
      logRetentionDays: 400,
      ...args,
    });
    awsNetworkWatch(this, 'net', {
      target,
      networks,
      logKeyArn: 'arn:aws:kms:eu-west-2:123456789012:key/logs',
      logRetentionDays: 400,
      evidenceBucketArn: 'arn:aws:s3:::lake-test-evidence',
    });
  }
}

const deploy = (mode: Mode, args: Partial<AwsNetworkArgs> = {}) => record(mode, () => void new Probe(args));
const typed = (recorded: readonly Recorded[], kind: string) => recorded.filter(({ type }) => type.endsWith(`:${kind}`));

const analytics = { vpcId: 'vpc-0123456789abcdef0', accountId: place.accountId, range: '10.200.0.0/24' };
const siteVpn = {
  kind: 'site',
  network: 'lake',
  gateway: '192.0.2.1',
  asn: 65_000,
  ranges: ['172.16.0.0/16'],
} as const;
const peopleVpn = {
  kind: 'client',
  certificateArn: 'arn:aws:acm:eu-west-2:123456789012:certificate/a',
  samlProviderArn: 'arn:aws:iam::123456789012:saml-provider/site',
  range: '10.99.0.0/22',
  group: 'researchers',
} as const;

for (const mode of modes) {
  describe(`Networks on AWS, ${mode}`, () => {
    let recorded: readonly Recorded[];
    before(async () => {
      recorded = await deploy(mode);
    });

    it('are made of these parts', () => {
      assert.deepEqual(countsOf(recorded), {
        'aws:cloudwatch:LogGroup': 2,
        'aws:ec2:DefaultNetworkAcl': 2,
        'aws:ec2:DefaultRouteTable': 2,
        'aws:ec2:DefaultSecurityGroup': 2,
        'aws:ec2:FlowLog': 4,
        'aws:ec2:NetworkAcl': 7,
        'aws:ec2:RouteTable': 7,
        'aws:ec2:RouteTableAssociation': 14,
        'aws:ec2:SecurityGroup': 30,
        'aws:ec2:Subnet': 14,
        'aws:ec2:Vpc': 2,
        'aws:ec2:VpcBlockPublicAccessOptions': 1,
        'aws:ec2:VpcEncryptionControl': 2,
        'aws:ec2:VpcEndpoint': 17,
        'aws:iam:Policy': 1,
        'aws:iam:Role': 1,
        'aws:iam:RolePolicyAttachment': 1,
        'aws:route53:ResolverFirewallConfig': 2,
        'aws:route53:ResolverFirewallDomainList': 2,
        'aws:route53:ResolverFirewallRule': 2,
        'aws:route53:ResolverFirewallRuleGroup': 1,
        'aws:route53:ResolverFirewallRuleGroupAssociation': 2,
        'aws:route53:ResolverQueryLogConfig': 1,
        'aws:route53:ResolverQueryLogConfigAssociation': 2,
        'aws:vpc:SecurityGroupEgressRule': 31,
        'aws:vpc:SecurityGroupIngressRule': 26,
        'lake:network:Network': 1,
        'pulumi:providers:aws': 1,
      });
      assert.deepEqual(undefinedTexts(recorded), []);
    });

    it('have no way out: no gateway, no address, no route, no rule to everywhere', () => {
      const forbidden = /InternetGateway|NatGateway|EgressOnly|Eip\b|TransitGateway|CarrierGateway/;
      assert.deepEqual(
        recorded.filter(({ type }) => forbidden.test(type)),
        [],
      );
      assert.deepEqual(typed(recorded, 'Route'), []);
      for (const { inputs } of typed(recorded, 'DefaultRouteTable')) assert.deepEqual(inputs.routes, []);
      for (const { inputs } of typed(recorded, 'Subnet')) {
        assert.equal(inputs.mapPublicIpOnLaunch, false);
        assert.equal(inputs.assignIpv6AddressOnCreation, false);
      }
      const rules = recorded.filter(({ type }) => /SecurityGroup(E|In)gressRule$/.test(type));
      for (const { name, inputs } of rules) {
        assert.equal(inputs.cidrIpv4 ?? inputs.cidrIpv6, undefined, name);
        assert.equal(inputs.ipProtocol, 'tcp', name);
      }
      const [block] = typed(recorded, 'VpcBlockPublicAccessOptions');
      assert.equal(block?.inputs.internetGatewayBlockMode, 'block-bidirectional');
    });

    it('empty what AWS makes by itself', () => {
      for (const { inputs } of [...typed(recorded, 'DefaultSecurityGroup'), ...typed(recorded, 'DefaultNetworkAcl')]) {
        assert.deepEqual(inputs.ingress, []);
        assert.deepEqual(inputs.egress, []);
      }
    });

    it('stand in two zones', () => {
      const zones = typed(recorded, 'Subnet').map(({ inputs }) => inputs.availabilityZone);
      assert.deepEqual(new Set(zones), new Set(place.zones));
    });

    it('resolve names of AWS in this region alone, log every question, and answer nothing when that fails', () => {
      assert.deepEqual(only(recorded, 'net-names-every').inputs.domains, ['*.'], 'as AWS gives it back');
      const { action, blockResponse } = only(recorded, 'net-names-refused').inputs;
      assert.deepEqual([action, blockResponse], ['BLOCK', 'NXDOMAIN']);
      if (mode === 'apply')
        assert.equal(
          only(recorded, 'net-names-log').inputs.destinationArn,
          only(recorded, 'net-names-logs').outputs.arn,
        );
      const domains = only(recorded, 'net-names-known').inputs.domains as string[];
      // Of machines the names of this region alone, which its own resolver answers.
      assert.ok(domains.includes('*.eu-west-2.compute.internal.'));
      for (const domain of domains)
        assert.match(domain, /^\*\.eu-west-2\.(([a-z-]+\.)?amazonaws\.com|compute\.internal)\.$/);
      for (const { inputs } of typed(recorded, 'ResolverFirewallConfig'))
        assert.equal(inputs.firewallFailOpen, 'DISABLED');
      for (const { inputs } of typed(recorded, 'ResolverFirewallRuleGroupAssociation'))
        assert.equal(inputs.mutationProtection, 'ENABLED');
    });

    it('keep every flow in the locked bucket', () => {
      const flows = typed(recorded, 'FlowLog').filter(({ inputs }) => inputs.trafficType === 'ALL');
      assert.equal(flows.length, 2);
      const refused = typed(recorded, 'FlowLog').filter(({ inputs }) => inputs.trafficType === 'REJECT');
      assert.equal(refused.length, 2);
      for (const { inputs, protect } of flows) {
        assert.equal(inputs.logDestinationType, 's3');
        assert.equal(inputs.maxAggregationInterval, 60);
        assert.equal(protect, true);
      }
    });

    it('have endpoints that lead to this account alone, and to S3 for the named buckets alone', () => {
      for (const { name, inputs } of typed(recorded, 'VpcEndpoint')) {
        const { Statement } = policyOf(inputs.policy);
        for (const { Effect, Condition, Resource } of Statement) {
          assert.equal(Effect, 'Allow');
          assert.equal(Condition?.StringEquals?.['aws:PrincipalAccount'], '123456789012', name);
          assert.equal(Condition?.StringEquals?.['aws:ResourceAccount'], '123456789012', name);
          if (inputs.vpcEndpointType !== 'Gateway') assert.equal(inputs.privateDnsEnabled, true);
          else
            assert.ok(
              [Resource].flat().every((one) => String(one).startsWith(bucketArn) || String(one).startsWith(pointArn)),
            );
        }
      }
    });
  });
}

describe('A network on AWS', () => {
  let recorded: readonly Recorded[];
  let other: readonly Recorded[];
  before(async () => {
    recorded = await deploy('apply', { analytics, vpn: siteVpn, services: { lake: ['kms', 'execute-api'] } });
    other = await deploy('apply', { analytics: { ...analytics, accountId: '210987654321' }, vpn: peopleVpn });
  });

  it('opens for a permission one way and nothing else', () => {
    const out = recorded.filter(({ type }) => /SecurityGroupEgressRule$/.test(type));
    const ways = (group: string) => out.filter(({ name }) => name.includes(`permitted-to-${group}`));
    assert.equal(ways('kms').length, 1);
    assert.equal(ways('s3')[0]?.inputs.referencedSecurityGroupId, undefined);
    assert.match(String(ways('s3')[0]?.inputs.prefixListId), /^pl-/);
    const [database] = ways('database-identity');
    assert.equal(database?.inputs.fromPort, 5432);
    const into = recorded.filter(({ inputs }) => inputs.securityGroupId === database?.inputs.referencedSecurityGroupId);
    assert.deepEqual(
      into.map(({ inputs }) => inputs.referencedSecurityGroupId),
      [database?.inputs.securityGroupId],
      'only those with the permission come in',
    );
  });

  it('keeps the functions of lake and identity from each other on their subnets', () => {
    const lists = only(recorded, 'net-lake-identity-list').inputs;
    const lake = [awsSubnetRange('10.80.0.0/16', 0, 0), awsSubnetRange('10.80.0.0/16', 0, 1)];
    for (const rules of [lists.ingress, lists.egress] as unknown as {
      action: string;
      cidrBlock: string;
      ruleNo: number;
    }[][]) {
      const sorted = [...rules].sort((a, b) => a.ruleNo - b.ruleNo);
      const kept = [...lake, ...siteVpn.ranges];
      const first = sorted.slice(0, kept.length).map(({ action, cidrBlock }) => [action, cidrBlock]);
      assert.deepEqual(
        first,
        kept.map((range) => ['deny', range]),
      );
      assert.ok(sorted.slice(kept.length).every(({ action }) => action === 'allow'));
    }
    const state = only(recorded, 'net-lake-state-list').inputs.ingress as { cidrBlock: string; fromPort: number }[];
    assert.ok(state.every(({ cidrBlock, fromPort }) => cidrBlock !== '0.0.0.0/0' && fromPort === 5432));
    for (const { inputs } of typed(recorded, 'NetworkAcl'))
      for (const { fromPort, toPort, cidrBlock, action } of inputs.ingress as {
        fromPort: number;
        toPort: number;
        cidrBlock: string;
        action: string;
      }[])
        if (action === 'allow' && cidrBlock === '0.0.0.0/0')
          for (const port of [22, 3389]) assert.ok(port < fromPort || port > toPort, `${port}`);
  });

  it('lets the analytics team to the warehouse through a peering that both ends accept', () => {
    const routes = typed(recorded, 'Route').filter(({ name }) => name.includes('peering'));
    assert.deepEqual(
      routes.map(({ inputs }) => inputs.destinationCidrBlock),
      [analytics.range],
    );
    assert.equal(only(recorded, 'net-peering-accepter').inputs.autoAccept, true);
    assert.deepEqual(only(recorded, 'net-peering-options').inputs.requester, { allowRemoteVpcDnsResolution: true });
    const [ingress] = recorded.filter(({ inputs }) => inputs.cidrIpv4 === analytics.range);
    assert.deepEqual([ingress?.inputs.cidrIpv4, ingress?.inputs.fromPort], [analytics.range, 5439]);
    assert.equal(typed(other, 'VpcPeeringConnectionAccepter').length, 0);
    assert.equal(only(other, 'net-peering').inputs.peerOwnerId, '210987654321');
  });

  it('takes a tunnel of the site with strong algorithms, to its endpoints and to nothing else', () => {
    const { inputs } = only(recorded, 'net-vpn-connection');
    for (const tunnel of ['tunnel1', 'tunnel2']) {
      assert.deepEqual(inputs[`${tunnel}IkeVersions`], ['ikev2']);
      assert.deepEqual(inputs[`${tunnel}Phase1EncryptionAlgorithms`], ['AES256-GCM-16']);
      assert.deepEqual(inputs[`${tunnel}Phase2EncryptionAlgorithms`], ['AES256-GCM-16']);
      assert.deepEqual(inputs[`${tunnel}Phase2DhGroupNumbers`], [20]);
      assert.match(JSON.stringify(inputs[`${tunnel}LogOptions`]), /"logEnabled":true/);
    }
    assert.equal(inputs.presharedKeyStorage, 'SecretsManager');
    assert.equal(inputs.staticRoutesOnly, true);
    assert.deepEqual(
      typed(recorded, 'Route')
        .map(({ name }) => name)
        .filter((name) => name.includes('vpn')),
      ['net-vpn-range-1-endpoints'],
    );
    const ranges = recorded.filter(({ inputs: one }) => one.cidrIpv4 === siteVpn.ranges[0]).map(({ name }) => name);
    assert.deepEqual(ranges, ['net-lake-site-1-to-api-in']);
  });

  it("lets people in by their own identity provider's group, to the workspaces alone", () => {
    const { inputs } = only(other, 'net-vpn-people');
    assert.deepEqual([inputs.splitTunnel, inputs.sessionTimeoutHours], [true, 8]);
    assert.deepEqual(
      inputs.connectionLogOptions && (inputs.connectionLogOptions as { enabled: boolean }).enabled,
      true,
    );
    const rules = typed(other, 'AuthorizationRule');
    assert.equal(rules.length, 2);
    for (const rule of rules) {
      assert.equal(rule.inputs.accessGroupId, 'researchers');
      assert.equal(rule.inputs.authorizeAllGroups, undefined);
    }
    const { id } = only(other, 'net-tre-group-people');
    assert.deepEqual(inputs.securityGroupIds, [id]);
    const workspaces = only(other, 'net-tre-group-workspaces').id;
    const out = typed(other, 'SecurityGroupEgressRule').filter((one) => one.inputs.securityGroupId === id);
    assert.deepEqual(
      out.map((one) => [one.inputs.referencedSecurityGroupId, one.inputs.fromPort]),
      [[workspaces, 443]],
    );
    assert.ok(
      typed(other, 'SecurityGroupIngressRule').some(
        (one) => one.inputs.securityGroupId === workspaces && one.inputs.referencedSecurityGroupId === id,
      ),
    );
    // Its interface stands in one workspaces' subnet, and a workspace in another.
    const { ingress, egress } = only(other, 'net-tre-workspaces-list').inputs as Record<
      'ingress' | 'egress',
      { cidrBlock: string; fromPort: number; toPort: number }[]
    >;
    for (const { inputs: subnet } of typed(other, 'Subnet').filter(({ name }) =>
      name.startsWith('net-tre-workspaces'),
    )) {
      const passes = (entries: typeof ingress, port: number) =>
        entries.some((one) => one.cidrBlock === subnet.cidrBlock && one.fromPort <= port && port <= one.toPort);
      assert.ok(passes(ingress, 443) && passes(egress, 50_000), String(subnet.cidrBlock));
    }
  });

  it('refuses more ranges than a list of a subnet holds rules for', async () => {
    const ranges = Array.from({ length: 7 }, (_, index) => `172.${16 + index}.0.0/16`);
    const deployWith = (count: number) => deploy('apply', { vpn: { ...siteVpn, ranges: ranges.slice(0, count) } });
    const most = only(await deployWith(6), 'net-lake-endpoints-list').inputs.egress as readonly object[];
    assert.equal(most.length, 20);
    await assert.rejects(deployWith(7), /endpoints subnets would hold 22 rules, and AWS takes 20/);
  });

  it('refuses ranges that overlap or that it cannot cut', async () => {
    await assert.rejects(deploy('apply', { treRange: '10.80.128.0/17' }), /overlap/);
    assert.throws(() => refuseOverlaps({ a: '10.0.0.0/16', b: '10.0.1.0/24' }), /a|b/);
    assert.doesNotThrow(() => refuseOverlaps({ a: '10.0.0.0/16', b: '10.1.0.0/16' }));
    assert.equal(awsSubnetRange('10.80.0.0/16', 0, 0), '10.80.0.0/20');
    assert.equal(awsSubnetRange('10.80.0.0/16', 3, 3), '10.80.240.0/20');
    assert.equal(awsSubnetRange('172.16.16.0/20', 1, 2), '172.16.22.0/24');
    for (const range of ['10.0.0.0/24', '10.0.0.1/16', '300.0.0.0/16', 'fd00::/16'])
      assert.throws(() => awsSubnetRange(range, 0, 0), RangeError, range);
    assert.throws(() => awsSubnetRange('10.0.0.0/16', 4, 0), RangeError);
  });
});
