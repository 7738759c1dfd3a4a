import { Alias, type Function as LambdaFunction, ResourcePolicy } from '@pulumi/aws/lambda';
import type { Resource } from '@pulumi/pulumi';
import type { Manifest } from '../../functions/manifest';
import { operatorAccount, people } from '../../functions/operator/manifest';
import type { AwsParts } from '../core/aws-parts';
import { type PolicyStatement, policyText } from '../core/aws-policy';
import { awsFunctionArn, awsRoleArn } from '../core/aws-target';

/**
 * An alias of the function for each that may ask it, a function or a person: Lambda tells a function by which it was invoked, and nothing else of who
 * did. The alias's policy denies everybody but that caller's role, an administrator too; the role must allow it besides.
 * The function without an alias is invoked by nobody. A policy is put as a whole (PutResourcePolicy), so nothing else adds to it.
 *
 * @throws RangeError when a caller does not stand in the manifest.
 */
export function addCallers(
  parts: AwsParts,
  lambda: LambdaFunction,
  { name, trigger }: Manifest,
  callers: readonly string[],
): void {
  const close = (role: string, what: Resource, arn: string, caller?: string): void => {
    const policy = policyText([nobodyBut(arn, caller)]);
    parts.add(ResourcePolicy, role, { resourceArn: arn, policy }, { dependsOn: [what] });
  };
  const known = trigger.kind === 'request' ? trigger.from : {};
  const accounts = operatorAccount('');
  for (const caller of callers) {
    if (!Object.hasOwn(known, caller.startsWith(accounts) ? people : caller))
      throw new RangeError(`${name}: its manifest does not let ${caller} ask. Name it there, or take the request out.`);
    const alias = parts.add(Alias, `for-${caller}`, {
      name: caller,
      description: `What ${caller} asks`,
      functionName: lambda.name,
      functionVersion: '$LATEST',
    });
    close(`for-${caller}-policy`, alias, awsFunctionArn(parts.target, name, caller), awsRoleArn(parts.target, caller));
  }
  close('policy', lambda, awsFunctionArn(parts.target, name));
}

const nobodyBut = (resource: string, role?: string): PolicyStatement => ({
  Sid: role === undefined ? 'NobodyInvokesIt' : 'NobodyElseInvokesIt',
  Effect: 'Deny',
  Principal: '*',
  Action: 'lambda:InvokeFunction',
  Resource: resource,
  ...(role === undefined ? {} : { Condition: { ArnNotEquals: { 'aws:PrincipalArn': role } } }),
});
