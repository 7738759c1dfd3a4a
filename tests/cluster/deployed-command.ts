import assert from 'node:assert/strict';
import { join } from 'node:path';
import { repository } from '../support/machine-tools';
import type { PulumiStack } from '../support/pulumi-stack';
import { operators, type Site } from './site';

type Asked = Awaited<ReturnType<PulumiStack['command']>>;

/** The command line against a deployed lake, as people run it: the real `lake`, `pulumi` and `kubectl`, each signed in as somebody. */
export class DeployedCommand {
  readonly #site: Site;
  readonly #stack: PulumiStack;

  constructor(site: Site, stack: PulumiStack) {
    this.#site = site;
    this.#stack = stack;
  }

  /** `lake VERB … --stack` in the name of an operator, by whoever is signed in to the cluster as this user. */
  asked(operator: string, user: string, ...args: readonly string[]): Promise<Asked> {
    const command = [join(repository, 'functions', 'cli', 'lake.js'), ...args];
    const whoAsks = ['--stack', this.#stack.name, '--operator', operator];
    return this.#stack.command(process.execPath, [...command, ...whoAsks], this.#site.signedInAs(user));
  }

  /** What ann is told in her own name; throws when she is refused. No NHS number is ever printed. */
  async told(...args: readonly string[]): Promise<string> {
    const { code, out, error } = await this.asked('ann', operators.ann, ...args);
    assert.equal(code, 0, `lake ${args[0]}: ${out} ${error}`);
    assert.ok(!/\b999\d{7}\b/.test(`${out}${error}`), `lake ${args[0]} printed an NHS number`);
    return out;
  }

  async answered<Answer>(...args: readonly string[]): Promise<Answer> {
    return JSON.parse(await this.told(...args, '--json')) as Answer;
  }
}
