import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDbQueryEngine } from '../../adapters/duckdb/duckdb-query-engine';
import { isLakeError } from '../../adapters/ports/errors';
import { LocalErasure } from '../../functions/hosts/local/local-erasure';
import { LocalFunctions } from '../../functions/hosts/local/local-functions';
import { LocalMarts } from '../../functions/hosts/local/local-marts';
import { scheduledWorkerManifest } from '../../functions/jobs/manifest';
import { auditOf } from '../support/audit-reader';
import { RunningLake } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';
import { writeStagedMart } from '../support/written-staged-mart';

const numbers = { stays: '9990000018', erased: '9990000026' };
const hour = 3_600_000;

describe('a folder of Parquet of another engine, on one machine', function () {
  this.timeout(60_000);
  const library = mkdtempSync(join(tmpdir(), 'lake-library-'));
  let running: RunningLake;
  let marts: LocalMarts;
  let references: readonly string[];

  before(async () => {
    writeStagedMart(library, 'contacts');
    writeStagedMart(library, 'history', { run: 'append' });
    running = await RunningLake.start();
    const gp = await running.provider('A81001');
    const tokeniser = await running.parts.tokeniser();
    for (const [id, number] of Object.entries(numbers))
      assert.equal((await gp.request('PUT', `/Patient/${id}`, aPatient(id, number))).status, 201);
    references = Object.keys(numbers).map((id) => tokeniser.rekey('A81001', 'Patient', id));
    await running.operator.curate();
    marts = new LocalMarts(running.parts, new LocalFunctions(running.parts), library);
  });
  after(async () => {
    await running?.remove();
    rmSync(library, { recursive: true, force: true });
  });

  const staging = (...parts: string[]): string => join(running.folder.zones.marts, 'staging', ...parts);
  /** As an engine on a file system leaves it, with the check sums that Hadoop puts beside each file. */
  const stage = async (mart: string, run: string, isDone = true): Promise<void> => {
    mkdirSync(staging(mart, run), { recursive: true });
    const engine = new DuckDbQueryEngine({ spoolFolder: join(running.folder.root, 'other-engine') });
    const session = await engine.session({ readableFolders: [staging(mart, run)] });
    const rows = references.map((one) => `('Patient/${one}', '${run}', 3::BIGINT)`).join(', ');
    await session.query(
      `COPY (SELECT * FROM (VALUES ${rows}) t(patient, code, contacts)) TO '${staging(mart, run, 'part-0.parquet')}'`,
    );
    await session.close();
    await engine.close();
    writeFileSync(staging(mart, run, '.part-0.parquet.crc'), 'sum');
    if (isDone) writeFileSync(staging(mart, run, '_SUCCESS'), '');
  };
  const codesIn = async (mart: string): Promise<string> => {
    const { rows } = await running.operator.sql(`SELECT patient, code FROM marts.${mart} ORDER BY ALL`);
    const names = rows.map(({ patient, code }) => `${references.indexOf(String(patient))} ${code}`);
    return names.sort().join(', ');
  };

  it('is told to be missing before it is there, and is a mart once its job has ended', async () => {
    await assert.rejects(
      marts.takeStaged(),
      (error) =>
        isLakeError(error, 'PreconditionFailed') && /mart contacts has ended yet.*mart history/.test(error.message),
    );
    for (const mart of ['contacts', 'history']) await stage(mart, 'one');
    await stage('contacts', 'at-it', false);
    const taken = await marts.takeStaged();
    assert.deepEqual(
      taken.marts.map(({ mart, runs, rows }) => [mart, runs, rows]),
      [
        ['contacts', 1, 2],
        ['history', 1, 2],
      ],
    );
    assert.deepEqual(await codesIn('contacts'), '0 one, 1 one');
    assert.deepEqual(readdirSync(staging('contacts')), ['at-it']);
    assert.deepEqual(
      (await marts.list()).map(({ mart, built, columns }) => [mart, built !== undefined, columns.length]),
      [
        ['contacts', true, 3],
        ['history', true, 3],
      ],
    );
  });

  it('is taken by name too, as a mart is built', async () => {
    await stage('history', 'two');
    const [built] = await marts.build(['history']);
    assert.deepEqual([built?.mart, built?.rows], ['history', 2]);
    assert.equal(await codesIn('history'), '0 one, 0 two, 1 one, 1 two');
    assert.deepEqual(await marts.build([]), []);
  });

  it('is told when its job has not ended in its time, and swept when nobody will end it', async () => {
    const later = (hours: number) => marts.takeStaged(new Date(Date.now() + hours * hour));
    assert.equal((await later(25)).swept, 0);
    await assert.rejects(later(27), /No run of the mart contacts has ended since .*; one is due every 26 hours/);
    await assert.rejects(later(24 * 7 - 1));
    assert.ok(existsSync(staging('contacts', 'at-it')));
    await assert.rejects(later(24 * 7 + 1));
    assert.ok(!existsSync(staging('contacts', 'at-it', 'part-0.parquet')));
  });

  it('leaves a record of what it took and swept', async () => {
    const records = (await auditOf(running, 'lake')).filter(({ action }) => action.startsWith('job:staged-marts'));
    const told = records.map(({ action, entities = [] }) => `${action} ${entities.map(({ count }) => count)}`);
    assert.deepEqual(told, [
      ...Array(2).fill('job:staged-marts.take 2,1,0'),
      'job:staged-marts.take 2,1,0',
      'job:staged-marts.sweep 1',
    ]);
  });

  it('loses whom the lake erases, from staging as well, and not what others have', async () => {
    await stage('contacts', 'three');
    await stage('unknown_mart', 'one');
    await stage('contacts', 'old', false);
    const old = new Date(Date.now() - 25 * hour);
    for (const file of readdirSync(staging('contacts', 'old'))) utimesSync(staging('contacts', 'old', file), old, old);
    await new LocalErasure(running.parts, marts).erase({ nhsNumbers: [numbers.erased], patients: [] });
    assert.equal(await codesIn('contacts'), '0 three');
    assert.equal(await codesIn('history'), '0 one, 0 two');
    const left = existsSync(staging()) ? readdirSync(staging(), { recursive: true }).map(String) : [];
    assert.deepEqual(
      left.filter((name) => name.endsWith('.parquet')),
      [],
    );
    // What a job that began before left later.
    await stage('history', 'four');
    await marts.takeStaged();
    assert.equal(await codesIn('history'), '0 four, 0 one, 0 two');
    assert.ok((await running.operator.verifyAudit()).problems.length === 0);
  });

  it('is a job of its own, which `lake jobs` shows', async () => {
    const { queue } = running.parts.ports(scheduledWorkerManifest);
    const { runId } = await queue.enqueue({ job: 'staged-marts', origin: 'test', maxAttempts: 1, now: new Date() });
    const state = async () => (await running.operator.jobs()).find(({ id }) => id === runId)?.state;
    for (let wait = 0; wait < 300 && (await state()) !== 'succeeded'; wait += 1) await pause(100);
    assert.equal(await state(), 'succeeded');
  });
});
