import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStateDatabase } from '../../../adapters/local/sqlite-state-database';
import type { AuditRecord } from '../../../functions/audit/audit-record';
import { migrationsOf } from '../../../functions/hosts/state-stores';
import { identityRegisterStore } from '../../../functions/identity/identity-register-store';

/** The database of an identity zone, alone. */
export class IdentityZone {
  readonly folder = mkdtempSync(join(tmpdir(), 'lake-identity-'));
  readonly database = new SqliteStateDatabase(join(this.folder, 'identity.sqlite'));
  readonly register = identityRegisterStore.open(this.database);

  static async open(): Promise<IdentityZone> {
    const zone = new IdentityZone();
    await zone.database.migrate(migrationsOf('identity'));
    return zone;
  }

  /** Audit records written so far: action, result and code of each. */
  async audited(): Promise<readonly string[]> {
    const rows = await this.database.snapshot((tx) =>
      tx.query<{ record: string }>('SELECT record FROM audit ORDER BY id'),
    );
    return rows.map(({ record }) => {
      const { action, agent, outcome } = JSON.parse(record) as AuditRecord;
      return `${agent.id} ${action} ${outcome.result} ${outcome.code}`;
    });
  }

  async close(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const anIdentityRecord = (event: AuditRecord['event'], action: string): AuditRecord => ({
  recorded: new Date().toISOString(),
  event,
  action,
  agent: { kind: 'operator', id: 'test' },
  outcome: { result: 'allowed', code: 'done' },
  purpose: 'HOPERAT',
});
