import { createHash } from 'node:crypto';
import { LakeError } from '../ports/errors';
import type { Migration, StateDatabase } from '../ports/state-database';

const ledger = `CREATE TABLE IF NOT EXISTS schema_migration (
  id TEXT PRIMARY KEY, digest TEXT NOT NULL, applied_at TEXT NOT NULL)`;

/**
 * Runs each migration once, in order, each in a transaction of its own that also records it. A migration that was applied
 * with other statements is refused with `PreconditionFailed`: a new one must be written instead.
 */
export async function applyMigrations(
  database: Pick<StateDatabase, 'transaction'>,
  migrations: readonly Migration[],
): Promise<void> {
  const ids = new Set(migrations.map((migration) => migration.id));
  if (ids.size !== migrations.length) {
    throw new LakeError('InvalidArgument', 'Two migrations have the same id. Every id is unique for ever.');
  }
  await database.transaction((transaction) => transaction.run(ledger));
  for (const migration of migrations) {
    if (!/^[a-z][a-z0-9-]*-[0-9]{4}-[a-z0-9-]+$/.test(migration.id)) {
      throw new LakeError(
        'InvalidArgument',
        'A migration id must be "<store>-<4 digits>-<what it does>" in lower case.',
      );
    }
    const digest = createHash('sha256').update(JSON.stringify(migration.statements)).digest('hex');
    await database.transaction(async (transaction) => {
      const [applied] = await transaction.query<{ digest: string }>(
        'SELECT digest FROM schema_migration WHERE id = ?',
        [migration.id],
      );
      if (applied !== undefined) {
        if (applied.digest === digest) return;
        throw new LakeError(
          'PreconditionFailed',
          `The migration ${migration.id} was applied with other statements. Write a new migration, leave this one as it was.`,
        );
      }
      for (const statement of migration.statements) await transaction.run(statement);
      await transaction.run('INSERT INTO schema_migration (id, digest, applied_at) VALUES (?, ?, ?)', [
        migration.id,
        digest,
        new Date().toISOString(),
      ]);
    });
  }
}
