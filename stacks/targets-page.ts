import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedStack } from './commands/recorded-stack';
import { targetsPage } from './commands/targets-page';

const repository = join(__dirname, '..');

/** The stacks of this repository, by target and what stands in them. */
const columns = {
  'Kubernetes, development': 'dev',
  'Kubernetes, production': 'prod',
  'AWS, production': 'prod-aws',
} as const;

/** The page as it has to be now. */
async function currentTargetsPage(): Promise<string> {
  const stacks: Record<string, Awaited<ReturnType<typeof recordedStack>>> = {};
  // One after the other: Pulumi's runtime is global.
  for (const [column, stack] of Object.entries(columns)) stacks[column] = await recordedStack(stack, repository);
  return targetsPage(stacks);
}

if (require.main === module)
  currentTargetsPage().then((page) => writeFileSync(join(repository, 'docs', 'targets.md'), page));
