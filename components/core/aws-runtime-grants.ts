import type { Input } from '@pulumi/pulumi';
import { allow, deny, type PolicyStatement } from './aws-policy';
import { type AwsTarget, awsArn } from './aws-target';

/** A queue, and the key it is encrypted with. */
export interface AwsQueue {
  readonly queueArn: Input<string>;
  readonly keyArn: Input<string>;
}

/** What Lambda needs to run a function, beside what the function's manifest says. */
export interface LambdaRuntime {
  readonly functionName: string;
  /** Name of its log group, which is there before it. */
  readonly logGroup: string;
  /** The key of its environment. */
  readonly environmentKeyArn: Input<string>;
  /** Where Lambda takes its events from. */
  readonly source?: AwsQueue;
  /** Where Lambda puts events that no attempt delivered. */
  readonly deadLetters?: AwsQueue;
}

/** Network interfaces in the lake's subnets. */
const interfaceCalls = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** Grants of the Lambda service in a function's role, each as narrow as the service takes it. */
export function lambdaStatements(
  target: Omit<AwsTarget, 'provider'>,
  runtime: LambdaRuntime,
): readonly PolicyStatement[] {
  const { functionName, logGroup, environmentKeyArn, source, deadLetters } = runtime;
  const functionArn = awsArn(target, 'lambda', `function:${functionName}`);
  const throughQueues = { StringEquals: { 'kms:ViaService': `sqs.${target.region}.amazonaws.com` } };
  return [
    // The group is there: a function that could make one could make it without retention.
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], awsArn(target, 'logs', `log-group:${logGroup}:*`)),
    // These calls know no resources, so the service may and the function's own code may not (Lambda Developer Guide,
    // "Giving Lambda functions access to resources in a VPC").
    allow(interfaceCalls, '*'),
    deny(interfaceCalls, '*', { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } }),
    allow('kms:Decrypt', environmentKeyArn, {
      StringEquals: {
        'kms:ViaService': `lambda.${target.region}.amazonaws.com`,
        'kms:EncryptionContext:aws:lambda:FunctionArn': functionArn,
      },
    }),
    ...(source === undefined
      ? []
      : [
          allow(['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], source.queueArn),
          allow('kms:Decrypt', source.keyArn, throughQueues),
        ]),
    ...(deadLetters === undefined
      ? []
      : [
          allow('sqs:SendMessage', deadLetters.queueArn),
          allow(['kms:Decrypt', 'kms:GenerateDataKey'], deadLetters.keyArn, throughQueues),
        ]),
  ];
}
