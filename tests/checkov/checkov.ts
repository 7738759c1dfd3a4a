import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonTool } from '../support/python-tool';

/** The checks of this version are the ones that docs/findings.md answers. */
const version = '3.3.30';

/** Checkov's command; undefined where it cannot be had. */
export const fetchCheckov = (): string | undefined => pythonTool('checkov', version, 'checkov');

export interface FailedCheck {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
}

export interface CheckovResult {
  readonly passed: number;
  readonly failed: readonly FailedCheck[];
  readonly unread: number;
}

/** What Checkov says of some files, by its rules for one framework, without network. */
export function checkovOf(
  command: string,
  framework: 'kubernetes' | 'cloudformation',
  files: ReadonlyMap<string, unknown>,
): CheckovResult {
  const folder = mkdtempSync(join(tmpdir(), 'lake-checkov-'));
  try {
    for (const [name, content] of files)
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(content, undefined, 1));
    const args = [
      '-d',
      folder,
      '--framework',
      framework,
      '--skip-download',
      '--compact',
      '--quiet',
      '-o',
      'json',
      '--soft-fail',
    ];
    const text = execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [report] = [JSON.parse(text)].flat() as readonly {
      readonly summary: { readonly passed: number; readonly parsing_errors: number };
      readonly results: { readonly failed_checks: readonly FailedCheck[] };
    }[];
    if (report === undefined) throw new Error('Checkov read nothing.');
    return {
      passed: report.summary.passed,
      failed: report.results.failed_checks,
      unread: report.summary.parsing_errors,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
