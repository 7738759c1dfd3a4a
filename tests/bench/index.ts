import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure';

/**
 * `npm run bench [-- NAME …]`: every `*.bench.ts` in a process of its own, so that memory and compiled code of one are not
 * another's; figures as they come, one table at the end. Writes into the folder for temporary files alone.
 */
const suffix = '.bench.ts';

function inItsOwnProcess(name: string): Promise<readonly Figure[]> {
  return new Promise((resolve, reject) => {
    let figures: readonly Figure[] | undefined;
    const child = fork(__filename, ['--only', name], {
      execArgv: ['-r', join(__dirname, '..', '..', 'functions', 'cli', 'typescript.js')],
    });
    child.on('message', (message) => {
      figures = message as readonly Figure[];
    });
    child.on('exit', (code) => {
      if (code === 0 && figures !== undefined) resolve(figures);
      else reject(new Error(`The bench ${name} ended with ${code} and gave no figures.`));
    });
  });
}

const text = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 1 });

function table(results: ReadonlyMap<string, readonly Figure[]>): string {
  const rows = [...results].flatMap(([bench, figures]) =>
    figures.map(({ name, value, unit, baseline }) => [
      bench,
      name,
      `${text(value)} ${unit}`,
      baseline === undefined ? '' : `${text(baseline)} ${unit}`,
    ]),
  );
  const all = [['bench', 'what', 'measured', 'baseline'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))),
    )
    .map((cells) => cells.join('  ').trimEnd())
    .join('\n');
}

async function main(): Promise<void> {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--only') {
    const bench = require(join(__dirname, `${rest[0]}${suffix}`)) as { run(): Promise<Figure[]> };
    const figures = await bench.run();
    process.send!(figures, () => process.exit(0));
    return;
  }
  const asked = first === undefined ? [] : [first, ...rest];
  const all = readdirSync(__dirname)
    .filter((file) => file.endsWith(suffix))
    .map((file) => file.slice(0, -suffix.length))
    .sort();
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no such bench. Known are: ${all.join(', ')}.`);
    process.exit(2);
  }
  const results = new Map<string, readonly Figure[]>();
  for (const name of asked.length > 0 ? asked : all) {
    console.log(`${name} …`);
    try {
      results.set(name, await inItsOwnProcess(name));
    } catch (error) {
      console.error((error as Error).message);
      process.exitCode = 1;
    }
  }
  console.log(`\nNode ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})\n`);
  console.log(table(results));
}

void main();
