import { readFileSync } from 'node:fs';
import { requiredOption, textOption, UsageError, type Verb } from '../verb';
import { deploymentVerb } from './deployment-verb';

/** Option of each driver; `messageKibibytes` is `--message-kibibytes`. */
const optionOf = (driver: string): string => driver.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const stackCostVerb: Verb = {
  name: 'stack cost',
  usage: '--stack NAME [--messages N] [--stored-gibibytes N] … [--prices FILE] [--json]',
  summary: 'What a stack costs in a month, by component and by what drives it; fails for a resource nobody has priced.',
  options: {
    stack: { type: 'string', value: 'NAME', help: 'the stack; its settings are read from Pulumi.NAME.yaml' },
    program: { type: 'string', value: 'DIR', help: 'folder of that file (default: this one)' },
    prices: { type: 'string', value: 'FILE', help: 'prices of the site, in place of the shipped ones' },
    messages: { type: 'string', value: 'N', help: 'messages (requests of senders) a month' },
    'message-kibibytes': { type: 'string', value: 'N', help: 'size of a message, KiB' },
    'stored-gibibytes': { type: 'string', value: 'N', help: 'what all zones hold together, GiB' },
    tokens: { type: 'string', value: 'N', help: 'tokens given to senders a month' },
    'job-hours': { type: 'string', value: 'N', help: 'hours a day in which the jobs run on Spark' },
    'warehouse-hours': { type: 'string', value: 'N', help: 'hours a day in which the warehouse answers' },
  },
  run: deploymentVerb(async ({ options, json, terminal }) => {
    const stack = requiredOption(options, 'stack');
    // Loaded when it is asked for: the packages of the clouds are no part of a lake on one machine.
    const { recordedStack } =
      require('../../../stacks/commands/recorded-stack') as typeof import('../../../stacks/commands/recorded-stack');
    const { costOf, targetOf } =
      require('../../../stacks/commands/cost/cost-estimate') as typeof import('../../../stacks/commands/cost/cost-estimate');
    const { driverDescriptions, driverNames, mediumLake } =
      require('../../../stacks/commands/cost/drivers') as typeof import('../../../stacks/commands/cost/drivers');
    const { pricesOf, withPrices } =
      require('../../../stacks/commands/cost/price-file') as typeof import('../../../stacks/commands/cost/price-file');
    const use = { ...mediumLake };
    for (const driver of driverNames) {
      const text = textOption(options, optionOf(driver));
      if (text === undefined) continue;
      const value = Number(text);
      if (text === '' || !(value >= 0) || value === Number.POSITIVE_INFINITY)
        throw new UsageError(`--${optionOf(driver)}: a number of 0 or more is allowed.`);
      use[driver] = value;
    }
    const recorded = await recordedStack(stack, textOption(options, 'program'));
    const shipped = pricesOf(targetOf(recorded));
    const file = textOption(options, 'prices');
    const estimate = costOf(
      recorded,
      use,
      file === undefined ? shipped : withPrices(shipped, readFileSync(file, 'utf8')),
    );
    const { total: sum, currency, components } = estimate;
    if (json) terminal.out(`${JSON.stringify({ total: sum, currency, components })}\n`);
    else {
      for (const { component, total, drivers } of components) {
        const parts = Object.entries(drivers).map(([driver, amount]) => `${driver} ${amount.toFixed(2)}`);
        terminal.out(`${component.padEnd(24)} ${total.toFixed(2).padStart(12)}  ${parts.join(', ')}\n`);
      }
      terminal.out(`${'total a month'.padEnd(24)} ${sum.toFixed(2).padStart(12)}  ${currency}\n`);
      for (const driver of driverNames)
        terminal.out(`${driver.padEnd(24)} ${String(use[driver]).padStart(12)}  ${driverDescriptions[driver]}\n`);
      const { version, unverified, used } = estimate.prices;
      terminal.out(
        `Prices of ${version}; ${unverified.length} of ${used.length} used were not held against their source.\n`,
      );
    }
    return 0;
  }),
};
