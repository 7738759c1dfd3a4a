import {
  account,
  arnOf,
  idOf,
  inZone,
  policy,
  region,
  type Statement,
  stranger,
  written,
} from '../hand-written-stack/written-resource';
import { add, change, inTurn, type Leak, type Stack } from './leak';

/** Changes that look like leaks and let nothing out: an alarm about one would be a false one. */
export const harmless: readonly Pick<Leak, 'name' | 'plant'>[] = [
  {
    name: 'an internet gateway and its route, while the account closes internet gateways',
    plant: add(
      written('aws:ec2/internetGateway:InternetGateway', 'closed', { vpcId: idOf('tre') }),
      written('aws:ec2/route:Route', 'flu-to-closed', {
        routeTableId: idOf('flu-routes'),
        destinationCidrBlock: '0.0.0.0/0',
        gatewayId: idOf('closed'),
      }),
      written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'flu-anywhere', {
        securityGroupId: idOf('flu-workspace'),
        cidrIpv4: '0.0.0.0/0',
        ipProtocol: '-1',
      }),
    ),
  },
  {
    name: 'a rule for everywhere, without a route',
    plant: add(
      written('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'frailty-anywhere', {
        securityGroupId: idOf('frailty-workspace'),
        cidrIpv4: '203.0.113.0/24',
        ipProtocol: '-1',
      }),
    ),
  },
  {
    name: 'a route to a stranger that neither group nor list lets pass',
    plant: add(
      written('aws:ec2/vpcPeeringConnection:VpcPeeringConnection', 'silent', {
        vpcId: idOf('lake'),
        peerVpcId: 'vpc-silent',
        peerOwnerId: stranger,
      }),
      written('aws:ec2/route:Route', 'lake-to-silent', {
        routeTableId: idOf('lake-routes'),
        destinationCidrBlock: '172.31.0.0/16',
        vpcPeeringConnectionId: idOf('silent'),
      }),
    ),
  },
  {
    name: 'a stranger allowed by one statement and denied by another',
    plant: change('aws:s3/bucketPolicy:BucketPolicy', 'curated', (now) => {
      const { Statement: statements } = JSON.parse(String(now.policy));
      const allowed: Statement = {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${stranger}:root` },
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::curated/*',
      };
      return { ...now, policy: policy(...statements, allowed) };
    }),
  },
  {
    name: 'everybody, as long as our own topic sends',
    plant: change('aws:sqs/queuePolicy:QueuePolicy', 'curate', (now) => ({
      ...now,
      policy: policy({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:SourceArn': arnOf('aws:sns/topic:Topic', 'landed') } },
      }),
    })),
  },
  {
    name: 'a copy into another bucket of the stack',
    plant: inTurn(
      (stack: Stack) => [
        ...stack,
        ...stack
          .filter(({ name, type }) => name === 'landing' && /:Bucket(Policy)?$/.test(type))
          .map((one) => ({
            ...one,
            id: 'second',
            name: 'second',
            inputs: JSON.parse(
              JSON.stringify({ ...one.inputs, bucket: 'second' }).replaceAll(':::landing', ':::second'),
            ),
            outputs: { arn: 'arn:aws:s3:::second' },
          })),
      ],
      add(
        written('aws:s3/bucketReplicationConfig:BucketReplicationConfig', 'second', {
          bucket: 'landing',
          role: arnOf('aws:iam/role:Role', 'curate'),
          rules: [{ status: 'Enabled', destination: { bucket: 'arn:aws:s3:::second', account } }],
        }),
      ),
    ),
  },
  {
    name: 'a pipeline that takes a role by a token bound to one repository',
    plant: add(
      written('aws:iam/role:Role', 'deploy', {
        assumeRolePolicy: policy({
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': 'repo:trust/lake:environment:prod',
            },
          },
        }),
      }),
    ),
  },
  {
    name: 'logs into a stream that ends in our own bucket',
    plant: add(
      written('aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter', 'kept', {
        logGroup: '/aws/lambda/ingest',
        filterPattern: '',
        destinationArn: arnOf('aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream', 'kept'),
      }),
      written('aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream', 'kept', {
        destination: 'extended_s3',
        extendedS3Configuration: {
          roleArn: arnOf('aws:iam/role:Role', 'curate'),
          bucketArn: arnOf('aws:s3/bucket:Bucket', 'audit'),
        },
        tags: inZone('lake'),
      }),
    ),
  },
  {
    name: 'a function that a rule of our own account may invoke',
    plant: add(
      written('aws:lambda/permission:Permission', 'rule-to-curate', {
        action: 'lambda:InvokeFunction',
        function: 'curate',
        principal: 'events.amazonaws.com',
        sourceArn: `arn:aws:events:${region}:${account}:rule/nightly`,
      }),
    ),
  },
];
