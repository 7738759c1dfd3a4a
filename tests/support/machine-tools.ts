import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const repository = resolve(__dirname, '..', '..');

/** The folder of scripts that bring real parts to this machine, when it is there; nothing but extended suites needs it. */
function toolsFolder(): string | undefined {
  const folder = join(process.env.LAKE_SHARED ?? join(repository, '..', 'shared'), 'tools');
  return existsSync(folder) ? folder : undefined;
}

export const toolPath = (name: string): string | undefined => {
  const folder = toolsFolder();
  return folder === undefined ? undefined : join(folder, name);
};

/** Environment under which `pulumi` is the real engine with development providers; undefined where it is not built. */
export function pulumiEnvironment(): Readonly<Record<string, string>> | undefined {
  const tool = toolPath('pulumi-engine');
  if (tool === undefined) return undefined;
  const script = `eval "$('${tool}' env 2>/dev/null)" && pulumi version >/dev/null 2>&1 && env -0`;
  const { status, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', maxBuffer: 4 * 1024 * 1024 });
  if (status !== 0) return undefined;
  const lines = stdout.split('\0').filter((line) => /^(PATH|PULUMI_\w+)=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** What a command prints; throws with its errors. */
export const run = (command: string, args: readonly string[], input?: string): string =>
  execFileSync(command, [...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
