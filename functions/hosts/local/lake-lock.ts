import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { LakeError } from '../../../adapters/ports/errors';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** One process at a time has the data: a file with its process id. A lock whose process is gone is taken over. */
export function lockLake(file: string): () => void {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      // A file where the folder should be is EEXIST too.
      if (code !== 'EEXIST' || syscall === 'mkdir') {
        throw new LakeError(
          'Unavailable',
          'The folder of the lake cannot be made or written to. Check --data, its owner and its disk.',
          { cause: error },
        );
      }
      const holder = Number(readFileSync(file, 'utf8'));
      if (Number.isInteger(holder) && holder !== process.pid && isAlive(holder)) break;
      rmSync(file, { force: true });
    }
  }
  throw new LakeError(
    'Unavailable',
    'Another process has this lake open. Stop it, or let commands reach it: they find it by --data.',
  );
}
