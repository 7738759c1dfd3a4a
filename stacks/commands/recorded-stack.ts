import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { output, runtime, secret } from '@pulumi/pulumi';
import { LocalWorkspace } from '@pulumi/pulumi/automation';
import type { LakeConfig } from '../config';
import type { ConfigSource } from '../config-schema';
import { deployedFunctions } from '../deployed-functions';
import { deployStack, readStackConfig, type StackConfig } from '../program';
import { companionsOf } from '../warehouse';
import { type RecordedResource, recordGraph } from './resource-graph';

const prefix = 'nhs-data-lake:';
/** Stands for every secret: none plays a part in what is looked at, and none can be read without the stack's key. */
const placeholder = 'a secret of this stack, not read here';

/** The stack's settings file cannot be had. */
export class NoSuchStackError extends Error {
  constructor(stack: string) {
    super(`There is no Pulumi.${stack}.yaml here. Run this in the folder of the program, with the name of a stack.`);
    this.name = 'NoSuchStackError';
  }
}

/**
 * Every resource of one stack as its settings file describes it, without an account, a cluster or the stack's state.
 *
 * @param folder holds `Pulumi.STACK.yaml`
 * @throws NoSuchStackError, ConfigError
 */
export async function recordedStack(stack: string, folder: string = process.cwd()): Promise<RecordedResource[]> {
  const config = await settledConfig(stack, folder);
  // Of a site that brings its own servers; nothing is read of an account.
  const reads = config.target === 'kubernetes' ? { reads: readsOf(config) } : {};
  return recordGraph(() => deployStack(config), { stack, ...reads });
}

/**
 * What the settings file of a stack asks for, its secrets left out.
 *
 * @throws NoSuchStackError, ConfigError
 */
export const settledConfig = async (stack: string, folder: string = process.cwd()): Promise<StackConfig> =>
  readStackConfig(await settingsOf(stack, folder));

async function settingsOf(stack: string, folder: string): Promise<ConfigSource> {
  if (!/^[\w.-]+$/.test(stack) || !existsSync(join(folder, `Pulumi.${stack}.yaml`))) throw new NoSuchStackError(stack);
  // Reading the file needs no Pulumi command, making a workspace does: the method alone is used.
  const place = { workDir: folder } as unknown as LocalWorkspace;
  const { config = {} } = await LocalWorkspace.prototype.stackSettings.call(place, stack);
  const values = Object.entries(config).map(([key, value]) => [key, textOf(value)] as const);
  runtime.setAllConfig(Object.fromEntries(values));
  const own = new Map(
    values.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  );
  return {
    keys: () => [...own.keys()],
    text: (key) => own.get(key),
    secret: () => secret(output(placeholder)),
  };
}

/** As the engine hands settings to a program: text as it is, all else as JSON; of a secret a placeholder. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'secure' in value) return placeholder;
  return JSON.stringify(value);
}

/** What the Secrets of a site would hold: every key that a target reads, each with a value of no meaning. */
function readsOf(config: LakeConfig) {
  const logins = [...deployedFunctions(config), ...companionsOf(config)].flatMap(({ manifest: { name } }) => [
    `${name}.accessKeyId`,
    `${name}.secretAccessKey`,
  ]);
  const keys = [...logins, 'accessKeyId', 'secretAccessKey', 'password', 'password.db', 'group.db', 'ca.crt'];
  const data = Object.fromEntries(keys.map((key) => [key, Buffer.from(placeholder).toString('base64')]));
  return (type: string): Readonly<Record<string, unknown>> => (type === 'kubernetes:core/v1:Secret' ? { data } : {});
}
