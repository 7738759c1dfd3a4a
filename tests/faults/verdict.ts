import { operatorSqlManifest } from '../../functions/hosts/local/operator-sql';
import { CuratedTable } from '../../functions/tables/curated-table';
import { RunningLake } from '../support/running-lake';
import { provider } from './killable-lake';
import type { Senders } from './senders';

/** What a lake holds beside what its senders were told: nothing of the first part may be. */
export interface Verdict {
  readonly faults: {
    /** Acknowledged and not there once. */
    readonly lost: number;
    readonly twice: number;
    /** There and never sent. */
    readonly strangers: number;
    readonly erasedAndThere: number;
    /** Patients without exactly one link to a person. */
    readonly unlinked: number;
    readonly surprises: readonly number[];
    /** Of the audit's verification. */
    readonly problems: readonly unknown[];
  };
  readonly kept: number;
  readonly present: number;
  readonly auditRecords: number;
}

export const faultless: Verdict['faults'] = {
  lost: 0,
  twice: 0,
  strangers: 0,
  erasedAndThere: 0,
  unlinked: 0,
  surprises: [],
  problems: [],
};

/** Starts the lake once more, curates what waits and compares. `folds`: its tables may hold the newest versions only. */
export async function verdictOn(
  folder: string,
  senders: Senders,
  { erased = new Set<string>(), folds = false }: { erased?: ReadonlySet<string>; folds?: boolean } = {},
): Promise<Verdict> {
  const running = await RunningLake.start(folder);
  await running.operator.curate();
  const present = await rowsOf(running);
  const links = await linksOf(running);
  const tokeniser = await running.parts.tokeniser();
  const report = await running.operator.verifyAudit();
  await running.halt();

  const nameOf = ({ type, id, version }: { type: string; id: string; version: number }): string =>
    `${tokeniser.rekey(provider, type, id)} ${version}`;
  const kept = senders.acknowledged.filter(({ id }) => !erased.has(id));
  // Compaction folds a version into a newer one; landing keeps both.
  const isFolded = ({ id, version }: { id: string; version: number }): boolean =>
    folds && senders.sendings.some((one) => one.id === id && one.version > version && present.get(nameOf(one)) === 1);
  const known = new Set(senders.sendings.map(nameOf));
  const linked = new Map(links.map(({ patient_ref: id, n }) => [String(id), Number(n)]));
  return {
    faults: {
      lost: kept.filter((one) => present.get(nameOf(one)) !== 1 && !isFolded(one)).length,
      twice: [...present.values()].filter((n) => n > 1).length,
      strangers: [...present.keys()].filter((name) => !known.has(name)).length,
      erasedAndThere: senders.sendings.filter((one) => erased.has(one.id) && present.has(nameOf(one))).length,
      unlinked: kept.filter(
        ({ type, id }) => type === 'Patient' && linked.get(tokeniser.rekey(provider, type, id)) !== 1,
      ).length,
      surprises: senders.surprises,
      problems: report.problems,
    },
    kept: kept.length,
    present: present.size,
    auditRecords: report.records,
  };
}

/** A lake that was killed before it took in a patient has no table of links. */
async function linksOf(running: RunningLake) {
  const tables = await running.operator.sql(
    "SELECT table_name FROM information_schema.tables WHERE table_name = 'person_link'",
  );
  if (tables.rows.length === 0) return [];
  return (await running.operator.sql('SELECT patient_ref, count(*) AS n FROM curated.person_link GROUP BY ALL')).rows;
}

/** How often each version of each resource stands in the curated tables, by `<re-keyed id> <version>`: all rows, not the current state. */
async function rowsOf(running: RunningLake): Promise<ReadonlyMap<string, number>> {
  const { curated, query } = running.parts.ports(operatorSqlManifest);
  const session = await query.session({ readableFolders: [running.folder.zones.curated] });
  const present = new Map<string, number>();
  try {
    for (const type of ['Observation', 'Patient']) {
      const table = new CuratedTable(curated, type, query);
      if ((await table.delta.schema()) === undefined) continue;
      const { rows } = await session.query(
        `SELECT id, version, count(*) AS n FROM ${await table.delta.relation()} GROUP BY ALL`,
      );
      for (const { id, version, n } of rows) present.set(`${id} ${version}`, Number(n));
    }
  } finally {
    await session.close();
  }
  return present;
}
