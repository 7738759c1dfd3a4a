import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from './figure';
import { ServerProcess } from './server-process';

const lakeCommand = join(__dirname, '../../functions/cli/lake.js');
const shared = process.env.LAKE_SHARED ?? join(__dirname, '../../../shared');
/** Transaction Bundles as Synthea writes them, one for each patient, with its hospital and practitioner Bundles. */
const folder = process.env.LAKE_SYNTHEA ?? join(shared, 'data', 'synthea-100', 'fhir');

interface SendTotals {
  readonly accepted: number;
  readonly refused: number;
  readonly quarantined: number;
}

interface Built {
  readonly mart: string;
  readonly rows: number;
}

/** A Synthea population goes in whole by the command line, and every mart builds from it. */
export async function run(): Promise<Figure[]> {
  if (!existsSync(folder)) {
    console.log(
      'skipped: no Synthea Bundles. Make them (`synthea OUT 100 1 bundle` of the shared tools) and set LAKE_SYNTHEA=OUT/fhir.',
    );
    return [];
  }
  const root = mkdtempSync(join(tmpdir(), 'bench-synthea-'));
  const data = join(root, 'lake');
  const lakeSays = async <Answer>(...args: string[]): Promise<Answer> => {
    const command = [lakeCommand, ...args, '--data', data, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 28 });
    return JSON.parse(stdout) as Answer;
  };
  execFileSync(process.execPath, [
    ...[lakeCommand, 'provider', 'register', '--ods', 'L99001', '--name', 'Synthea', '--data', data],
  ]);
  const lake = await ServerProcess.start([lakeCommand, 'up', '--no-demo', '--data', data, '--port', '0']);
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    // Patients refer to hospitals and practitioners by identifier, so those go first.
    const [first, patients] = [true, false].map((shares) =>
      files
        .filter((file) => /^(?:hospital|practitioner)Information/.test(file) === shares)
        .map((file) => join(folder, file)),
    );
    const send = (paths: readonly string[]) => lakeSays<SendTotals>('send', ...paths, '--provider', 'L99001');
    const [started, cpu] = [performance.now(), lake.cpuSeconds];
    const totals = [await send(first!), await send(patients!)];
    const [seconds, cpuSeconds] = [(performance.now() - started) / 1000, lake.cpuSeconds - cpu];
    const sum = (of: keyof SendTotals): number => totals.reduce((total, one) => total + one[of], 0);
    const accepted = sum('accepted');
    await lakeSays('curate');
    const marts = await lakeSays<Built[]>('marts', 'build');
    return [
      { name: `resources of ${patients!.length} patients accepted`, value: accepted, unit: 'resources' },
      { name: 'refused or held', value: sum('refused') + sum('quarantined'), unit: 'resources', baseline: 0 },
      { name: 'taken in', value: Math.round(accepted / seconds), unit: 'resources/s' },
      { name: 'taken in', value: Math.round(accepted / cpuSeconds), unit: 'resources/CPU s' },
      ...marts.map(({ mart, rows }) => ({ name: `mart ${mart}`, value: rows, unit: 'rows' })),
    ];
  } finally {
    await lake.stop();
    rmSync(root, { recursive: true, force: true });
  }
}
