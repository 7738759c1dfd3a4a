import type { Input } from '@pulumi/pulumi';
import type { AwsStateHome } from './aws-homes';
import { allow, type PolicyStatement } from './aws-policy';
import type { AwsTarget } from './aws-target';

/** Grants of services that act for the lake, beside those of functions (aws-grants.ts, aws-runtime-grants.ts). */

/** To begin something that the lake runs at a time. */
export const invokeStatements = (functionArn: Input<string>): readonly PolicyStatement[] => [
  allow('lambda:InvokeFunction', functionArn),
];

/** To put what was given up with the dead letters of a queue that is encrypted. */
export const setAsideStatements = (
  { region }: AwsTarget,
  queueArn: Input<string>,
  keyArn: Input<string>,
): readonly PolicyStatement[] => [
  allow('sqs:SendMessage', queueArn),
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], keyArn, {
    StringEquals: { 'kms:ViaService': `sqs.${region}.amazonaws.com` },
  }),
];

/** To write traces: these calls know no resources (Service Authorization Reference, AWS X-Ray). */
export const traceStatements = (): readonly PolicyStatement[] => [
  allow(['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], '*'),
];

/** To read the login of a database's first user: for what sets a lake up. */
export const firstUserStatements = (
  { region }: AwsTarget,
  { secretArn, secretKeyArn }: Pick<AwsStateHome, 'secretArn' | 'secretKeyArn'>,
): readonly PolicyStatement[] => [
  allow('secretsmanager:GetSecretValue', secretArn),
  allow('kms:Decrypt', secretKeyArn, { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } }),
];

/** API Gateway's logs: their groups are its own to name (API Gateway Developer Guide, "Set up CloudWatch logging"). */
export const gatewayLogStatements = (): readonly PolicyStatement[] => [
  allow(
    [
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      'logs:FilterLogEvents',
      'logs:GetLogEvents',
      'logs:PutLogEvents',
    ],
    '*',
  ),
];
