import type { SqlRow, StateDatabase, StateTransaction } from '../../../adapters/ports/state-database';
import type { TableGrant } from '../../../functions/state-store';

type Privilege = TableGrant['privilege'];

/** What PostgreSQL would ask of a role for a statement: privileges on tables, as `SELECT table`. */
export function privilegesOf(sql: string): Set<string> {
  const needed = new Set<string>();
  const need = (privilege: Privilege, table: string) => needed.add(`${privilege} ${table}`);
  for (const [, verb, table] of sql.matchAll(/\b(INSERT INTO|DELETE FROM|UPDATE|FROM|JOIN)\s+([a-z_]+)\b/g)) {
    if (verb === 'INSERT INTO') need('INSERT', table!);
    else if (verb === 'DELETE FROM') need('DELETE', table!);
    else if (verb === 'UPDATE') need('UPDATE', table!);
    else need('SELECT', table!);
  }
  const written = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)/.exec(sql)?.[1];
  // Reading old values back (WHERE, RETURNING) takes SELECT, and an upsert takes UPDATE.
  if (written !== undefined && /\b(WHERE|RETURNING)\b/.test(sql)) need('SELECT', written);
  if (written !== undefined && /\bDO UPDATE\b/.test(sql)) {
    need('UPDATE', written);
    need('SELECT', written);
  }
  return needed;
}

/** Notes the privileges that the statements run through it would take. */
export class RecordingDatabase implements StateDatabase {
  readonly needed = new Set<string>();
  readonly #database: StateDatabase;
  readonly capabilities: StateDatabase['capabilities'];

  constructor(database: StateDatabase) {
    this.#database = database;
    this.capabilities = database.capabilities;
  }

  migrate: StateDatabase['migrate'] = (migrations) => this.#database.migrate(migrations);
  transaction: StateDatabase['transaction'] = (work) => this.#database.transaction((tx) => work(this.#record(tx)));
  snapshot: StateDatabase['snapshot'] = (work) => this.#database.snapshot((tx) => work(this.#record(tx)));
  close = () => this.#database.close();

  #record(tx: StateTransaction): StateTransaction {
    const note = (sql: string) => {
      for (const privilege of privilegesOf(sql)) this.needed.add(privilege);
    };
    return {
      query: <Row = SqlRow>(sql: string, parameters?: Parameters<StateTransaction['query']>[1]) => {
        note(sql);
        return tx.query<Row>(sql, parameters);
      },
      run: (sql, parameters) => {
        note(sql);
        return tx.run(sql, parameters);
      },
    };
  }
}
