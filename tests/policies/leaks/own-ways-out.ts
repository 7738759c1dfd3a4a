import {
  account,
  arnOf,
  idOf,
  inZone,
  policy,
  stranger,
  trustOf,
  written,
} from '../hand-written-stack/written-resource';
import { add, change, inTurn, type Leak } from './leak';

const functionType = 'aws:lambda/function:Function';
const associated = (rule: string) =>
  written('aws:route53/resolverRuleAssociation:ResolverRuleAssociation', 'tre-asks', {
    resolverRuleId: rule,
    vpcId: idOf('tre'),
  });
const forwards = (domainName: string) =>
  add(
    written('aws:route53/resolverRule:ResolverRule', 'elsewhere', {
      ruleType: 'FORWARD',
      domainName,
      targetIps: [{ ip: '198.51.100.9' }],
    }),
    associated(idOf('elsewhere')),
  );

/** Of a role that is not said to be a project's, but that a machine of one carries. */
const machineOf = (project: string) => [
  written('aws:iam/role:Role', `${project}-machine`, {
    assumeRolePolicy: trustOf('ec2.amazonaws.com'),
    tags: inZone('tre'),
  }),
  written('aws:iam/rolePolicy:RolePolicy', `${project}-machine`, {
    role: `${project}-machine`,
    policy: policy({
      Effect: 'Allow',
      NotAction: 's3:Delete*',
      Resource: 'arn:aws:s3:::curated/shared/*',
      Condition: { StringEquals: { 'aws:ResourceAccount': account } },
    }),
  }),
  written('aws:iam/instanceProfile:InstanceProfile', `${project}-machine`, { role: `${project}-machine` }),
  written('aws:ec2/instance:Instance', `${project}-machine`, {
    subnetId: idOf(`${project}-a`),
    iamInstanceProfile: `${project}-machine`,
    tags: inZone('tre', project),
  }),
];

