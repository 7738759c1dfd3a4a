import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsSchema } from './aws-settings';
import { schema } from './config';
import type { Schema } from './config-schema';

interface ConfigurationPage {
  readonly path: string;
  readonly title: string;
  /** Where the schema stands. */
  readonly source: string;
  readonly settings: Schema;
}

const docs = join(__dirname, '..', 'docs');

/** The pages that are made from the schemas, one for each kind of target. */
export const configurationPages: readonly ConfigurationPage[] = [
  {
    path: join(docs, 'configuration.md'),
    title: 'Configuration of a stack',
    source: 'stacks/config.ts',
    settings: schema,
  },
  {
    path: join(docs, 'configuration-aws.md'),
    title: 'Configuration of a stack on AWS',
    source: 'stacks/aws-settings.ts',
    settings: awsSchema,
  },
];

const code = (text: string): string => `\`${text}\``;
/** A pipe would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

function defaultOf(setting: Schema[string]): string {
  if (setting.kind === 'secret') return setting.optional === true ? 'none, secret' : 'required, secret';
  if (setting.byDefault !== undefined)
    return code(typeof setting.byDefault === 'string' ? setting.byDefault : JSON.stringify(setting.byDefault));
  return setting.optional === true ? 'none' : 'required';
}

/** Every setting as a row: key, what it is for, the values allowed, what holds when it is absent. */
export function configurationReference({ title, source, settings }: Omit<ConfigurationPage, 'path'>): string {
  const rows = Object.entries(settings).map(
    ([key, setting]) =>
      `| ${[code(key), setting.description, setting.allowed, defaultOf(setting)].map(cell).join(' | ')} |`,
  );
  return `# ${title}

Made from the schema in \`${source}\` by \`npm run config:reference\`; a test fails when it is stale. Set a value with
\`pulumi config set KEY VALUE\`; lists and maps are JSON, or YAML in \`Pulumi.STACK.yaml\`. Everything that is wrong is named at once,
before anything is deployed. "Required" may also follow from another setting; the error says from which.

| key | what it is for | allowed | when absent |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (require.main === module)
  for (const page of configurationPages) writeFileSync(page.path, configurationReference(page));
