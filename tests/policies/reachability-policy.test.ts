import assert from 'node:assert/strict';
import type { PolicyResource, StackValidationPolicy } from '@pulumi/policy';
import { reachabilityPolicy } from '../../components/guardrails/reachability/engine-policy';
import { ruleOf } from '../../components/guardrails/reachability/security-groups';

const stranger = 'arn:aws:sqs:eu-west-2:999988887777:elsewhere';
const ours = '123456789012';

interface Planned {
  readonly type: string;
  readonly name: string;
  readonly props?: Readonly<Record<string, unknown>>;
  /** Properties whose value the engine does not know yet, and the resource each comes from. */
  readonly unknown?: Readonly<Record<string, string>>;
  /** The resources that a known property comes from, with a space between. */
  readonly from?: Readonly<Record<string, string>>;
}

/** As the engine hands a resource over in a preview: what is not known throws when it is read. */
function planned({ type, name, props = {}, unknown = {}, from: known = {} }: Planned): PolicyResource {
  const all = { ...props };
  for (const property of Object.keys(unknown))
    Object.defineProperty(all, property, {
      enumerable: true,
      get: () => {
        throw new Error("can't be known during preview");
      },
    });
  const propertyDependencies = Object.fromEntries(
    Object.entries({ ...unknown, ...known }).flatMap(([property, from]) =>
      from === '' ? [] : [[property, from.split(' ').map((urn) => ({ urn }))]],
    ),
  );
  return {
    type,
    name,
    urn: name,
    props: all,
    propertyDependencies,
    opts: {},
    dependencies: [],
  } as unknown as PolicyResource;
}

const account = { type: 'pulumi:providers:aws', name: 'aws', props: { allowedAccountIds: JSON.stringify([ours]) } };
const topic = { type: 'aws:sns/topic:Topic', name: 'topic', unknown: { id: '', arn: '' } };
const subscription = (name: string, protocol: string, endpoint: string): Planned => ({
  type: 'aws:sns/topicSubscription:TopicSubscription',
  name,
  props: { protocol, endpoint },
  unknown: { id: '', topic: 'topic', redrivePolicy: 'topic' },
});

function said(...resources: readonly Planned[]): readonly string[] {
  const found: string[] = [];
  const { validateStack } = reachabilityPolicy as StackValidationPolicy;
  assert.ok(typeof validateStack === 'function');
  validateStack({ resources: [account, ...resources].map(planned) } as never, (message) => void found.push(message));
  return found;
}

