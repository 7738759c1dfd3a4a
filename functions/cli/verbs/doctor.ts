import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { examine, type Finding } from '../../hosts/local/doctor';
import { lakeFolder } from '../../hosts/local/lake-folder';
import { callOperator } from '../../hosts/local/operator-socket';
import { dataFolder, defaultPort, portOption } from '../lake-access';
import type { Verb } from '../verb';

const marks = { ok: 'ok     ', warning: 'WARNING', problem: 'PROBLEM' } as const;

export const doctorVerb: Verb = {
  name: 'doctor',
  usage: '[--data DIR] [--port N] [--json]',
  summary: 'What is missing or misconfigured here, and how to mend it. Looks only; fails when there is a problem.',
  async run({ options, json, terminal }) {
    const data = dataFolder(options);
    const findings: readonly Finding[] = existsSync(resolve(data))
      ? await examineFolder(data, portOption(options) ?? defaultPort)
      : [
          {
            check: 'folder',
            result: 'warning',
            found: 'there is no lake here yet',
            mend: 'Start one with `lake up`, or name its folder with --data.',
          },
        ];
    const healthy = findings.every(({ result }) => result !== 'problem');
    if (json) terminal.out(`${JSON.stringify({ healthy, checks: findings })}\n`);
    else
      for (const { check, result, found, mend } of findings)
        terminal.out(`${marks[result]} ${check.padEnd(18)} ${found}${mend === '' ? '' : `\n        -> ${mend}`}\n`);
    return healthy ? 0 : 1;
  },
};

async function examineFolder(data: string, port: number): Promise<readonly Finding[]> {
  const folder = lakeFolder(data);
  // A running lake records that somebody looked. One that cannot record still runs, and the findings say what ails it.
  const running = await callOperator(folder.socket, 'doctor', []).then(
    (answer) => answer !== undefined,
    () => true,
  );
  return examine({ folder, running, port, nodeVersion: process.versions.node, now: new Date() });
}
