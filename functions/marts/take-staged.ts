import { isLakeError, LakeError } from '../../adapters/ports/errors';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { sqlFile, sqlIdentifier } from '../sql-on-fhir/duckdb/quoting';
import { CuratedTable } from '../tables/curated-table';
import { DeltaTable } from '../tables/delta-table';
import { placeFile } from '../tables/place-file';
import { linksSql, type MartServices } from './build-mart';
import { permittedPatients } from './permitted-patients';
import type { StagedMart } from './staged-mart';
import { discardRun, type StagedRun } from './staged-runs';

/** What became of the runs that were there. */
export interface TakenRuns {
  readonly table: DeltaTable;
  /** Runs that became a version of the table. */
  readonly runs: number;
  /** Rows of these. */
  readonly rows: number;
  /** Rows of these, and of the table, about people who may not be in the mart, or whom the lake does not know. */
  readonly leftOut: number;
  /** Runs that the table had already: deleted, not taken again. */
  readonly repeated: number;
  /** What kept a run from being taken; it stays in staging. */
  readonly refusals: readonly LakeError[];
  /** When the job of the newest run that was ever taken ended; undefined when there was none. */
  readonly lastFinished: Date | undefined;
}

/** Each run is a transaction of an application of its own, where checkpoints keep it. */
const runOf = (run: string): string => `lake/staged/${run}`;
const runName = /^[A-Za-z0-9][A-Za-z0-9_.=-]{0,99}$/;
const patientTable = '_staged_patients';

/**
 * Makes each run that has ended one version of the mart's table: the columns that the mart declares and no other, without rows of
 * people who may not be in it. Then the run is deleted. Cut off anywhere and repeated it ends the same: the version tells which runs
 * are in it. A run is taken once; of a mart whose runs replace each other, again when it was written anew.
 *
 * @param patients name of a table of the session with whom the mart may have (`patientsOf`)
 */
export async function takeStaged(
  services: MartServices,
  mart: StagedMart,
  runs: readonly StagedRun[],
  patients: string | undefined,
): Promise<TakenRuns> {
  const { marts, engine, session } = services;
  const table = new DeltaTable(marts, mart.name, engine);
  let taken = { runs: 0, rows: 0, leftOut: 0, repeated: 0 };
  const refusals: LakeError[] = [];
  for (const run of runs) {
    if (run.mart !== mart.name || run.finished === undefined) continue;
    try {
      const rows = await commitRun(services, mart, { ...run, finished: run.finished }, table, patients);
      taken =
        rows === undefined
          ? { ...taken, repeated: taken.repeated + 1 }
          : { ...taken, runs: taken.runs + 1, rows: taken.rows + rows.kept, leftOut: taken.leftOut + rows.leftOut };
    } catch (error) {
      if (!isLakeError(error, 'InvalidArgument') && !isLakeError(error, 'PreconditionFailed')) throw error;
      refusals.push(error);
      continue;
    }
    await discardRun(marts, engine, run);
  }
  const leftOut = taken.leftOut + (await leaveOutOthers(session, mart, table, patients));
  return { table, ...taken, leftOut, refusals, lastFinished: await lastFinished(table) };
}

/** Rows taken and left out; undefined when the table has the run already. */
async function commitRun(
  { marts, engine, session }: MartServices,
  mart: StagedMart,
  run: StagedRun & { readonly finished: Date },
  table: DeltaTable,
  patients: string | undefined,
): Promise<{ readonly kept: number; readonly leftOut: number } | undefined> {
  if (!runName.test(run.run))
    throw refused(mart, 'the folder of a run has a name that is none', 'letters, digits, _ . = and -, 100 at most');
  const transaction = { appId: runOf(run.run), version: run.finished.getTime() };
  const before = (await table.snapshot()).transactions.get(transaction.appId);
  if (before !== undefined && (mart.run === 'append' || before >= transaction.version)) return undefined;
  if (run.isDivided) throw refused(mart, 'a run is divided into folders', 'Parquet files beside each other');
  if (run.files.length === 0) throw refused(mart, 'a run has no Parquet file', 'one at least, without rows if need be');
  const places: string[] = [];
  for (const key of run.files) {
    const place = await placeFile(marts, engine.spoolFolder, key);
    await checkColumns(session, mart, place);
    places.push(place);
  }
  const rows = `read_parquet([${places.map(sqlFile).join(', ')}], union_by_name = true, hive_partitioning = false)`;
  const select = mart.columns.map(
    ({ name, type }) =>
      `${name === mart.patient ? patientIn(name) : `CAST(${sqlIdentifier(name)} AS ${type})`} AS ${sqlIdentifier(name)}`,
  );
  const condition = mart.patient === undefined ? 'true' : mayStay(patientIn(mart.patient), patients);
  const { rows: counted } = await session.query(
    `SELECT count(*) AS "all", count(*) FILTER (WHERE ${condition}) AS kept FROM ${rows}`,
  );
  const sql = `SELECT ${select.join(', ')} FROM ${rows} WHERE ${condition}`;
  if (mart.run === 'append') await table.append(session, sql, { transaction });
  // A definition may change its columns.
  else await table.overwrite(session, sql, { transaction, columns: 'replace' });
  const kept = Number(counted[0]?.kept);
  return { kept, leftOut: Number(counted[0]?.all) - kept };
}

