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
    await this.#ensureRole(name, `ALTER ROLE ${escapeIdentifier(name)} PASSWORD ${escapeLiteral(password)}`);
  }

  /** A role without a password: Aurora lets it in by IAM (its user guide, "Creating a database account using IAM"). */
  async ensureIamRole(name: string): Promise<void> {
    await this.#ensureRole(name, `GRANT rds_iam TO ${escapeIdentifier(name)}`);
  }

  /** Statements in one transaction, for example the grants of a role. */
  async execute(database: string, statements: readonly string[]): Promise<void> {
    await this.#run(database, async (client) => {
      await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      await client.query('COMMIT');
    });
  }

  async #ensureRole(name: string, login: string): Promise<void> {
    await this.#run('postgres', async (client) => {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
      if (rowCount === 0) await client.query(`CREATE ROLE ${escapeIdentifier(name)} LOGIN NOINHERIT`);
      await client.query(login);
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
