import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pulumiEnvironment, repository } from '../support/machine-tools';
import { PulumiStack, programParts } from '../support/pulumi-stack';
import type { Figure } from './figure';

const rounds = 5;

/** What every Node process of a preview says of itself when it ends: milliseconds three times, megabytes. */
const report = (folder: string): string => `
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').writeFileSync(
    ${JSON.stringify(folder)} + '/' + process.pid,
    JSON.stringify({ clock: performance.now(), awake: performance.now() - performance.eventLoopUtilization().idle, cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 }),
  );
});`;

interface Run {
  readonly clock: number;
  /** Of it without the time when it had nothing to do but wait for the engine and the provider, which are other processes. */
  readonly awake: number;
  readonly cpu: number;
  readonly memory: number;
}

/** The same project with a program that does nothing. */
function emptyProgram(folder: string): string {
  const program = join(folder, 'program');
  for (const part of programParts)
    if (part.includes('.')) cpSync(join(repository, part), join(program, part), { recursive: true });
    else mkdirSync(join(program, part), { recursive: true });
  for (const file of ['main.js', 'before-pulumi.js']) writeFileSync(join(program, 'stacks', file), '');
  return program;
}

/** Of several previews the best of each measure; the process that evaluated the program is the one that worked most. */
async function bestOf(stack: PulumiStack, reports: string): Promise<Run> {
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rmSync(reports, { recursive: true, force: true });
    mkdirSync(reports);
    await stack.plan();
    const processes = readdirSync(reports).map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')) as Run);
    runs.push(processes.reduce((one, other) => (one.cpu > other.cpu ? one : other)));
  }
  const least = (measure: keyof Run): number => Math.round(Math.min(...runs.map((one) => one[measure])));
  return { clock: least('clock'), awake: least('awake'), cpu: least('cpu'), memory: least('memory') };
}

/**
 * Evaluation of a stack's program in `pulumi preview`, on a cluster and on AWS, beside a program that does nothing: from the start of its
 * process to its end by the clock and by the processor, and the most memory it held. Needs the engine.
 */
export async function run(): Promise<Figure[]> {
  const environment = pulumiEnvironment();
  if (environment === undefined) {
    console.log('  not run: no Pulumi engine here (../shared/tools/pulumi-engine builds one)');
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'lake-preview-'));
  const reports = join(folder, 'reports');
  const probe = join(folder, 'report.cjs');
  writeFileSync(probe, report(reports));
  mkdirSync(reports);
  const secret = 'the secret of a stack that is never made';
  const measured = { ...environment, NODE_OPTIONS: `--require=${probe}`, PULUMI_STUB_SECRETS: 'warn' };
  const measure = async (name: string, settings: Parameters<typeof PulumiStack.create>[2]): Promise<Run> => {
    const stack = await PulumiStack.create(name, measured, settings);
    const best = await bestOf(stack, reports);
    stack.remove();
    return best;
  };
  try {
    const baseline = await measure('dev', { secret, program: emptyProgram(folder) });
    const figuresOf = (what: string, { clock, awake, cpu, memory }: Run): Figure[] => [
      { name: `${what} evaluated in a preview`, value: clock, unit: 'ms', baseline: baseline.clock },
      { name: 'of it not waiting for the engine', value: awake, unit: 'ms', baseline: baseline.awake },
      { name: 'of it the processor worked', value: cpu, unit: 'ms', baseline: baseline.cpu },
      { name: 'memory at most', value: memory, unit: 'MB', baseline: baseline.memory },
    ];
    return [
      ...figuresOf('dev stack', await measure('dev', { secret })),
      ...figuresOf('production stack on AWS', await measure('prod-aws', {})),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
