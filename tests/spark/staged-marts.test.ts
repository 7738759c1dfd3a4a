import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLakeError } from '../../adapters/ports/errors';
import { LocalFunctions } from '../../functions/hosts/local/local-functions';
import { LocalMarts } from '../../functions/hosts/local/local-marts';
import { jobSettings } from '../../functions/spark/manifest';
import { RunningLake } from '../support/running-lake';
import { aPatient } from '../support/verified-patient';
import { writeStagedMart } from '../support/written-staged-mart';
import { runPython } from './python-reader';
import { howToGet, readerTools } from './reader-tools';

const view = {
  resourceType: 'ViewDefinition',
  resource: 'Condition',
  status: 'active',
  select: [
    {
      column: [
        { name: 'patient', path: 'subject.getReferenceKey(Patient)', type: 'string' },
        // Two fields of one element: shifted, where Spark prunes them.
        { name: 'text', path: 'code.text', type: 'string' },
        { name: 'code', path: 'code.coding.first().code', type: 'code' },
        { name: 'recorded', path: 'recordedDate', type: 'dateTime' },
      ],
    },
  ],
};
const columns = {
  patient: 'Reference',
  code: 'code',
  contacts: 'integer',
  first_day: 'date',
  share: 'decimal',
  is_repeated: 'boolean',
  latest: 'instant',
};
const numbers: readonly (readonly [id: string, number: string])[] = [
  ['p1', '9990000018'],
  ['p2', '9990000026'],
];

describe('A mart that a job of Spark with Pathling stages', function () {
  this.timeout(600_000);
  const { sparkHome, sparkScript } = readerTools;
  if (sparkHome === undefined || sparkScript === undefined) {
    it(`is committed by the lake (skipped: Spark is not there: ${howToGet.spark})`, function () {
      this.skip();
    });
    return;
  }
  const library = mkdtempSync(join(tmpdir(), 'lake-library-'));
  const python = { command: sparkScript, environment: { SPARK_PATHLING_HOME: sparkHome } };
  let running: RunningLake;
  let marts: LocalMarts;
  let staging: string;
  let references: Readonly<Record<string, string>>;
  let failed: boolean;

  before(async () => {
    writeStagedMart(library, 'conditions_known', { columns });
    running = await RunningLake.start();
    const gp = await running.provider('A81001');
    const put = async (path: string, resource: object): Promise<void> =>
      assert.equal((await gp.request('PUT', `/${path}`, resource)).status, 201);
    for (const [id, number] of numbers) await put(`Patient/${id}`, aPatient(id, number));
    for (const [id, patient, code] of [
      ['c1', 'p1', '195967001'],
      ['c2', 'p1', '195967001'],
      ['c3', 'p2', '13645005'],
      ['c4', 'never-sent', '13645005'],
    ] as const)
      await put(`Condition/${id}`, {
        resourceType: 'Condition',
        id,
        subject: { reference: `Patient/${patient}` },
        recordedDate: '2026-01-02',
        code: { coding: [{ system: 'http://snomed.info/sct', code }] },
      });
    await running.operator.curate();
    const tokeniser = await running.parts.tokeniser();
    references = Object.fromEntries(numbers.map(([id]) => [tokeniser.rekey('A81001', 'Patient', id), id]));
    marts = new LocalMarts(running.parts, new LocalFunctions(running.parts), library);
    const { zones } = running.folder;
    staging = join(zones.marts, 'staging', 'conditions_known');
    const job = { settings: jobSettings, curated: zones.curated, staging, view };
    ({ failed } = await runPython<{ failed: boolean }>({ ...python, script: 'staged-marts.py' }, job));
  });
  after(async () => {
    await running?.remove();
    rmSync(library, { recursive: true, force: true });
  });

  it('has the rows of the run that ended; one that died is left, one that lacks the settings is refused', async () => {
    assert.ok(failed && !existsSync(join(staging, 'broken', '_SUCCESS')));
    await assert.rejects(
      marts.takeStaged(),
      (error) => isLakeError(error, 'InvalidArgument') && /column latest of a file is TIMESTAMP\b/.test(error.message),
    );
    assert.ok(!readdirSync(staging).includes('2026-11-21'));
    const { rows } = await running.operator.sql(
      'SELECT patient, code, contacts, first_day, share, is_repeated FROM marts.conditions_known ORDER BY code',
    );
    const told = rows.map(({ patient, ...rest }) => [references[String(patient)], ...Object.values(rest).map(String)]);
    assert.deepEqual(told, [
      ['p2', '13645005', '1', '2026-01-02', '0.250000000', 'false'],
      ['p1', '195967001', '2', '2026-01-02', '0.500000000', 'true'],
    ]);
  });

  it('is read by Spark with Delta as the lake reads it', async () => {
    const { rows } = await running.operator.sql(
      "SELECT patient, code, contacts, strftime(latest AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f') AS latest FROM marts.conditions_known ORDER BY code",
    );
    const { read } = await runPython<{ read: readonly (readonly unknown[])[] }>(
      { ...python, script: 'spark-delta.py' },
      {
        read: [
          {
            name: 'read',
            folder: join(running.folder.zones.marts, 'conditions_known'),
            columns: ['patient', 'code', 'contacts', 'latest'],
            version: null,
            sql: `SELECT patient, code, contacts, date_format(latest, 'yyyy-MM-dd HH:mm:ss.SSSSSS') AS latest FROM {table} ORDER BY code`,
          },
        ],
      },
    );
    const text = (all: readonly (readonly unknown[])[]) => all.map((row) => row.map(String).join(' '));
    assert.equal(read.length, 2);
    assert.deepEqual(text(read), text(rows.map((row) => Object.values(row))));
  });
});
