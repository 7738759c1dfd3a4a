import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Hook, type MochaOptions, type Runner, reporters, type Test } from 'mocha';
import type { SuiteResults } from '../../stacks/commands/suite-results';
import { repository } from './machine-tools';

interface Counts {
  passed: number;
  failed: number;
  notRun: number;
}

/** Of what ran, by file and outermost title; what did not run keeps what it showed before, unless its file is gone. */
export function mergedResults(
  before: SuiteResults,
  ran: SuiteResults,
  isThere: (file: string) => boolean,
): SuiteResults {
  const all = { ...before, ...ran };
  const files = Object.keys(all).filter(isThere).sort();
  return Object.fromEntries(files.map((file) => [file, all[file] ?? {}]));
}

/**
 * Prints as `spec` does, and keeps how many tests of each file passed, failed and were not run (reporter option `results`), for
 * the page of targets. What a pattern picked out shows nothing of a file, so nothing is kept of it.
 */
export class ResultsReporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    const ran: Record<string, Record<string, Counts>> = {};
    const count = (outcome: keyof Counts) => (test: Test | Hook) => {
      const file = test.file ?? test.parent?.file;
      const [title] = test.titlePath();
      if (file === undefined || title === undefined) return;
      const place = relative(repository, file);
      const titles = ran[place] ?? {};
      const counts = titles[title] ?? { passed: 0, failed: 0, notRun: 0 };
      ran[place] = { ...titles, [title]: { ...counts, [outcome]: counts[outcome] + 1 } };
    };
    runner.on('pass', count('passed'));
    runner.on('fail', count('failed'));
    runner.on('pending', count('notRun'));
    runner.once('end', () => {
      const { results } = (options.reporterOptions ?? {}) as { readonly results?: string };
      if (results === undefined || options.grep !== undefined) return;
      const before = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as SuiteResults) : {};
      const merged = mergedResults(before, ran, (file) => existsSync(join(repository, file)));
      mkdirSync(dirname(results), { recursive: true });
      writeFileSync(results, `${JSON.stringify(merged, undefined, 2)}\n`);
    });
  }
}
