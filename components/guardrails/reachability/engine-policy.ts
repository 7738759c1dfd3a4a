import type { Policies } from '@pulumi/policy';
import { explain, type Finding, findPaths } from '.';
import { lakeBorders } from './lake-borders';
import { plannedStack } from './planned-resources';

/** The reachability solver as a policy of the engine: prints every way out of a lake on AWS that nobody declared, step by step. */
export const reachabilityPolicy: Policies[number] = {
  name: 'no-undeclared-way-out',
  description: 'Data leaves the lake by no way but the declared ones (NCSC 11, CAF B4.a, CAF B3.b, SATRE 2.2.11).',
  enforcementLevel: 'mandatory',
  validateStack: ({ resources }, report) => {
    const { resources: planned, unread } = plannedStack(resources);
    const account = planned.filter(({ type }) => type.startsWith('aws:'));
    // The last step is the way out itself; what leads to it is no less a leak for being unread.
    const known = ({ steps }: Finding): boolean => !unread.has(steps.at(-1)?.name ?? '');
    for (const finding of findPaths(account, lakeBorders(planned))) if (known(finding)) report(explain(finding));
  },
};
