import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import { liftText } from '../privacy/lift-text';
import type { Tokeniser } from '../privacy/tokens';
import { defineStateStore } from '../state-store';
import { tablesOfPeople } from './identity-register-store';
import { type LinkDecision, putClaim, putDecision } from './person-links';

type Lift = Pick<Tokeniser, 'liftId' | 'liftToken' | 'version'>;

export interface RegisterRemap {
  /**
   * Makes the next rows of the register over: records, then patients and their links. Gives how far it came, undefined when all
   * are, which alone is recorded.
   *
   * @param after what it gave before; empty at the beginning
   */
  remap(tokeniser: Lift, after: readonly string[], audit: AuditRecord): Promise<readonly string[] | undefined>;
}

const rowsAtATime = 500;

interface RecordRow {
  readonly provider: string;
  readonly type: string;
  readonly id: string;
  readonly record: string;
  readonly source: string;
}

/** The next records after a place; undefined after the last. */
async function remapRecords(tx: StateTransaction, after: readonly string[], tokeniser: Lift) {
  const rows = await tx.query<RecordRow>(
    `SELECT provider, type, id, record, source FROM identity_record WHERE (provider, type, id) > (?, ?, ?)
     ORDER BY provider, type, id LIMIT ?`,
    [...after, rowsAtATime],
  );
  for (const { provider, type, id, record, source } of rows) {
    const lifted = tokeniser.liftId(id);
    if (lifted === id) continue;
    const key = [provider, type, id];
    // The resource came again under the newest key already: the later telling stays.
    const [newest] = await tx.query<{ source: string }>(
      'SELECT source FROM identity_record WHERE provider = ? AND type = ? AND id = ?',
      [provider, type, lifted],
    );
    const remove = 'DELETE FROM identity_record WHERE provider = ? AND type = ? AND id = ?';
    if (newest !== undefined) await tx.run(remove, newest.source >= source ? key : [provider, type, lifted]);
    await tx.run('UPDATE identity_record SET id = ?, record = ? WHERE provider = ? AND type = ? AND id = ?', [
      ...[lifted, liftText(record, tokeniser)],
      ...key,
    ]);
  }
  const last = rows.at(-1);
  return last === undefined ? undefined : [last.provider, last.type, last.id];
}

const tables = ['link', 'link_history', 'link_claim', 'link_decision'] as const;

async function remapPatients(tx: StateTransaction, after: string, tokeniser: Lift, now: string) {
  const rows = await tx.query<{ patient_ref: string }>(
    `SELECT patient_ref FROM (SELECT patient_ref FROM link UNION SELECT patient_ref FROM link_claim
       UNION SELECT patient_ref FROM link_decision) patients WHERE patient_ref > ? ORDER BY patient_ref LIMIT ?`,
    [after, rowsAtATime],
  );
  for (const { patient_ref: patient } of rows) {
    const lifted = `Patient/${tokeniser.liftId(patient.replace(/^Patient\//, ''))}`;
    if (lifted === patient) continue;
    await joinTwin(tx, patient, lifted, now);
    for (const table of tables)
      await tx.run(`UPDATE ${table} SET patient_ref = ? WHERE patient_ref = ?`, [lifted, patient]);
  }
  return rows.at(-1)?.patient_ref;
}

/** A patient that came again under the newest key before this: what was known joins it as facts, of which the later ones hold. */
async function joinTwin(tx: StateTransaction, patient: string, twin: string, now: string): Promise<void> {
  const twins = await Promise.all(
    ['link', 'link_claim', 'link_decision'].map((table) =>
      tx.query(`SELECT patient_ref FROM ${table} WHERE patient_ref = ?`, [twin]),
    ),
  );
  if (twins.every((rows) => rows.length === 0)) return;
  const [claim] = await tx.query<{ nhs_number: string | null; source: string }>(
    'SELECT nhs_number, source FROM link_claim WHERE patient_ref = ?',
    [patient],
  );
  const [decision] = await tx.query<{ kind: LinkDecision['kind']; nhs_number: string | null; decided: string }>(
    'SELECT kind, nhs_number, decided FROM link_decision WHERE patient_ref = ?',
    [patient],
  );
  for (const table of ['link', 'link_claim', 'link_decision'])
    await tx.run(`DELETE FROM ${table} WHERE patient_ref = ?`, [patient]);
  if (claim !== undefined)
    await putClaim(tx, { patientRef: twin, nhsNumber: claim.nhs_number ?? undefined, source: claim.source }, now);
  if (decision !== undefined) {
    const { kind, nhs_number: nhsNumber, decided } = decision;
    await putDecision(tx, { patientRef: twin, kind, nhsNumber: nhsNumber ?? undefined, decided });
  }
  await tx.run('DELETE FROM person WHERE person_id NOT IN (SELECT person_id FROM link)');
}

async function completeRemap(tx: StateTransaction, audit: AuditRecord): Promise<void> {
  // Digests of clinical copies as they were: the next re-split lands what they are of again.
  await tx.run('DELETE FROM split_digest');
  // Published again even when no person is another: the patients are.
  await tx.run('UPDATE link_revision SET made = made + 1');
  await appendAudit(tx, audit);
}

function openRegisterRemap(database: StateDatabase): RegisterRemap {
  return {
    remap: (tokeniser, [part = 'begin', ...place], audit) =>
      database.transaction(async (tx) => {
        switch (part) {
          case 'begin':
            // First: what another process read before it was made over is refused from here on.
            await tx.run('UPDATE register_key SET version = ?', [tokeniser.version]);
            return ['records', '', '', ''];
          case 'records': {
            const after = await remapRecords(tx, place, tokeniser);
            return after === undefined ? ['patients', ''] : ['records', ...after];
          }
          default: {
            const after = await remapPatients(tx, place[0] ?? '', tokeniser, audit.recorded);
            if (after !== undefined) return ['patients', after];
            await completeRemap(tx, audit);
            return undefined;
          }
        }
      }),
  };
}

/** The identity zone's part of a rotation of the pseudonym key. Harmless when repeated. */
export const registerRemapStore = defineStateStore<RegisterRemap>({
  name: 'register-remap',
  database: 'identity',
  migrations: [],
  grants: {
    remap: [
      ...tablesOfPeople.map((table) => ({ table, privilege: 'SELECT' }) as const),
      ...[
        'identity_record',
        'link',
        'link_history',
        'link_claim',
        'link_decision',
        'link_revision',
        'register_key',
      ].map((table) => ({ table, privilege: 'UPDATE' }) as const),
      ...['identity_record', 'link', 'link_claim', 'link_decision', 'person'].map(
        (table) => ({ table, privilege: 'DELETE' }) as const,
      ),
      ...['link', 'link_history', 'link_claim', 'link_decision', 'person'].map(
        (table) => ({ table, privilege: 'INSERT' }) as const,
      ),
      { table: 'link_revision', privilege: 'SELECT' },
      { table: 'split_digest', privilege: 'DELETE' },
      auditInsert,
    ],
  },
  open: openRegisterRemap,
});
