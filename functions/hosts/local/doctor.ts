import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LakeFolder } from './lake-folder';

/** One thing looked at: `problem` keeps the lake from working or is unsafe, `warning` wants somebody's attention. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'problem';
  readonly found: string;
  /** What to do about it; empty when all is well. */
  readonly mend: string;
}

export interface DoctorSettings {
  readonly folder: LakeFolder;
  /** True when a lake answers on the socket of the folder. */
  readonly running: boolean;
  readonly port: number;
  readonly nodeVersion: string;
  readonly now: Date;
  /** Bytes that are free on the disk of the folder. */
  readonly freeBytes?: number;
}

const megabyte = 1024 * 1024;
const leastFree = 256 * megabyte;
const wantedFree = 2048 * megabyte;
/** Milliseconds by which a stored time may be ahead of the clock. */
const clockTolerance = 10_000;
const lateMilliseconds = 10 * 60_000;

type Verdict = Omit<Finding, 'check'>;
const ok = (found: string): Verdict => ({ result: 'ok', found, mend: '' });
const warning = (found: string, mend: string): Verdict => ({ result: 'warning', found, mend });
const problem = (found: string, mend: string): Verdict => ({ result: 'problem', found, mend });

/** Looks at a lake's folder without changing it: what is missing or misconfigured, and how to mend it. */
export async function examine(settings: DoctorSettings): Promise<readonly Finding[]> {
  const { folder } = settings;
  const findings: Finding[] = [];
  const look = async (check: string, see: () => Verdict | Promise<Verdict>): Promise<void> => {
    let verdict: Verdict;
    try {
      verdict = await see();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      verdict = problem(
        `it cannot be looked at (${code})`,
        'Check that this user owns the folder of the lake and may read it.',
      );
    }
    findings.push({ check, ...verdict });
  };
  await look('node', () => nodeVersion(settings.nodeVersion));
  await look('disk', () => freeDisk(settings.freeBytes ?? freeBytesOf(folder.root)));
  await look('folder', () => privateFolder(folder.root));
  await look('secrets', () => privateSecrets(folder));
  await look('keys', () => keysPresent(folder));
  await look('lock', () => staleLock(folder, settings.running));
  await look('port', () => freePort(settings.port, settings.running));
  for (const zone of ['lake', 'identity'] as const) {
    const file = folder.database[zone];
    await look(`database ${zone}`, () => soundDatabase(file));
    if (!existsSync(file)) continue;
    await look(`audit ${zone}`, () => sealedAudit(file, settings));
  }
  if (existsSync(folder.database.lake)) {
    await look('clock', () => clockAhead(folder.database.lake, settings.now));
    await look('providers', () => someProvider(folder.database.lake));
    await look('jobs', () => failedJobs(folder.database.lake));
    await look('outbox', () => lateOutbox(folder.database.lake, settings));
  }
  await look('quarantine', () => heldMessages(folder));
  return findings;
}

function nodeVersion(version: string): Verdict {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18)
    ? ok(version)
    : problem(version, 'Run Node 22.18 or newer; `npm ci` brings Node 24 along.');
}

