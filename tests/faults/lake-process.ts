import { setTimeout as pause } from 'node:timers/promises';
import type { Failpoint } from '../../functions/failpoint';
import { lakeFolder } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { LocalLake } from '../../functions/hosts/local/local-lake';
import { Operator } from '../../functions/hosts/local/operator';
import { privacyRules } from '../../functions/privacy/privacy-rules';
import { localCodes } from './senders';

/** Lets whoever writes numbers to standard input move the clock of this process by so many milliseconds. */
function letClockBeMoved(): void {
  const TrueDate = Date;
  let shift = 0;
  process.stdin.on('data', (text) => {
    shift = Number(String(text).trim().split('\n').at(-1));
  });
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, values) =>
      new target(...((values.length === 0 ? [TrueDate.now() + shift] : values) as [number])),
    get: (target, name) => (name === 'now' ? () => TrueDate.now() + shift : Reflect.get(target, name)),
  });
}

/**
 * The lake as a process of its own that dies where it is told: lake-process FOLDER FAILPOINT PASS WAY. It kills itself with SIGKILL
 * when it passes the named place for the given time; with `none` it lives until somebody else does. WAY: see `Way`.
 */
async function main(): Promise<void> {
  const [folder = '', name = 'none', pass = '1', way = 'plain'] = process.argv.slice(2);
  if (way === 'clock') letClockBeMoved();
  let passed = 0;
  const failpoint: Failpoint = (at) => {
    if (at !== name) return;
    passed += 1;
    if (passed >= Number(pass)) process.kill(process.pid, 'SIGKILL');
  };
  const parts = new LakeParts(lakeFolder(folder), failpoint);
  await parts.prepare();
  const operator = new Operator(parts);
  if (way === 'looser') {
    const looser = privacyRules({ codeSystems: [localCodes] });
    operator.resplit = (options) => Operator.prototype.resplit.call(operator, options, looser);
  }
  const lake = await LocalLake.start(parts, operator, { port: 0, onFailure: () => undefined });
  process.stdout.write(`lake ready ${lake.baseUrl}\n`);
  // Curates all the time, so that its failpoints are met while requests come in; what an operator asks for goes between.
  for (;;) {
    await operator.curate().catch(() => undefined);
    if (way === 'hasty') await operator.collectOrphans(new Date(Date.now() + 7_200_000)).catch(() => undefined);
    await pause(150);
  }
}

void main();
