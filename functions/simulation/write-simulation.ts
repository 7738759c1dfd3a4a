import { simulatedProviders } from './providers';
import { type SimulationOptions, simulate } from './simulate';
import type { Expectation } from './simulated-message';

/** Where the files go. Names are relative, with `/` between folders; a file may come in parts, in order. */
export interface SimulationSink {
  write(name: string, text: string): void | Promise<void>;
  append(name: string, text: string): void | Promise<void>;
}

/** What was written. */
export interface SimulationTotals {
  readonly people: number;
  readonly files: number;
  readonly resources: number;
  /** Lines of the answer key: repeated messages and, with faults, the faulty ones. */
  readonly expectations: number;
}

export const answerKeyName = 'answer-key.ndjson';
export const providersName = 'providers.json';

/**
 * Writes the messages of a simulated population, a folder for each provider, with the list of providers and the answer key
 * beside the folders. Errors of the sink pass through; what was written before stays.
 */
export async function writeSimulation(
  options: SimulationOptions,
  sink: SimulationSink,
  progress: (files: number) => void = () => undefined,
): Promise<SimulationTotals> {
  // Options out of range are refused before anything is written.
  const messages = simulate(options);
  await sink.write(providersName, `${JSON.stringify(simulatedProviders, null, 2)}\n`);
  await sink.write(answerKeyName, '');
  let files = 0;
  let resources = 0;
  let expected = 0;
  for (const { name, body, resources: count, expectations = [] } of messages) {
    await sink.write(name, body);
    if (expectations.length > 0) await sink.append(answerKeyName, expectations.map(lineOf).join(''));
    files += 1;
    resources += count;
    expected += expectations.length;
    progress(files);
  }
  return { people: options.people, files, resources, expectations: expected };
}

const lineOf = (expectation: Expectation): string => `${JSON.stringify(expectation)}\n`;