function freeBytesOf(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function freeDisk(bytes: number): Verdict {
  const found = `${Math.round(bytes / megabyte)} MB free`;
  if (bytes < leastFree) return problem(found, 'Free disk space: a full disk refuses every message.');
  return bytes < wantedFree ? warning(found, 'Free disk space soon, or move the folder with --data.') : ok(found);
}

const othersMayRead = (path: string): boolean => (statSync(path).mode & 0o077) !== 0;

function privateFolder(root: string): Verdict {
  if (statSync(root).uid !== process.getuid?.())
    return problem('it belongs to another user', 'Run the lake as the owner of its folder, or chown the folder.');
  return othersMayRead(root)
    ? problem('other users of this machine may enter it', 'chmod 700 the folder of the lake.')
    : ok('mode 700');
}

function privateSecrets({ keys, credentials }: LakeFolder): Verdict {
  const files = [keys.lake, keys.identity, keys.pseudonym, credentials]
    .filter(existsSync)
    .flatMap((path) => readdirSync(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const open = files.filter(othersMayRead).length;
  return open === 0
    ? ok(`${files.length} files, mode 600`)
    : problem(`${open} key files may be read by others`, 'chmod 600 the files in keys, identity/keys and credentials.');
}

/** Data without its keys is lost; so is a pseudonym key without its wrapping key. */
function keysPresent({ keys, zones, database }: LakeFolder): Verdict {
  if (!existsSync(database.lake)) return warning('the lake was not started yet', 'Start it with `lake up`.');
  const missing = Object.entries({
    landing: keys.lake,
    'identity zone': keys.identity,
    pseudonyms: keys.pseudonym,
  }).filter(([, path]) => !existsSync(path) || readdirSync(path).length === 0);
  const wrapped =
    reading(database.lake, (open) => numberOf(open, "SELECT count(*) AS n FROM wrapped_key WHERE name = 'pseudonym'")) >
    0;
  if (missing.length === 0 && wrapped) return ok('landing, identity, pseudonym, audit, issuer');
  const names = [...missing.map(([name]) => name), ...(wrapped ? [] : ['the wrapped pseudonym key'])].join(', ');
  const hasData = existsSync(zones.landing) && readdirSync(zones.landing).length > 0;
  return problem(
    `missing: ${names}`,
    hasData
      ? 'Restore the keys from their backup before anything else: what landed opens with them alone.'
      : 'Start the lake: it makes its keys.',
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function staleLock({ lock }: LakeFolder, running: boolean): Verdict {
  if (!existsSync(lock)) return ok('nobody has the lake open');
  if (!isAlive(Number(readFileSync(lock, 'utf8'))))
    return warning('the process that held it is gone', 'Nothing: the next start takes the lock over and recovers.');
  return running
    ? ok('the running lake holds it')
    : warning(
        'a process holds it and answers nothing',
        'Wait for it to finish or stop it; a lake that hangs is stopped with SIGTERM.',
      );
}

async function freePort(port: number, running: boolean): Promise<Verdict> {
  if (running) return ok('the lake is running');
  const taken = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
  return taken
    ? warning(`port ${port} is taken by another program`, 'Start the lake with --port N.')
    : ok(`port ${port} is free`);
}

function reading<Result>(file: string, read: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

const numberOf = (database: DatabaseSync, sql: string, ...values: string[]): number =>
  Number((database.prepare(sql).get(...values) as { n: number | null }).n ?? 0);

function soundDatabase(file: string): Verdict {
  if (!existsSync(file)) return warning('it does not exist yet', 'Start the lake with `lake up`.');
  const said = reading(
    file,
    (database) => database.prepare('PRAGMA quick_check(5)').all() as { quick_check: string }[],
  );
  return said.length === 1 && said[0]?.quick_check === 'ok'
    ? ok('whole')
    : problem('SQLite finds it damaged', 'Stop the lake and restore the folder from its backup; do not go on writing.');
}

function sealedAudit(file: string, { now, running }: DoctorSettings): Verdict {
  const late = new Date(now.getTime() - lateMilliseconds).toISOString();
  const waiting = reading(file, (database) =>
    numberOf(database, 'SELECT count(*) AS n FROM audit WHERE segment IS NULL AND recorded < ?', late),
  );
  if (waiting === 0) return ok('sealed');
  return running
    ? problem(
        `${waiting} records wait for their seal since ten minutes`,
        'Look at the log of the lake: its sealer does not work.',
      )
    : warning(`${waiting} records wait for their seal`, 'Start the lake: it seals them.');
}

function clockAhead(file: string, now: Date): Verdict {
  const limit = new Date(now.getTime() + clockTolerance).toISOString();
  const ahead = reading(file, (database) =>
    numberOf(database, 'SELECT count(*) AS n FROM request WHERE recorded > ?', limit),
  );
  return ahead === 0
    ? ok('no record is ahead of it')
    : problem(
        `${ahead} requests were recorded later than it says`,
        'Set the clock right (NTP): tokens and schedules depend on it.',
      );
}

function someProvider(file: string): Verdict {
  const active = reading(file, (database) =>
    numberOf(database, 'SELECT count(*) AS n FROM provider WHERE disabled = 0'),
  );
  return active > 0
    ? ok(`${active} may send`)
    : warning('no provider may send', 'Register one: `lake provider register --ods CODE --name NAME`.');
}

function failedJobs(file: string): Verdict {
  const failed = reading(file, (database) =>
    numberOf(database, 'SELECT count(*) AS n FROM job_notice WHERE acknowledged IS NULL'),
  );
  return failed === 0 ? ok('no failure waits to be looked at') : warning(`${failed} failed`, 'See `lake jobs`.');
}

function lateOutbox(file: string, { now, running }: DoctorSettings): Verdict {
  const late = new Date(now.getTime() - lateMilliseconds).toISOString();
  const waiting = reading(file, (database) =>
    numberOf(database, 'SELECT count(*) AS n FROM outbox WHERE published IS NULL AND recorded < ?', late),
  );
  if (waiting === 0) return ok('nothing waits');
  const found = `${waiting} landed objects wait for ten minutes or more`;
  return running
    ? problem(found, 'See `lake jobs`: curation does not run.')
    : warning(found, 'Start the lake, or run `lake curate`.');
}

function heldMessages({ zones }: LakeFolder): Verdict {
  const place = join(zones.identity, 'quarantine');
  const held = existsSync(place)
    ? readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
    : 0;
  return held === 0
    ? ok('no message is held')
    : warning(`${held} messages are held for review`, 'See `lake identity quarantine list`.');
}