/** Every file by itself: an engine reads the columns of one for those of all. */
async function checkColumns(session: QuerySession, mart: StagedMart, place: string): Promise<void> {
  const found = await session.describe(`SELECT * FROM read_parquet(${sqlFile(place)}, hive_partitioning = false)`);
  const types = new Map(found.map(({ name, type }) => [name, type]));
  if (types.size > mart.columns.length || types.size < found.length)
    throw refused(mart, 'a file has columns that the mart does not declare', columnsOf(mart));
  for (const { name, takes, type } of mart.columns) {
    const fileType = types.get(name);
    if (fileType === undefined) throw refused(mart, `a file has no column ${name}`, columnsOf(mart));
    if (!takes(fileType))
      throw refused(mart, `the column ${name} of a file is ${fileType}`, `${type}, or what is narrower`);
  }
}

const columnsOf = ({ columns }: StagedMart): string => columns.map(({ name, type }) => `${name} ${type}`).join(', ');

const refused = ({ name }: StagedMart, what: string, allowed: string): LakeError =>
  new LakeError(
    'InvalidArgument',
    `Rows staged for the mart ${name} were not taken: ${what}. Allowed: ${allowed}. Mend the job and run it again; the run stays in staging for a week.`,
  );

/** SQL text of a row's patient as curated tables name it; Pathling's keys have the type before them. */
const patientIn = (column: string): string =>
  `regexp_replace(CAST(${sqlIdentifier(column)} AS VARCHAR), '^Patient/', '')`;

const mayStay = (patient: string, patients: string | undefined): string =>
  patients === undefined ? 'false' : `coalesce(${patient} IN (SELECT patient FROM ${patients}), false)`;

/**
 * Makes a table of the session with the patients whom a mart may have: those the lake knows, so that nobody comes back whom it erased
 * while a job ran, and of these whom the mart's purpose permits. Undefined for a mart that has no patients.
 *
 * @throws LakeError `PreconditionFailed` when an opt-out list is missing or stale.
 */
export async function patientsOf(
  { curated, engine, session, askOptOuts }: MartServices,
  { use, patient }: Pick<StagedMart, 'use' | 'patient'>,
): Promise<string | undefined> {
  if (patient === undefined) return undefined;
  const permitted = await permittedPatients(session, await linksSql({ curated, engine }), use.purpose, askOptOuts);
  const table = new CuratedTable(curated, 'Patient', engine);
  const known =
    (await table.delta.snapshot()).version < 0
      ? "SELECT '' AS patient WHERE false"
      : `SELECT id AS patient FROM ${await table.currentState()}`;
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${patientTable} AS SELECT patient FROM (${known}) known` +
      (permitted === undefined ? '' : ` SEMI JOIN ${permitted} permitted USING (patient)`),
  );
  return patientTable;
}

/** Takes out of the table who may no longer be in it. Gives how many rows. */
async function leaveOutOthers(
  session: QuerySession,
  { patient }: StagedMart,
  table: DeltaTable,
  patients: string | undefined,
): Promise<number> {
  const snapshot = await table.snapshot();
  if (patient === undefined || snapshot.version < 0) return 0;
  const relation = await table.relation(snapshot);
  const condition = mayStay(sqlIdentifier(patient), patients);
  const { rows } = await session.query(`SELECT count(*) AS n FROM ${relation} WHERE NOT ${condition}`);
  const others = Number(rows[0]?.n);
  if (others > 0)
    await table.overwrite(session, `SELECT * FROM ${relation} WHERE ${condition}`, { ifVersion: snapshot.version });
  return others;
}

async function lastFinished(table: DeltaTable): Promise<Date | undefined> {
  const times = [...(await table.snapshot()).transactions].flatMap(([appId, version]) =>
    appId.startsWith(runOf('')) ? [version] : [],
  );
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}
