import type { Verb, VerbCall } from '../verb';

/** What the settings of a stack, or their absence, can say; recognised by name, so that nothing of a cloud is loaded for it. */
const refusals = ['ConfigError', 'NoSuchStackError', 'PriceFileError', 'UnpricedTypeError', 'ImageRegistryError'];

/** Runs a verb about a stack: what is wrong with its settings is told as it is, everything else is a failure of ours. */
export const deploymentVerb =
  (work: (call: VerbCall) => Promise<number>): Verb['run'] =>
  async (call) => {
    try {
      return await work(call);
    } catch (error) {
      if (!(error instanceof Error) || !refusals.includes(error.name)) throw error;
      call.terminal.error(`${error.message}\n`);
      return 1;
    }
  };
