import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LakeError } from '../../../adapters/ports/errors';
import { requiredOption, textOption, type Verb } from '../verb';
import { deploymentVerb } from './deployment-verb';

export const stackLockVerb: Verb = {
  name: 'stack lock',
  usage: '--stack NAME [--check] [--json]',
  summary:
    'Asks the registries which image each tag of a stack means and writes the digests into its settings; logins are those of `docker login`.',
  options: {
    stack: { type: 'string', value: 'NAME', help: 'the stack; its settings are read from Pulumi.NAME.yaml' },
    program: { type: 'string', value: 'DIR', help: 'folder of that file (default: this one)' },
    check: { type: 'boolean', help: 'write nothing; fail where the settings hold other digests' },
  },
  run: deploymentVerb(async ({ options, json, terminal }) => {
    const stack = requiredOption(options, 'stack');
    const folder = textOption(options, 'program') ?? process.cwd();
    // Loaded when it is asked for: the packages of the clouds are no part of a lake on one machine.
    const { recordedStack, settledConfig } =
      require('../../../stacks/commands/recorded-stack') as typeof import('../../../stacks/commands/recorded-stack');
    const { lockImages } =
      require('../../../stacks/commands/image-lock') as typeof import('../../../stacks/commands/image-lock');
    const { digestOfImage } =
      require('../../../stacks/commands/image-registry') as typeof import('../../../stacks/commands/image-registry');
    const logins = registryLogins();
    const [config, recorded] = [await settledConfig(stack, folder), await recordedStack(stack, folder)];
    const lock = await lockImages(config, recorded, (reference) => digestOfImage(reference, logins));
    const { digests, before, local } = lock;
    const changed = [...new Set([...Object.keys(digests), ...Object.keys(before)])].filter(
      (reference) => digests[reference] !== before[reference],
    );
    if (options.check !== true && changed.length > 0) await setDigests(stack, folder, digests);
    if (json) terminal.out(`${JSON.stringify({ ...lock, changed })}\n`);
    else {
      for (const [reference, digest] of Object.entries(digests)) terminal.out(`${reference} ${digest}\n`);
      for (const reference of local) terminal.out(`${reference} is loaded into the nodes: no registry has it\n`);
      terminal.out(
        options.check === true
          ? `${changed.length} of the settings differ\n`
          : `${changed.length} written into Pulumi.${stack}.yaml\n`,
      );
    }
    return options.check === true && changed.length > 0 ? 1 : 0;
  }),
};

/** What container tools of this machine keep; what only a helper program of theirs knows is not read. */
function registryLogins(): Readonly<Record<string, { readonly auth?: string }>> {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json');
  if (!existsSync(file)) return {};
  const { auths } = JSON.parse(readFileSync(file, 'utf8')) as { readonly auths?: Record<string, { auth?: string }> };
  return auths ?? {};
}

/** By Pulumi itself, which keeps the rest of the file as it is. */
async function setDigests(stack: string, cwd: string, digests: Readonly<Record<string, string>>): Promise<void> {
  const args = ['config', 'set', 'imageDigests', JSON.stringify(digests), '--stack', stack];
  try {
    await promisify(execFile)('pulumi', args, { cwd });
  } catch (cause) {
    throw new LakeError(
      'Unavailable',
      'Pulumi did not take the digests into the settings of this stack. `pulumi stack ls` shows the stacks of this folder; is the engine installed, and are you signed in to its backend?',
      { cause },
    );
  }
}
