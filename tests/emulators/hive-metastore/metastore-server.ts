import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/loopback-server';

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const script = join(__dirname, 'hive-metastore.sh');

/** What `hive-metastore.sh install` fetched is there. */
export const hasMetastore = existsSync(join(cache, 'lake-tools', 'hive-metastore-4.0.1', 'complete'));
export const howToGetMetastore = 'run tests/emulators/hive-metastore/hive-metastore.sh install';

const startMilliseconds = 120_000;

export interface MetastoreServer {
  readonly host: string;
  readonly port: number;
  /** Its folder; tables may lie beside its database. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** A real Hive metastore, empty. */
export async function startMetastore(): Promise<MetastoreServer> {
  const folder = mkdtempSync(join(tmpdir(), 'lake-hive-'));
  const port = await freePort();
  const log = openSync(join(folder, 'server.log'), 'w');
  const server = spawn('nice', [script, 'run', folder, String(port)], { stdio: ['ignore', log, log] });
  closeSync(log);
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + startMilliseconds;
  while (!(await answers(port))) {
    if (server.exitCode === null && Date.now() < until) {
      await pause(250);
      continue;
    }
    const tail = readFileSync(join(folder, 'server.log'), 'utf8').slice(-2000);
    await stop();
    throw new Error(`The metastore did not start: ${tail}`);
  }
  return { host: '127.0.0.1', port, folder, stop };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
