import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedStack } from './commands/recorded-stack';
import type { RecordedResource } from './commands/resource-graph';
import { type AllResults, type ShownBy, type SuiteResults, suites } from './commands/suite-results';
import { targetsPage } from './commands/targets-page';

const repository = join(__dirname, '..');

const kubernetes = {
  adapters: /^(ObjectStore: S3|KeyManagement: OpenBao|StateDatabase: PostgreSQL|Events: outbox|Catalogue: Hive)/,
  functions: /^tests\/emulators\/(server-|site-|hosts)[\w-]*\.test\.ts$/,
} as const;

/** The stacks of this repository, by target and what stands in them, and the tests that are about each. */
const columns: Readonly<Record<string, ShownBy & { readonly stack: 'dev' | 'prod' | 'prod-aws' }>> = {
  'Kubernetes, development': {
    stack: 'dev',
    broughtUp: { engine: /^The dev stack on the real engine$/, cluster: /^The dev stack on a real cluster$/ },
    ...kubernetes,
  },
  'Kubernetes, production': { stack: 'prod', broughtUp: {}, ...kubernetes },
  'AWS, production': {
    stack: 'prod-aws',
    broughtUp: { engine: /^The stack of production on AWS, on the real engine$/ },
    adapters: /^(ObjectStore: S3|KeyManagement: AWS KMS|StateDatabase: PostgreSQL|Events: AWS SNS|Catalogue: Glue)/,
    functions:
      /^tests\/emulators\/aws-(demo|kills|lambda-host|marts-erasure|operators|prepare|signed-import|upkeep)\.test\.ts$/,
  },
};

/** What the suites left; nothing where a suite never ran. */
const resultsOf = (suite: string): SuiteResults => {
  const file = join(repository, 'docs', 'results', `${suite}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SuiteResults) : {};
};

/**
 * The page as it has to be now.
 *
 * @param record the resources of a stack, by its name
 */
export async function currentTargetsPage(
  record: (stack: 'dev' | 'prod' | 'prod-aws') => Promise<readonly RecordedResource[]>,
): Promise<string> {
  const made: Record<string, ShownBy & { readonly resources: readonly RecordedResource[] }> = {};
  // One after the other: Pulumi's runtime is global.
  for (const [name, { stack, ...shownBy }] of Object.entries(columns))
    made[name] = { ...shownBy, resources: await record(stack) };
  const results = Object.fromEntries(suites.map((suite) => [suite, resultsOf(suite)])) as AllResults;
  return targetsPage(made, results);
}

if (require.main === module)
  currentTargetsPage((stack) => recordedStack(stack, repository)).then((page) =>
    writeFileSync(join(repository, 'docs', 'targets.md'), page),
  );
