import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import type { ObjectStore } from '../../adapters/ports/object-store';
import { openS3Store } from '../../adapters/s3-compatible/open-s3-store';
import { erasureManifest, identityErasureManifest } from '../../functions/erasure/manifest';
import { DeltaTable, type TableStore } from '../../functions/tables/delta-table';
import { givenServers } from '../support/given-servers';

const servers = givenServers('s3');
const marker = 'MARKER-OF-ANN';

describe('Erasure from tables in a versioned bucket', function () {
  this.timeout(120_000);

  it('is given to the erasure in every zone that holds tables', () => {
    for (const uses of [
      [erasureManifest.uses.curated, erasureManifest.uses.marts, erasureManifest.uses.releases],
      [identityErasureManifest.uses.curated],
    ].flat())
      assert.ok((uses.operations as readonly string[]).includes('purgeVersionsUnder'), uses.zone);
  });

  if (typeof servers === 'string') {
    it(`not run: ${servers}`, function () {
      this.skip();
    });
    return;
  }

  const url = servers.s3;
  const credentials = {
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
  };
  const place = { region: 'eu-west-2', endpoint: url.origin, forcePathStyle: true };
  const client = new S3Client({ ...place, credentials });
  const bucket = `lake-versions-${randomBytes(6).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'lake-versions-'));
  const engine = new DuckDbQueryEngine({ spoolFolder: join(folder, 'spool'), threads: 1 });
  // As a binding of the clinical zones gives it: nothing said about versions.
  const store: ObjectStore = openS3Store({ kind: 's3', bucket, ...place }, { credentials });

  before(async () => {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
  });
  after(async () => {
    client.destroy();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Every state of every key under the table that still has bytes, and in how many of them the marker stands. */
  const statesOf = async (table: string) => {
    const session = await engine.session({ readableFolders: [folder] });
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: `${table}/` }),
    );
    let marked = 0;
    for (const { Key = '', VersionId } of Versions) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, VersionId: VersionId! }));
      // It stands in the statistics of the log and of Parquet as it is; compressed pages are counted as `earlier`.
      if (Buffer.from(await Body!.transformToByteArray()).includes(marker)) marked += 1;
    }
    await session.close();
    const earlier = Versions.filter(({ IsLatest }) => IsLatest !== true).length;
    return { marked, earlier, deleted: DeleteMarkers.length };
  };

  /** Ann's row in its own file, then merged with others, overwritten and deleted from: she stands in many versions. */
  const written = async (name: string, given: TableStore): Promise<DeltaTable> => {
    const session = await engine.session({ readableFolders: [folder] });
    const table = new DeltaTable(given, name, engine);
    for (const id of ['bob', marker, 'carol'])
      await table.append(session, `SELECT '${id}' AS id, repeat('x', 10) AS text`);
    await table.compact(session);
    for (let more = 0; more < 8; more += 1) await table.append(session, `SELECT 'id-${more}' AS id, 'y' AS text`);
    await session.close();
    return table;
  };

  it('leaves nothing of a person in any version of any object, and every other row', async () => {
    const table = await written('erased', store);
    assert.ok((await statesOf('erased')).marked > 1, 'the marker is found where it stands');
    const session = await engine.session({ readableFolders: [folder] });
    assert.equal((await table.erase(session, { column: 'id', in: [marker] })).rows, 1);
    assert.deepEqual(await statesOf('erased'), { marked: 0, earlier: 0, deleted: 0 });
    const { rows } = await session.query(`SELECT count(*)::INTEGER AS n FROM ${await table.relation()}`);
    assert.equal(rows[0]?.n, 10);
    await table.append(session, `SELECT 'dave' AS id, 'z' AS text`);
    await session.close();
  });

  it('leaves them where the operation is not given: the test finds what is left', async () => {
    const { purgeVersionsUnder: _, ...rest } = boundOperations(store);
    const table = await written('kept', rest as TableStore);
    const session = await engine.session({ readableFolders: [folder] });
    await table.erase(session, { column: 'id', in: [marker] });
    assert.ok((await statesOf('kept')).marked > 0);
    await session.close();
  });
});

const operations = [
  'putIfAbsent',
  'put',
  'read',
  'stream',
  'list',
  'delete',
  'localPath',
  'purgeVersionsUnder',
] as const;

/** The operations as injection gives them: each by itself, the store behind them unseen. */
function boundOperations(store: ObjectStore): TableStore {
  const bound = operations.map((name) => [name, (store[name] as (...args: unknown[]) => unknown).bind(store)]);
  return { ...Object.fromEntries(bound), capabilities: store.capabilities } as TableStore;
}
