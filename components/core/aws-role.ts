import { Policy, Role, RolePolicyAttachment } from '@pulumi/aws/iam';
import type { Output, Resource } from '@pulumi/pulumi';
import type { AwsParts } from './aws-parts';
import { type PolicyStatement, policyText } from './aws-policy';
import { type AwsTarget, awsRoleName } from './aws-target';

export interface AwsRoleArgs {
  /** Of the function or service, without the lake's and the stack's. */
  readonly name: string;
  /** Who takes it: `lambda.amazonaws.com`. */
  readonly service: string;
  /** Narrower than the account: what the service takes it for. */
  readonly sourceArn?: string;
  readonly statements: readonly PolicyStatement[];
}

export interface AwsRole {
  readonly role: Role;
  readonly arn: Output<string>;
  /** What uses the role at once waits for it. */
  readonly granted: readonly Resource[];
}

/**
 * Services that do not say it, so that a condition would refuse them: EC2 (EC2 User Guide, "IAM roles for Amazon EC2"), API Gateway
 * for an authoriser's or an integration's role (aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#479),
 * CloudTrail for the role of its log group (prowler-cloud/prowler#4714). Nobody hands them a role of another account: `iam:PassRole`
 * knows none.
 */
const silent = new Set(['apigateway.amazonaws.com', 'cloudtrail.amazonaws.com', 'ec2.amazonaws.com']);

/**
 * How a service says for whom it takes a role: by the account, as most do (IAM User Guide, "The confused deputy problem"). A condition
 * on what a service does not say would let it take the role for nobody.
 */
function sourceOf({ region, accountId }: AwsTarget, service: string, sourceArn?: string): PolicyStatement['Condition'] {
  if (silent.has(service)) return undefined;
  // Redshift names who asked in which warehouse (Redshift Management Guide, "Restricting access to IAM roles").
  if (service === 'redshift.amazonaws.com')
    return {
      StringLike: { 'sts:ExternalId': `arn:aws:redshift:${region}:${accountId}:dbuser:serverless-${accountId}-*` },
    };
  return {
    StringEquals: { 'aws:SourceAccount': accountId },
    ...(sourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': sourceArn } }),
  };
}

/** A role that one service of this account takes. */
export function addRole(parts: AwsParts, { name, service, sourceArn, statements }: AwsRoleArgs): AwsRole {
  const condition = sourceOf(parts.target, service, sourceArn);
  const taken = { Principal: { Service: service }, ...(condition === undefined ? {} : { Condition: condition }) };
  return addRoleFor(parts, name, taken, statements);
}

/** A role with one policy of its own and the boundary of the target, taken by whom it names. */
export function addRoleFor(
  parts: AwsParts,
  name: string,
  taken: Pick<PolicyStatement, 'Principal' | 'Condition'>,
  statements: readonly PolicyStatement[],
): AwsRole {
  const { target } = parts;
  const trust: PolicyStatement = { Effect: 'Allow', Action: 'sts:AssumeRole', ...taken };
  const role = parts.add(Role, `${name}-role`, {
    name: awsRoleName(target, name),
    assumeRolePolicy: policyText([trust]),
    ...(target.boundary === undefined ? {} : { permissionsBoundary: target.boundary }),
  });
  if (statements.length === 0) return { role, arn: role.arn, granted: [] };
  const policy = parts.add(Policy, `${name}-policy`, {
    name: awsRoleName(target, name),
    policy: policyText(statements),
  });
  const grants = parts.add(RolePolicyAttachment, `${name}-grants`, { role: role.name, policyArn: policy.arn });
  return { role, arn: role.arn, granted: [grants] };
}
