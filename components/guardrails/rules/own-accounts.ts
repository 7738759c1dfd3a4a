import { isLakesProvider } from '../reachability/lake-borders';
import { awsAccount } from './aws-types';
import type { GuardedGraph } from './guarded-graph';

/**
 * Whether each account is one that the lake is deployed to. Where the stack does not say which those are, nothing can be held
 * against an account; that is a fault by itself (`account-named`).
 */
export function areOwn(graph: GuardedGraph, accounts: readonly string[]): boolean {
  const own = graph
    .of(awsAccount)
    .filter(isLakesProvider)
    .flatMap(({ props }) => String(props.allowedAccountIds ?? '').match(/\d{12}/g) ?? []);
  return own.length === 0 || accounts.every((one) => own.includes(one));
}
