import { recordedStack } from '../../stacks/commands/recorded-stack';
import type { RecordedResource } from '../../stacks/commands/resource-graph';
import { repository } from './machine-tools';

const recorded = new Map<string, Promise<readonly RecordedResource[]>>();

/** The resources of a stack of this repository, as its settings file describes it: evaluated once for all tests of a process. */
export function shippedStack(stack: 'dev' | 'prod' | 'prod-aws'): Promise<readonly RecordedResource[]> {
  const known = recorded.get(stack) ?? recordedStack(stack, repository);
  recorded.set(stack, known);
  return known;
}
