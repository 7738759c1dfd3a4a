import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { toLakeError } from './postgres-errors';

export interface PostgresServer {
  readonly host: string;
  readonly port: number;
  /** May create databases and roles. */
  readonly user: string;
  readonly password: string;
  /** The authority its certificate must come from, PEM; without it the connection is not encrypted. */
  readonly ssl?: { readonly ca: string };
}

/** Sets up databases and roles, as whoever deploys a lake; no function holds these rights. Everything is safe to repeat. */
export class PostgresAdmin {
  readonly #server: PostgresServer;

  constructor(server: PostgresServer) {
    this.#server = server;
  }

  async ensureDatabase(name: string): Promise<void> {
    await this.#run('postgres', async (client) => {
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
    });
  }

  /** A role that logs in with this password and may connect nowhere by default. */
  async ensureRole(name: string, password: string): Promise<void> {
    await this.#run('postgres', async (client) => {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
      const role = escapeIdentifier(name);
      if (rowCount === 0) await client.query(`CREATE ROLE ${role} LOGIN NOINHERIT`);
      await client.query(`ALTER ROLE ${role} PASSWORD ${escapeLiteral(password)}`);
    });
  }

  /** Statements in one transaction, for example the grants of a role. */
  async execute(database: string, statements: readonly string[]): Promise<void> {
    await this.#run(database, async (client) => {
      await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      await client.query('COMMIT');
    });
  }

  async #run(database: string, work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ ...this.#server, database, connectionTimeoutMillis: 10_000 });
    try {
      await client.connect();
      await work(client);
    } catch (error) {
      throw toLakeError(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
