import { operatorAccount } from '../../functions/operator/manifest';
import { type AwsComponentArgs, AwsParts } from '../core/aws-parts';
import { addRoleFor } from '../core/aws-role';
import { askStatements } from '../core/aws-service-grants';
import type { LakeComponent } from '../core/lake-component';

export interface AwsOperatorsArgs extends AwsComponentArgs {
  /** By the name in the lake's audit: ARN of the role, the user or the session of one person, in this account. */
  readonly operators: Readonly<Record<string, string>>;
  /** Names of the functions that answer people. */
  readonly desks: readonly string[];
}

export interface AwsOperators {
  readonly kind: 'aws';
}

/**
 * A role for each person who operates the lake. It may ask the desks, each by the alias of its own name, and nothing else of the
 * account: what the lake does for that person, its functions do, and record.
 *
 * @throws RangeError for a principal of another account.
 */
export function awsOperators(component: LakeComponent, name: string, args: AwsOperatorsArgs): AwsOperators {
  const { target, operators, desks } = args;
  const parts = new AwsParts(component, name, args, { zone: 'lake', classification: 'none' });
  for (const [operator, principal] of Object.entries(operators)) {
    if (principal.split(':')[4] !== target.accountId)
      throw new RangeError(`operators: people sign in to the lake's own account; allowed: principals of it.`);
    const account = operatorAccount(operator);
    addRoleFor(parts, account, { Principal: { AWS: principal } }, askStatements(target, desks, account));
  }
  parts.complete();
  return { kind: 'aws' };
}
