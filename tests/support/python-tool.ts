import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A command of a Python package, fetched from PyPI into the cache once; undefined where there is no Python or no registry.
 *
 * @param name of the package and of its folder in the cache
 */
export function pythonTool(name: string, version: string, command: string): string | undefined {
  const home = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lake-tools', `${name}-${version}`);
  const path = join(home, 'bin', command);
  if (existsSync(path)) return path;
  mkdirSync(home, { recursive: true });
  const ran = (program: string, ...args: readonly string[]): boolean =>
    spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  if (
    ran('python3', '-m', 'venv', home) &&
    ran(join(home, 'bin', 'pip'), 'install', '--quiet', `${name}==${version}`) &&
    existsSync(path)
  )
    return path;
  rmSync(home, { recursive: true, force: true });
  return undefined;
}
