import type { GraphResource } from '../../../components/guardrails/reachability/graph-resource';
import { projects } from './networks';
import { account, arnOf, idOf, inZone, policy, region, type Statement, trustOf, written } from './written-resource';

interface WrittenFunction {
  readonly name: string;
  readonly zone: 'lake' | 'identity';
  readonly allowed: readonly Statement[];
}

const allow = (Action: readonly string[], ...Resource: readonly string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});

const functionsOfLake: readonly WrittenFunction[] = [
  {
    name: 'ingest',
    zone: 'lake',
    allowed: [
      allow(['s3:PutObject'], 'arn:aws:s3:::landing/*', 'arn:aws:s3:::identity/*'),
      allow(['kms:GenerateDataKey'], arnOf('aws:kms/key:Key', 'landing')),
    ],
  },
  {
    name: 'dispatch',
    zone: 'lake',
    allowed: [allow(['sns:Publish'], arnOf('aws:sns/topic:Topic', 'landed'))],
  },
  {
    name: 'curate',
    zone: 'lake',
    allowed: [
      allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::landing/*', 'arn:aws:s3:::curated/*'),
      allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage'], arnOf('aws:sqs/queue:Queue', 'curate')),
    ],
  },
  {
    name: 'identity',
    zone: 'identity',
    allowed: [allow(['s3:GetObject'], 'arn:aws:s3:::identity/*')],
  },
];

const lambdas: readonly GraphResource[] = functionsOfLake.flatMap(({ name, zone, allowed }) => [
  written('aws:iam/role:Role', name, { assumeRolePolicy: trustOf('lambda.amazonaws.com'), tags: inZone(zone) }),
  written('aws:iam/rolePolicy:RolePolicy', name, { role: name, policy: policy(...allowed) }),
  written('aws:cloudwatch/logGroup:LogGroup', name, {
    name: `/aws/lambda/${name}`,
    retentionInDays: 365,
    tags: inZone(zone),
  }),
  written('aws:lambda/function:Function', name, {
    role: arnOf('aws:iam/role:Role', name),
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    vpcConfig: {
      subnetIds: [idOf(`${zone}-a`), idOf(`${zone}-b`)],
      securityGroupIds: [idOf(`${zone}-functions`)],
    },
    tags: inZone(zone),
  }),
]);

const martsReader = (project: string): readonly GraphResource[] => {
  const point = arnOf('aws:s3/accessPoint:AccessPoint', `marts-${project}`);
  return [
    written('aws:iam/role:Role', `${project}-reader`, {
      assumeRolePolicy: trustOf('ec2.amazonaws.com'),
      tags: inZone('tre', project),
    }),
    written('aws:iam/rolePolicy:RolePolicy', `${project}-reader`, {
      role: `${project}-reader`,
      policy: policy(allow(['s3:GetObject', 's3:ListBucket'], point, `${point}/object/*`)),
    }),
  ];
};

const gatewayDocument = {
  openapi: '3.0.3',
  info: { title: 'FHIR', version: '1' },
  paths: {
    '/FHIR/R4/{type}': {
      post: {
        responses: {},
        'x-amazon-apigateway-integration': {
          type: 'aws_proxy',
          httpMethod: 'POST',
          uri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arnOf('aws:lambda/function:Function', 'ingest')}/invocations`,
        },
      },
    },
  },
};

export const functions: readonly GraphResource[] = [
  ...lambdas,
  ...projects.flatMap(martsReader),
  written('aws:apigateway/restApi:RestApi', 'fhir', {
    name: 'fhir',
    body: JSON.stringify(gatewayDocument),
    endpointConfiguration: { types: 'REGIONAL' },
    tags: inZone('lake'),
  }),
  written('aws:lambda/permission:Permission', 'fhir-to-ingest', {
    action: 'lambda:InvokeFunction',
    function: 'ingest',
    principal: 'apigateway.amazonaws.com',
    sourceAccount: account,
    sourceArn: `arn:aws:execute-api:${region}:${account}:fhir/prod/POST/*`,
  }),
];
