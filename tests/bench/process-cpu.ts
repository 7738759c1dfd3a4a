import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the kernel's clock in a second, as `/proc` counts (getconf CLK_TCK; 100 on every Linux that Node runs on). */
const ticks = 100;

/** Seconds of CPU that a process has used, its threads and its ended children counted (Linux: read from /proc). */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticks;
}

/** The same of all processes of this machine whose program has one of these names. */
export function cpuSecondsOfPrograms(names: readonly string[]): number {
  let sum = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      if (names.includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())) sum += cpuSecondsOf(Number(pid));
    } catch {
      // It ended meanwhile; the process that began it has its time.
    }
  return sum;
}
