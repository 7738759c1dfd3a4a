import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LakeError } from '../../adapters/ports/errors';

/** What `pulumi stack output` shows of a stack of this folder. */
export async function stackOutputs<Outputs extends object>(stack: string): Promise<Partial<Outputs>> {
  let text: string;
  try {
    ({ stdout: text } = await promisify(execFile)('pulumi', ['stack', 'output', '--json', '--stack', stack]));
  } catch (cause) {
    throw new LakeError(
      'Unavailable',
      'Pulumi did not give the outputs of this stack. `pulumi stack ls` shows the stacks of this folder; is the engine installed, and are you signed in to its backend?',
      { cause },
    );
  }
  return JSON.parse(text) as Partial<Outputs>;
}
