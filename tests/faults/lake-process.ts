import { lakeFolder } from '../../functions/hosts/local/lake-folder';
import { LakeParts } from '../../functions/hosts/local/lake-parts';
import { LocalLake } from '../../functions/hosts/local/local-lake';
import { Operator } from '../../functions/hosts/local/operator';

/**
 * The lake as a process of its own that dies where it is told: node lake-process.ts FOLDER PORT FAILPOINT PASS. It kills itself
 * with SIGKILL when it passes the named place for the given time; with `none` it lives.
 */
async function main(): Promise<void> {
  const [folder = '', port = '0', name = 'none', pass = '1'] = process.argv.slice(2);
  let passed = 0;
  const parts = new LakeParts(lakeFolder(folder), (at) => {
    if (at !== name) return;
    passed += 1;
    if (passed >= Number(pass)) process.kill(process.pid, 'SIGKILL');
  });
  await parts.prepare();
  const operator = new Operator(parts);
  const lake = await LocalLake.start(parts, operator, { port: Number(port), onFailure: () => undefined });
  process.stdout.write(`lake ready ${lake.baseUrl}\n`);
  // Jobs run often here, so that their failpoints are met while requests come in.
  const busy = setInterval(() => void operator.curate().catch(() => undefined), 150);
  process.once('SIGTERM', async () => {
    clearInterval(busy);
    await lake.stop();
    await parts.close();
    process.exit(0);
  });
}

void main();