describe('The reachability solver as a policy of the engine', () => {
  it('prints the way in a plan of what is not made yet', () => {
    const [message = '', ...rest] = said(topic, subscription('leak', 'sqs', stranger));
    assert.deepEqual(rest, []);
    assert.match(
      message,
      /^Topic topic reaches account 999988887777\n {2}-> TopicSubscription leak: endpoint leads to/,
    );
    assert.match(message, /mend: take endpoint of TopicSubscription leak out/);
  });

  it('takes a role that is not made yet for ours, and tells a stranger who is lent tables', () => {
    const role = { type: 'aws:iam/role:Role', name: 'curate-role', unknown: { id: '', arn: '' } };
    const lent = (given: Partial<Planned>): Planned => ({
      type: 'aws:lakeformation/permissions:Permissions',
      name: 'tables',
      ...given,
    });
    assert.deepEqual(said(role, lent({ unknown: { principal: 'curate-role' } })), []);
    const [message = ''] = said(role, lent({ props: { principal: 'arn:aws:iam::999988887777:role/reader' } }));
    assert.match(message, /Permissions tables reaches account 999988887777/);
  });

  it('says nothing of our own account', () => {
    assert.deepEqual(said(topic, subscription('own', 'sqs', stranger.replace('999988887777', ours))), []);
  });

  it('takes a connection for one in the network though its subnet is not known yet, and one without for a way out', () => {
    const place = {
      availabilityZone: 'eu-west-2a',
      get subnetId(): string {
        throw new Error("can't be known during preview");
      },
    };
    const connection = (props: Readonly<Record<string, unknown>>): Planned => ({
      type: 'aws:glue/connection:Connection',
      name: 'foreign',
      props,
      from: { physicalConnectionRequirements: 'subnet group' },
    });
    assert.deepEqual(said(connection({ physicalConnectionRequirements: place })), []);
    assert.match(said(connection({ connectionType: 'JDBC' })).join(), /Connection foreign reaches internet/);
  });

  it('takes a function for one in the network though its subnets are not known yet, and one without for a way out', () => {
    const subnet = 'urn:pulumi:prod::lake::aws:ec2/subnet:Subnet::lake-a';
    const group = 'urn:pulumi:prod::lake::aws:ec2/securityGroup:SecurityGroup::functions';
    const lambda = (props: Readonly<Record<string, unknown>>): Planned => ({
      type: 'aws:lambda/function:Function',
      name: 'curate',
      props,
      from: { vpcConfig: `${subnet} ${group}` },
    });
    const place = {
      get subnetIds(): readonly string[] {
        throw new Error("can't be known during preview");
      },
    };
    assert.deepEqual(said(lambda({ vpcConfig: place })), []);
    assert.match(said(lambda({ runtime: 'nodejs24.x' })).join(), /Function curate reaches internet/);
    assert.match(
      said(lambda({ vpcConfig: { subnetIds: ['subnet-1'] } })).join(),
      /Function curate reaches network of subnet-1/,
    );
  });

  it('takes a group that is not made yet for one of ours, though the name that stands for it has a stroke in it', () => {
    const group = 'urn:pulumi:prod::lake::aws:ec2/securityGroup:SecurityGroup::jobs';
    const rule = (referencedSecurityGroupId: string) =>
      ruleOf({
        type: 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
        name: 'rule',
        inputs: { securityGroupId: group, referencedSecurityGroupId, ipProtocol: 'tcp', fromPort: 0, toPort: 65_535 },
      });
    assert.deepEqual(rule(group).ranges, []);
    assert.ok(rule('999988887777/sg-0123456789abcdef0').ranges.length > 0);
  });

  it('knows our account by our own provider, whoever else has one in the stack', () => {
    const others = {
      type: 'pulumi:providers:aws',
      name: 'aws-analytics',
      props: { allowedAccountIds: '["999988887777"]' },
    };
    const found: string[] = [];
    const { validateStack } = reachabilityPolicy as StackValidationPolicy;
    assert.ok(typeof validateStack === 'function');
    const resources = [others, account, topic, subscription('leak', 'sqs', stranger)].map(planned);
    validateStack({ resources } as never, (message) => void found.push(message));
    assert.equal(found.length, 1);
  });

  it('knows a resource by its id, which the engine shows in what comes from it alone', () => {
    const network = {
      type: 'aws:ec2/vpc:Vpc',
      name: 'network',
      props: { arn: 'arn:aws:ec2:eu-west-2:123456789012:vpc/vpc-1' },
    };
    const group = { type: 'aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup', name: 'group' };
    const list = {
      type: 'aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList',
      name: 'list',
      props: { domains: ['*'] },
    };
    const rule = (action: string): Planned => ({
      type: 'aws:route53/resolverFirewallRule:ResolverFirewallRule',
      name: 'rule',
      props: { action, priority: 1, firewallRuleGroupId: 'rg-1', firewallDomainListId: 'dl-1' },
      from: { firewallRuleGroupId: 'group', firewallDomainListId: 'list' },
    });
    const attached = {
      type: 'aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation',
      name: 'attached',
      props: { vpcId: 'vpc-1', firewallRuleGroupId: 'rg-1', priority: 101 },
      from: { vpcId: 'network', firewallRuleGroupId: 'group' },
    };
    assert.deepEqual(said(network, group, list, rule('BLOCK'), attached), []);
    assert.match(said(network, group, list, rule('ALLOW'), attached).join(), /Vpc network reaches internet/);
  });

  it('knows an endpoint by its ARN where nothing shows its id', () => {
    const endpoint = {
      type: 'aws:ec2/vpcEndpoint:VpcEndpoint',
      name: 'store',
      props: { arn: 'arn:aws:ec2:eu-west-2:123456789012:vpc-endpoint/vpce-1' },
    };
    const bucket = {
      type: 'aws:s3/bucket:Bucket',
      name: 'bucket',
      props: { bucket: 'lake', arn: 'arn:aws:s3:::lake' },
    };
    const held = (id: string): Planned => ({
      type: 'aws:s3/bucketPolicy:BucketPolicy',
      name: 'policy',
      props: {
        bucket: 'lake',
        policy: JSON.stringify({
          Statement: {
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: '*',
            Condition: { StringNotEquals: { 'aws:SourceVpce': id } },
          },
        }),
      },
    });
    const ways = (id: string) => said(endpoint, bucket, held(id)).filter((one) => one.includes('Bucket bucket'));
    assert.deepEqual(ways('vpce-1'), []);
    assert.match(ways('vpce-2').join(), /a signed address of an object is answered from anywhere/);
  });

  it('leaves a policy that cannot be read to the up that makes it known', () => {
    const bucket = { type: 'aws:s3/bucket:Bucket', name: 'bucket', props: { bucket: 'lake' }, unknown: { id: '' } };
    const policy = (rest: Partial<Planned>): Planned => ({
      type: 'aws:s3/bucketPolicy:BucketPolicy',
      name: 'policy',
      ...rest,
      props: { bucket: 'lake', ...rest.props },
    });
    const open = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }] };
    assert.deepEqual(said(bucket, policy({ unknown: { policy: 'endpoint' } })), []);
    assert.ok(said(bucket, policy({ props: { policy: JSON.stringify(open) } })).length > 0);
  });

  it('has nothing to say where nothing is on AWS', () => {
    assert.deepEqual(said({ type: 'kubernetes:core/v1:Secret', name: 'secret' }), []);
  });
});
