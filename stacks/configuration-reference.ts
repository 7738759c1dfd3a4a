import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schema } from './config';
import type { Schema } from './config-schema';

/** The page that is made from the schema. */
export const configurationPage = join(__dirname, '..', 'docs', 'configuration.md');

const code = (text: string): string => `\`${text}\``;
/** A pipe would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

function defaultOf(setting: Schema[string]): string {
  if (setting.kind === 'secret') return 'required, secret';
  if (setting.byDefault !== undefined)
    return code(typeof setting.byDefault === 'string' ? setting.byDefault : JSON.stringify(setting.byDefault));
  return setting.optional === true ? 'none' : 'required';
}

/** Every setting as a row: key, what it is for, the values allowed, what holds when it is absent. */
export function configurationReference(settings: Schema): string {
  const rows = Object.entries(settings).map(
    ([key, setting]) =>
      `| ${[code(key), setting.description, setting.allowed, defaultOf(setting)].map(cell).join(' | ')} |`,
  );
  return `# Configuration of a stack

Made from the schema in \`stacks/config.ts\` by \`npm run config:reference\`; a test fails when it is stale. Set a value with
\`pulumi config set KEY VALUE\`; lists and maps are JSON, or YAML in \`Pulumi.STACK.yaml\`. Everything that is wrong is named at once,
before anything is deployed. "Required" may also follow from another setting; the error says from which.

| key | what it is for | allowed | when absent |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (require.main === module) writeFileSync(configurationPage, configurationReference(schema));
