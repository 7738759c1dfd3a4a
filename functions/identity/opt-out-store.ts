import type { StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import type { OptOutLists } from '../privacy/opt-out';
import { defineStateStore } from '../state-store';
import { numbersBehind } from './person-links';

/** `national`: who may be used (the check service's answer). `type-1`: who may not (dissents that practices recorded). */
export const optOutListNames = ['national', 'type-1'] as const;
export type OptOutListName = (typeof optOutListNames)[number];

export interface OptOutListState {
  readonly name: OptOutListName;
  /** Day or moment of the answer or extract, RFC 3339. */
  readonly asOf: string;
  /** How long the site relies on it; there is no default. */
  readonly longestAgeDays: number;
  readonly people: number;
}

export interface OptOutStore {
  /** Replaces a list whole. */
  load(list: Omit<OptOutListState, 'people'>, nhsNumbers: Iterable<string>, audit: AuditRecord): Promise<void>;
  lists(): Promise<readonly OptOutListState[]>;
  /** The lists as far as they speak of these persons; the shorter longest age of the two. */
  about(persons: readonly string[]): Promise<{ readonly lists: OptOutLists; readonly longestAgeDays: number }>;
  /** Verified numbers the check service is to be asked about. */
  numbersToAsk(): Promise<readonly string[]>;
}

async function listsIn(tx: StateTransaction): Promise<readonly OptOutListState[]> {
  return tx.query<OptOutListState>(
    `SELECT name, as_of AS "asOf", longest_age_days AS "longestAgeDays",
            (SELECT count(*) FROM opt_out_member m WHERE m.name = l.name) AS people FROM opt_out_list l ORDER BY name`,
  );
}

const isListed = async (tx: StateTransaction, name: OptOutListName, nhsNumber: string): Promise<boolean> =>
  (await tx.query('SELECT name FROM opt_out_member WHERE name = ? AND nhs_number = ?', [name, nhsNumber])).length > 0;

/**
 * Opt-out lists by NHS number, inside the identity zone. An erasure leaves them: to forget that somebody objected would let
 * what is sent of them later be used.
 */
export const optOutStore = defineStateStore<OptOutStore>({
  name: 'opt-out',
  database: 'identity',
  migrations: [
    {
      id: 'opt-out-0001-lists',
      statements: [
        'CREATE TABLE opt_out_list (name TEXT PRIMARY KEY, as_of TEXT NOT NULL, longest_age_days INTEGER NOT NULL)',
        'CREATE TABLE opt_out_member (name TEXT NOT NULL, nhs_number TEXT NOT NULL, PRIMARY KEY (name, nhs_number))',
      ],
    },
  ],
  grants: {
    load: [
      ...(['INSERT', 'UPDATE', 'SELECT'] as const).map((privilege) => ({ table: 'opt_out_list', privilege })),
      ...(['INSERT', 'DELETE', 'SELECT'] as const).map((privilege) => ({ table: 'opt_out_member', privilege })),
      auditInsert,
    ],
    lists: (['opt_out_list', 'opt_out_member'] as const).map((table) => ({ table, privilege: 'SELECT' })),
    about: (['opt_out_list', 'opt_out_member', 'person', 'number_superseded'] as const).map((table) => ({
      table,
      privilege: 'SELECT',
    })),
    numbersToAsk: [{ table: 'person', privilege: 'SELECT' }],
  },
  open: (database) => ({
    load: ({ name, asOf, longestAgeDays }, nhsNumbers, audit) =>
      database.transaction(async (tx) => {
        await tx.run(
          `INSERT INTO opt_out_list (name, as_of, longest_age_days) VALUES (?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET as_of = excluded.as_of, longest_age_days = excluded.longest_age_days`,
          [name, asOf, longestAgeDays],
        );
        await tx.run('DELETE FROM opt_out_member WHERE name = ?', [name]);
        for (const nhsNumber of nhsNumbers)
          await tx.run('INSERT INTO opt_out_member (name, nhs_number) VALUES (?, ?)', [name, nhsNumber]);
        await appendAudit(tx, audit);
      }),

    lists: () => database.snapshot(listsIn),

    about: (persons) =>
      database.snapshot(async (tx) => {
        const allowed = new Set<string>();
        const dissents = new Set<string>();
        for (const person of persons) {
          const [row] = await tx.query<{ nhs_number: string | null }>(
            'SELECT nhs_number FROM person WHERE person_id = ?',
            [person],
          );
          const standing = row?.nhs_number ?? undefined;
          // Nobody can say of a person without a number that they have not opted out.
          if (standing === undefined) continue;
          if (await isListed(tx, 'national', standing)) allowed.add(person);
          for (const number of await numbersBehind(tx, [standing]))
            if (await isListed(tx, 'type-1', number)) dissents.add(person);
        }
        const lists = await listsIn(tx);
        const listOf = (name: OptOutListName, people: ReadonlySet<string>) => {
          const list = lists.find((one) => one.name === name);
          return list === undefined ? undefined : { asOf: new Date(list.asOf), people };
        };
        const longestAgeDays = Math.min(...lists.map((list) => list.longestAgeDays));
        return {
          lists: { notOptedOut: listOf('national', allowed), typeOneDissents: listOf('type-1', dissents) },
          longestAgeDays,
        };
      }),

    numbersToAsk: () =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ nhs_number: string }>(
          'SELECT nhs_number FROM person WHERE nhs_number IS NOT NULL ORDER BY nhs_number',
        );
        return rows.map((row) => row.nhs_number);
      }),
  }),
});