/** Leaks by what stands in no network of the stack, and by whom a network asks for names. */
export const ownWayLeaks: readonly Leak[] = [
  {
    name: 'a function that stands in no network',
    reaches: 'internet',
    through: ['curate'],
    plant: change(functionType, 'curate', ({ vpcConfig: _, ...now }) => now),
  },
  {
    name: 'a function whose list of subnets is empty',
    reaches: 'internet',
    through: ['curate'],
    plant: change(functionType, 'curate', (now) => ({ ...now, vpcConfig: { subnetIds: [], securityGroupIds: [] } })),
  },
  {
    name: 'a function in a network that the stack does not hold',
    reaches: 'network of subnet-of-somebody',
    through: ['curate'],
    plant: change(functionType, 'curate', (now) => ({
      ...now,
      vpcConfig: { subnetIds: ['subnet-of-somebody'], securityGroupIds: ['sg-of-somebody'] },
    })),
  },
  {
    name: 'Spark in no network',
    reaches: 'internet',
    through: ['spark'],
    plant: add(
      written('aws:emrserverless/application:Application', 'spark', { type: 'spark', releaseLabel: 'emr-7.9.0' }),
    ),
  },
  {
    name: 'a machine in the network that an account has by default',
    reaches: 'internet',
    through: ['forgotten'],
    plant: add(written('aws:ec2/instance:Instance', 'forgotten', { ami: 'ami-1', instanceType: 't3.micro' })),
  },
  {
    name: 'a second interface of a machine in another network',
    reaches: 'network of eni-of-somebody',
    through: ['two-legged'],
    plant: add(
      written('aws:ec2/instance:Instance', 'two-legged', {
        subnetId: idOf('flu-a'),
        networkInterfaces: [{ networkInterfaceId: 'eni-of-somebody', deviceIndex: 1 }],
      }),
    ),
  },
  {
    name: 'a warehouse that copies past the network',
    reaches: 'internet',
    through: ['warehouse'],
    plant: change('aws:redshiftserverless/workgroup:Workgroup', 'warehouse', (now) => ({
      ...now,
      enhancedVpcRouting: false,
    })),
  },
  {
    name: "a forwarding rule for AWS's own names, which the firewall lets through",
    reaches: 'resolver 198.51.100.9',
    through: ['tre', 'elsewhere'],
    plant: forwards('amazonaws.com.'),
  },
  {
    name: "a forwarding rule for one name among AWS's own",
    reaches: 'resolver 198.51.100.9',
    through: ['tre', 'elsewhere'],
    plant: forwards('collector.s3.eu-west-2.amazonaws.com'),
  },
  {
    name: 'a forwarding rule that another account shares',
    reaches: 'unknown resolver',
    through: ['tre', 'tre-asks'],
    plant: add(associated('rslvr-rr-of-somebody')),
  },
  {
    name: 'a route to a target of a kind that nobody knows',
    reaches: 'a target that is not known lake-to-somewhere',
    through: ['lake-to-somewhere'],
    plant: add(
      written('aws:ec2/route:Route', 'lake-to-somewhere', {
        routeTableId: idOf('lake-routes'),
        destinationCidrBlock: '203.0.113.0/24',
      }),
      written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'lake-to-somewhere-out', {
        securityGroupId: idOf('lake-functions'),
        cidrIpv4: '203.0.113.0/24',
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
      }),
    ),
  },
  {
    name: 'two machines of two projects that share a bucket by roles of no project',
    reaches: 'project frailty',
    through: ['flu-machine'],
    plant: inTurn(add(...machineOf('flu')), add(...machineOf('frailty'))),
  },
  {
    name: "a database that exports with a stranger's role",
    reaches: `account ${stranger}`,
    through: ['exporter'],
    plant: add(
      written('aws:rds/clusterRoleAssociation:ClusterRoleAssociation', 'exporter', {
        dbClusterIdentifier: idOf('lake-database'),
        featureName: 's3Export',
        roleArn: `arn:aws:iam::${stranger}:role/exporter`,
      }),
    ),
  },
  {
    name: "an endpoint into a stranger's warehouse",
    reaches: `account ${stranger}`,
    through: ['their-warehouse'],
    plant: add(
      written('aws:redshiftserverless/endpointAccess:EndpointAccess', 'their-warehouse', {
        endpointName: 'theirs',
        ownerAccount: stranger,
        subnetIds: [idOf('lake-a')],
        workgroupName: 'theirs',
      }),
    ),
  },
];

/** What looks alike and lets nothing out. */
export const harmlessWays: readonly Pick<Leak, 'name' | 'plant'>[] = [
  { name: 'a forwarding rule for a name that the firewall refuses', plant: forwards('example.org') },
  {
    name: 'a rule that asks the resolver of AWS itself',
    plant: add(
      written('aws:route53/resolverRule:ResolverRule', 'plain', {
        ruleType: 'SYSTEM',
        domainName: 'eu-west-2.amazonaws.com',
      }),
      associated(idOf('plain')),
    ),
  },
  {
    name: 'a layer that AWS publishes in an account of its own, and a ticket that names a queue',
    plant: change(functionType, 'curate', (now) => ({
      ...now,
      layers: ['arn:aws:lambda:eu-west-2:133256977650:layer:AWS-Parameters-and-Secrets-Lambda-Extension:12'],
      tags: { ...inZone('lake'), Ticket: `arn:aws:sqs:eu-west-2:${stranger}:orders` },
    })),
  },
  {
    name: 'a machine whose project shares nothing',
    plant: add(...machineOf('flu')),
  },
  {
    name: 'a role that a function takes in its own bucket only',
    plant: add(
      written('aws:iam/rolePolicy:RolePolicy', 'curate-again', {
        role: 'curate',
        policy: policy({ Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::curated/again/*' }),
      }),
      written('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'curate-network', {
        role: arnOf('aws:iam/role:Role', 'curate'),
        policyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
      }),
    ),
  },
];
