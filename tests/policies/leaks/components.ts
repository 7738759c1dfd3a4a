import type { AwsInputs, AwsType } from '../hand-written-stack/aws-inputs';
import { idOf, policy, type Statement, stranger, written } from '../hand-written-stack/written-resource';
import type { Leak, Stack } from './leak';

const only = (stack: Stack, kind: string, name: string) => {
  const found = stack.filter((one) => one.name === name && one.type.endsWith(`:${kind}`));
  const [first] = found;
  if (first === undefined || found.length !== 1) throw new Error(`${found.length} resources are a ${kind} ${name}.`);
  return first;
};
const id = (stack: Stack, kind: string, name: string): string => only(stack, kind, name).id ?? '';

const change =
  (kind: string, name: string, inputs: (now: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>) =>
  (stack: Stack): Stack => {
    const one = only(stack, kind, name);
    return stack.map((other) => (other === one ? { ...one, inputs: inputs(one.inputs) } : other));
  };

const statements = (text: unknown): readonly Statement[] =>
  (JSON.parse(String(text)) as { readonly Statement: readonly Statement[] }).Statement;
const repoliced = (kind: string, name: string, anew: (now: readonly Statement[]) => readonly Statement[]) =>
  change(kind, name, (now) => ({ ...now, policy: policy(...anew(statements(now.policy))) }));

const added =
  <Type extends AwsType>(type: Type, name: string, inputs: (stack: Stack) => AwsInputs[Type]) =>
  (stack: Stack): Stack => [...stack, written(type, name, inputs(stack))];

const inTurn =
  (...changes: readonly ((stack: Stack) => Stack)[]) =>
  (stack: Stack): Stack =>
    changes.reduce((now, next) => next(now), stack);

const root = { AWS: `arn:aws:iam::${stranger}:root` };

/** Leaks planted in what our own components make, by the names they give. */
export const leaksOfComponents: readonly Leak[] = [
  {
    name: "machines' own names, which the firewall lets through, forwarded to somebody's resolver",
    reaches: 'resolver 198.51.100.9',
    through: ['network-tre', 'elsewhere'],
    plant: inTurn(
      added('aws:route53/resolverRule:ResolverRule', 'elsewhere', () => ({
        ruleType: 'FORWARD',
        domainName: 'eu-west-2.compute.internal',
        targetIps: [{ ip: '198.51.100.9' }],
      })),
      added('aws:route53/resolverRuleAssociation:ResolverRuleAssociation', 'tre-asks', (stack) => ({
        resolverRuleId: idOf('elsewhere'),
        vpcId: id(stack, 'Vpc', 'network-tre'),
      })),
    ),
  },
  {
    name: 'a way to the internet for workspaces, opened at every place that closes it',
    reaches: 'internet',
    through: ['network-tre-group-workspaces', 'network-tre-workspaces-routes', 'packages'],
    plant: inTurn(
      added('aws:ec2/internetGateway:InternetGateway', 'packages', (stack) => ({
        vpcId: id(stack, 'Vpc', 'network-tre'),
      })),
      added('aws:ec2/route:Route', 'to-packages', (stack) => ({
        routeTableId: id(stack, 'RouteTable', 'network-tre-workspaces-routes'),
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId: idOf('packages'),
      })),
      added('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'anywhere', (stack) => ({
        securityGroupId: id(stack, 'SecurityGroup', 'network-tre-group-workspaces'),
        cidrIpv4: '0.0.0.0/0',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
      })),
      change('VpcBlockPublicAccessOptions', 'network-account', () => ({ internetGatewayBlockMode: 'off' })),
    ),
  },
  {
    name: 'the tunnel of the site led to the databases as well',
    reaches: 'VPN connection network-vpn-connection',
    through: ['network-lake-group-database-identity', 'network-vpn-gateway'],
    plant: inTurn(
      added('aws:ec2/route:Route', 'to-site', (stack) => ({
        routeTableId: id(stack, 'RouteTable', 'network-lake-state-routes'),
        destinationCidrBlock: '172.16.0.0/16',
        gatewayId: id(stack, 'VpnGateway', 'network-vpn-gateway'),
      })),
      added('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'database-from-site', (stack) => ({
        securityGroupId: id(stack, 'SecurityGroup', 'network-lake-group-database-identity'),
        cidrIpv4: '172.16.0.0/16',
        ipProtocol: 'tcp',
        fromPort: 5432,
        toPort: 5432,
      })),
      change('NetworkAcl', 'network-lake-state-list', (now) => ({
        ...now,
        ingress: [{ ruleNo: 1, action: 'allow', protocol: '-1', cidrBlock: '172.16.0.0/16', fromPort: 0, toPort: 0 }],
        egress: [{ ruleNo: 1, action: 'allow', protocol: '-1', cidrBlock: '172.16.0.0/16', fromPort: 0, toPort: 0 }],
      })),
    ),
  },
  {
    name: 'the way to S3 of the lake without its policy',
    reaches: 'any account',
    through: ['network-lake-group-object-store', 'network-lake-endpoint-s3'],
    plant: change('VpcEndpoint', 'network-lake-endpoint-s3', ({ policy: _, ...now }) => now),
  },
  {
    name: 'the way to KMS for principals of ours, whoever owns the key',
    reaches: 'any account',
    through: ['network-lake-group-key', 'network-lake-endpoint-kms'],
    plant: repoliced('VpcEndpoint', 'network-lake-endpoint-kms', (now) =>
      now.map((one) => ({ ...one, Condition: { StringEquals: { 'aws:PrincipalAccount': '123456789012' } } })),
    ),
  },
  {
    name: 'names answered while their firewall is away',
    reaches: 'internet',
    through: ['network-watch-tre-names-closed'],
    plant: change('ResolverFirewallConfig', 'network-watch-tre-names-closed', (now) => ({
      ...now,
      firewallFailOpen: 'ENABLED',
    })),
  },
  {
    name: 'one more name that is let through',
    reaches: 'internet',
    through: ['network-lake', 'network-watch-names-let-through'],
    plant: change('ResolverFirewallDomainList', 'network-watch-names-known', (now) => ({
      ...now,
      domains: [...(now.domains as string[]), '*.cdn.example.'],
    })),
  },
  {
    name: 'signed addresses of curated objects that work everywhere',
    reaches: 'internet',
    through: ['stores-curated'],
    plant: repoliced('BucketPolicy', 'stores-curated-policy', (now) =>
      now.filter(({ Sid = '' }) => Sid !== 'OnlyThroughEndpoints' && !Sid.startsWith('OnlyObjects')),
    ),
  },
  {
    name: 'uploads signed for the inbox that landing takes as well',
    reaches: 'whoever holds a signed upload',
    through: ['stores-landing', 'stores-landing-policy'],
    plant: repoliced('BucketPolicy', 'stores-landing-policy', (now) =>
      now.map((one) =>
        one.Sid === 'OnlyThroughEndpoints'
          ? { ...one, Action: [one.Action].flat().filter((call) => call !== 's3:PutObject') as string[] }
          : one,
      ),
    ),
  },
  {
    name: 'the networks no longer asked for, though roles are: whoever curates signs an address that works everywhere',
    reaches: 'internet',
    through: ['stores-curated', 'stores-curated-policy'],
    plant: repoliced('BucketPolicy', 'stores-curated-policy', (now) =>
      now.filter(({ Sid = '' }) => Sid !== 'OnlyThroughEndpoints'),
    ),
  },
  {
    name: 'a signed upload into the inbox that is good for ever',
    reaches: 'internet',
    through: ['stores-inbox', 'stores-inbox-policy'],
    plant: repoliced('BucketPolicy', 'stores-inbox-policy', (now) =>
      now.filter(({ Sid = '' }) => Sid !== 'OnlyYoungSignatures'),
    ),
  },
  {
    name: 'a stranger let into a bucket by a policy written anew',
    reaches: `account ${stranger}`,
    through: ['stores-marts'],
    plant: repoliced('BucketPolicy', 'stores-marts-policy', (now) => [
      ...now.filter(({ Sid = '' }) => /Endpoints|Young/.test(Sid)).map((one) => ({ ...one, Action: 's3:PutObject' })),
      { Effect: 'Allow', Principal: root, Action: 's3:GetObject', Resource: '*' },
    ]),
  },
  {
    name: 'the pseudonym key lent to a stranger by its policy',
    reaches: `account ${stranger}`,
    through: ['keys-key-pseudonym'],
    plant: repoliced('Key', 'keys-key-pseudonym', (now) => [
      ...now.filter(({ Sid = '' }) => !Sid.startsWith('NobodyElseUsesIt')),
      { Effect: 'Allow', Principal: root, Action: 'kms:Decrypt', Resource: '*' },
    ]),
  },
  {
    name: 'events of landed messages sent by mail',
    reaches: 'internet',
    through: ['events-landed.clinical-topic', 'watch'],
    plant: added('aws:sns/topicSubscription:TopicSubscription', 'watch', (stack) => ({
      topic: id(stack, 'Topic', 'events-landed.clinical-topic'),
      protocol: 'email',
      endpoint: 'on-call@example.nhs.uk',
    })),
  },
  {
    name: 'logs of the identity function subscribed by a stranger',
    reaches: `account ${stranger}`,
    through: ['identity-logs', 'watch'],
    plant: added('aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter', 'watch', (stack) => ({
      logGroup: id(stack, 'LogGroup', 'identity-logs'),
      filterPattern: '',
      destinationArn: `arn:aws:logs:eu-west-2:${stranger}:destination:watch`,
    })),
  },
  {
    name: 'the role of backups taken by a stranger',
    reaches: `account ${stranger}`,
    through: ['backup-backup-role'],
    plant: change('Role', 'backup-backup-role', (now) => ({
      ...now,
      assumeRolePolicy: policy({ Effect: 'Allow', Principal: root, Action: 'sts:AssumeRole' }),
    })),
  },
  {
    name: 'a copy of landing into a bucket elsewhere',
    reaches: 'any account',
    through: ['stores-landing', 'copies'],
    plant: added('aws:s3/bucketReplicationConfig:BucketReplicationConfig', 'copies', (stack) => ({
      bucket: id(stack, 'Bucket', 'stores-landing'),
      role: 'arn:aws:iam::123456789012:role/lake-test-backup',
      rules: [{ status: 'Enabled', destination: { bucket: 'arn:aws:s3:::copies-elsewhere' } }],
    })),
  },
];
