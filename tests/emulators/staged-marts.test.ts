import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openS3Store } from '../../adapters/s3-compatible/open-s3-store';
import { forgetStaged } from '../../functions/hosts/compose/staged-marts-function';
import { readStagedMarts } from '../../functions/marts/staged-mart';
import { stagedRuns } from '../../functions/marts/staged-runs';
import { patientsOf, takeStaged } from '../../functions/marts/take-staged';
import { CuratedTable } from '../../functions/tables/curated-table';
import { urlsIn } from '../support/given-servers';
import { writeStagedMart } from '../support/written-staged-mart';
import { TableLake } from '../unit/tables/table-lake';

const variables = ['LAKE_CONTRACT_S3', 'LAKE_CONTRACT_AWS'];
const urls = variables.flatMap(urlsIn).map((text) => new URL(text));
if (urls.length === 0)
  describe('Marts that are staged in a versioned bucket', () => {
    it(`not run: set ${variables.join(' or ')} to the URL of a server`, function () {
      this.skip();
    });
  });

for (const url of urls)
  describe(`Marts that are staged in a versioned bucket, ${url.searchParams.get('name') ?? url.host}`, function () {
    this.timeout(120_000);
    const credentials = {
      accessKeyId: decodeURIComponent(url.username),
      secretAccessKey: decodeURIComponent(url.password),
    };
    const place = { region: 'eu-west-2', endpoint: url.origin, forcePathStyle: true };
    const bucket = `lake-staged-${randomBytes(6).toString('hex')}`;
    const client = new S3Client({ ...place, credentials });
    const store = openS3Store({ kind: 's3', bucket, ...place }, { credentials });
    const lake = new TableLake();

    before(async () => {
      await lake.open();
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      await client.send(
        new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
      );
      const patients = new CuratedTable(lake.store, 'Patient', lake.engine);
      await lake.appendBatch(patients, 1, [{ id: 'p1', version: 1 }]);
    });
    after(async () => {
      client.destroy();
      await lake.close();
    });

    /** As S3A writes: a mark for each folder, the files, `_SUCCESS`. */
    const stage = async (run: string, contacts: number): Promise<void> => {
      const file = join(lake.root, 'spool', `${run}.parquet`);
      await lake.session.query(
        `COPY (SELECT unnest(['p1', 'stranger']) AS patient, 'a' AS code, ${contacts}::BIGINT AS contacts) TO '${file}'`,
      );
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: `staging/contacts/${run}/`, Body: Buffer.alloc(0) }),
      );
      await store.put(`staging/contacts/${run}/part-0.snappy.parquet`, readFileSync(file));
      await store.put(`staging/contacts/${run}/_SUCCESS`, Buffer.alloc(0));
    };
    const take = async () => {
      writeStagedMart(join(lake.root, 'library'), 'contacts');
      const mart = readStagedMarts(join(lake.root, 'library'))[0]!;
      const services = { curated: lake.store, marts: store, engine: lake.engine, session: lake.session };
      return takeStaged(services, mart, await stagedRuns(store), await patientsOf(services, mart));
    };
    const keysStaged = async (): Promise<readonly string[]> => {
      const keys: string[] = [];
      for await (const { key } of store.list('staging/')) if (!key.endsWith('/')) keys.push(key);
      return keys;
    };

    it('become a version of their table, past the marks that S3A makes of folders, and are deleted', async () => {
      for (const [run, contacts] of [
        ['one', 1],
        ['two', 2],
      ] as const) {
        await stage(run, contacts);
        const { runs, leftOut, table, refusals } = await take();
        assert.deepEqual([runs, leftOut, refusals], [1, 1, []]);
        assert.deepEqual(
          (await lake.rows(table)).map(({ patient, contacts: n }) => `${patient} ${n}`),
          [`p1 ${contacts}`],
        );
        assert.deepEqual(await keysStaged(), []);
      }
    });

    it('leave nothing in the versions of the bucket once somebody was erased', async () => {
      await stage('three', 3);
      const ports = { marts: store, query: lake.engine };
      await forgetStaged(ports, new Date(Date.now() + 60_000));
      assert.deepEqual(await keysStaged(), []);
      const { Versions = [], DeleteMarkers = [] } = await client.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'staging/' }),
      );
      const kept = [...Versions, ...DeleteMarkers].filter(({ Key = '' }) => !Key.endsWith('/'));
      assert.deepEqual(kept, []);
    });
  });
