import { accessSync, constants, statfsSync } from 'node:fs';

/**
 * Puts the folders of tests into memory where the system has such a place with room (Linux): a lake waits for the disk at every
 * commit, and a run of `npm test` makes some hundred lakes. What a disk does is shown by `npm run test:faults`, which stays on
 * it; `TMPDIR=/tmp npm test` brings these tests there as well.
 */
const memory = '/dev/shm';
const room = 4 * 1024 ** 3;

if (process.env.TMPDIR === undefined && hasRoom(memory)) process.env.TMPDIR = memory;

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= room;
  } catch {
    return false;
  }
}
