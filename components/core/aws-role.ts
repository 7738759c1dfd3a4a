import { Policy, Role, RolePolicyAttachment } from '@pulumi/aws/iam';
import type { Output, Resource } from '@pulumi/pulumi';
import type { AwsParts } from './aws-parts';
import { type PolicyStatement, policyText } from './aws-policy';
import { awsRoleName } from './aws-target';

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

/** A role that one service of this account takes. */
export const addRole = (parts: AwsParts, { name, service, sourceArn, statements }: AwsRoleArgs): AwsRole =>
  addRoleFor(
    parts,
    name,
    {
      Principal: { Service: service },
      // The service may act for other accounts as well (IAM User Guide, "The confused deputy problem").
      Condition: {
        StringEquals: { 'aws:SourceAccount': parts.target.accountId },
        ...(sourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': sourceArn } }),
      },
    },
    statements,
  );

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
