import { randomUUID } from 'node:crypto';
import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import type { IdentityRecord } from '../privacy/identity-record';
import { defineStateStore } from '../state-store';

/** What the identity zone knows of one resource of one provider: the part that the split took out. */
export interface IdentityRow {
  readonly provider: string;
  readonly type: string;
  /** Re-keyed: the same id as in the lake. */
  readonly id: string;
  readonly requestId: string;
  /** JSON of the removed part. */
  readonly record: string;
  /** Digits of a verified NHS number (status 01), the one thing that may join two providers' patients. */
  readonly verifiedNhsNumber: string | undefined;
}

export interface PersonLink {
  /** `Patient/<re-keyed id>`. */
  readonly patientRef: string;
  readonly personId: string;
  readonly basis: 'verified' | 'provisional';
}

/** A held message: its tracking id is the request id of its replay. */
export interface MessageOrigin {
  readonly provider: string;
  readonly tracking: string;
  readonly requestId: string;
}

export interface IdentityRegister {
  /** Takes the records of one landed object in, once; gives how many links changed. */
  absorb(object: string, rows: readonly IdentityRow[], audit: AuditRecord): Promise<number>;
  links(): Promise<readonly PersonLink[]>;
  totals(): Promise<{ records: number; persons: number }>;
  /** Every NHS number the zone knows of these patients: of their person, and as their records claim it. */
  numbersOf(patients: readonly string[]): Promise<readonly string[]>;
  /** Forgets resources and the links of patients; gives how many records went. */
  erase(
    resources: readonly { readonly provider: string; readonly type: string; readonly id: string }[],
    patients: readonly string[],
    audit: AuditRecord,
  ): Promise<number>;
  /** Remembers which request a replayed message came by first: an erasure must find that sealed original too. */
  replayed(origin: MessageOrigin): Promise<void>;
  /** Requests that messages replayed as one of these came by. */
  originsOf(
    requests: readonly { readonly provider: string; readonly requestId: string }[],
  ): Promise<readonly MessageOrigin[]>;
  /** Records what changes no row here: a look, a refusal. */
  record(audit: AuditRecord): Promise<void>;
  /** Every patient of the person that carries this verified number. */
  patientsOf(nhsNumber: string): Promise<readonly string[]>;
}

async function personFor(tx: StateTransaction, nhsNumber: string | undefined, now: string): Promise<string> {
  if (nhsNumber !== undefined) {
    const [known] = await tx.query<{ person_id: string }>('SELECT person_id FROM person WHERE nhs_number = ?', [
      nhsNumber,
    ]);
    if (known !== undefined) return known.person_id;
  }
  const personId = randomUUID();
  await tx.run('INSERT INTO person (person_id, nhs_number, created) VALUES (?, ?, ?)', [
    personId,
    nhsNumber ?? null,
    now,
  ]);
  return personId;
}

/**
 * Only a verified NHS number (status 01) joins a patient to a person that exists; anything else gets a person of its own,
 * which a later verified number replaces. A number that is taken back puts the patient apart again.
 */
async function relink(tx: StateTransaction, row: IdentityRow, now: string): Promise<number> {
  const patientRef = `Patient/${row.id}`;
  const [link] = await tx.query<{ person_id: string; basis: string; nhs_number: string | null }>(
    'SELECT l.person_id, l.basis, p.nhs_number FROM link l JOIN person p ON p.person_id = l.person_id WHERE l.patient_ref = ?',
    [patientRef],
  );
  if (link !== undefined && (link.nhs_number ?? undefined) === row.verifiedNhsNumber) return 0;
  const personId = await personFor(tx, row.verifiedNhsNumber, now);
  const basis = row.verifiedNhsNumber === undefined ? 'provisional' : 'verified';
  await tx.run(
    `INSERT INTO link (patient_ref, person_id, basis, since) VALUES (?, ?, ?, ?)
     ON CONFLICT (patient_ref) DO UPDATE SET person_id = excluded.person_id, basis = excluded.basis, since = excluded.since`,
    [patientRef, personId, basis, now],
  );
  await tx.run('INSERT INTO link_history (patient_ref, person_id, basis, since) VALUES (?, ?, ?, ?)', [
    patientRef,
    personId,
    basis,
    now,
  ]);
  return 1;
}

/** Readings of NHS numbers in an identity record. */
function numbersIn(record: string): readonly string[] {
  const { people } = JSON.parse(record) as IdentityRecord;
  return people.flatMap(({ nhsNumbers }) =>
    nhsNumbers.flatMap(({ reading }) => (reading.kind === 'valid' ? [reading.value] : [])),
  );
}

function openRegister(database: StateDatabase): IdentityRegister {
  return {
    absorb: (object, rows, audit) =>
      database.transaction(async (tx) => {
        const fresh = await tx.run('INSERT INTO absorbed (object_key) VALUES (?) ON CONFLICT DO NOTHING', [object]);
        if (fresh === 0) return 0;
        const now = audit.recorded;
        let changed = 0;
        for (const row of rows) {
          await tx.run(
            `INSERT INTO identity_record (provider, type, id, request_id, record, recorded) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (provider, type, id) DO UPDATE SET request_id = excluded.request_id, record = excluded.record, recorded = excluded.recorded`,
            [row.provider, row.type, row.id, row.requestId, row.record, now],
          );
          if (row.type === 'Patient') changed += await relink(tx, row, now);
        }
        await appendAudit(tx, audit);
        return changed;
      }),

    links: () =>
      database.snapshot((tx) =>
        tx.query<PersonLink>(
          'SELECT patient_ref AS "patientRef", person_id AS "personId", basis FROM link ORDER BY patient_ref',
        ),
      ),

    totals: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ records: number; persons: number }>(
          'SELECT (SELECT count(*) FROM identity_record) AS records, (SELECT count(DISTINCT person_id) FROM link) AS persons',
        );
        return row!;
      }),

    numbersOf: (patients) =>
      database.snapshot(async (tx) => {
        const numbers = new Set<string>();
        for (const id of patients) {
          const rows = await tx.query<{ nhs_number: string | null }>(
            'SELECT p.nhs_number FROM link l JOIN person p ON p.person_id = l.person_id WHERE l.patient_ref = ?',
            [`Patient/${id}`],
          );
          for (const { nhs_number: number } of rows) if (number !== null) numbers.add(number);
          const records = await tx.query<{ record: string }>(
            "SELECT record FROM identity_record WHERE type = 'Patient' AND id = ?",
            [id],
          );
          for (const { record } of records) for (const number of numbersIn(record)) numbers.add(number);
        }
        return [...numbers];
      }),

    erase: (resources, patients, audit) =>
      database.transaction(async (tx) => {
        let erased = 0;
        for (const { provider, type, id } of resources) {
          erased += await tx.run('DELETE FROM identity_record WHERE provider = ? AND type = ? AND id = ?', [
            provider,
            type,
            id,
          ]);
        }
        for (const id of patients) {
          for (const table of ['link', 'link_history'])
            await tx.run(`DELETE FROM ${table} WHERE patient_ref = ?`, [`Patient/${id}`]);
        }
        await tx.run('DELETE FROM person WHERE person_id NOT IN (SELECT person_id FROM link)');
        await appendAudit(tx, audit);
        return erased;
      }),

    replayed: ({ provider, tracking, requestId }) =>
      database.transaction(async (tx) => {
        await tx.run('INSERT INTO replayed (tracking, provider, request_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', [
          tracking,
          provider,
          requestId,
        ]);
      }),

    originsOf: (requests) =>
      database.snapshot(async (tx) => {
        const origins: MessageOrigin[] = [];
        for (const { provider, requestId } of requests) {
          origins.push(
            ...(await tx.query<MessageOrigin>(
              'SELECT provider, tracking, request_id AS "requestId" FROM replayed WHERE tracking = ? AND provider = ?',
              [requestId, provider],
            )),
          );
        }
        return origins;
      }),

    record: (audit) =>
      database.transaction(async (tx) => {
        await appendAudit(tx, audit);
      }),

    patientsOf: (nhsNumber) =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ patient_ref: string }>(
          'SELECT l.patient_ref FROM link l JOIN person p ON p.person_id = l.person_id WHERE p.nhs_number = ? ORDER BY l.patient_ref',
          [nhsNumber],
        );
        return rows.map((row) => row.patient_ref);
      }),
  };
}

/** The register of the identity zone: its own database, opened by the identity function alone. */
export const identityRegisterStore = defineStateStore<IdentityRegister>({
  name: 'identity-register',
  database: 'identity',
  migrations: [
    {
      id: 'identity-register-0001-records-persons-links',
      statements: [
        `CREATE TABLE identity_record (
           provider TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL, request_id TEXT NOT NULL,
           record TEXT NOT NULL, recorded TEXT NOT NULL, PRIMARY KEY (provider, type, id))`,
        'CREATE TABLE person (person_id TEXT PRIMARY KEY, nhs_number TEXT UNIQUE, created TEXT NOT NULL)',
        'CREATE TABLE link (patient_ref TEXT PRIMARY KEY, person_id TEXT NOT NULL, basis TEXT NOT NULL, since TEXT NOT NULL)',
        'CREATE INDEX link_person ON link (person_id)',
        'CREATE TABLE link_history (patient_ref TEXT NOT NULL, person_id TEXT NOT NULL, basis TEXT NOT NULL, since TEXT NOT NULL)',
        'CREATE TABLE absorbed (object_key TEXT PRIMARY KEY)',
      ],
    },
    {
      id: 'identity-register-0002-replayed',
      statements: [
        'CREATE TABLE replayed (tracking TEXT PRIMARY KEY, provider TEXT NOT NULL, request_id TEXT NOT NULL)',
      ],
    },
  ],
  grants: {
    absorb: [
      ...(['absorbed', 'identity_record', 'person', 'link', 'link_history', 'audit'] as const).map((table) => ({
        table,
        privilege: 'INSERT' as const,
      })),
      ...(['identity_record', 'person', 'link'] as const).map((table) => ({ table, privilege: 'SELECT' as const })),
      { table: 'identity_record', privilege: 'UPDATE' },
      { table: 'link', privilege: 'UPDATE' },
    ],
    links: [{ table: 'link', privilege: 'SELECT' }],
    totals: [
      { table: 'identity_record', privilege: 'SELECT' },
      { table: 'link', privilege: 'SELECT' },
    ],
    numbersOf: (['link', 'person', 'identity_record'] as const).map((table) => ({
      table,
      privilege: 'SELECT' as const,
    })),
    erase: [
      ...(['identity_record', 'link', 'link_history', 'person'] as const).flatMap((table) =>
        (['SELECT', 'DELETE'] as const).map((privilege) => ({ table, privilege })),
      ),
      auditInsert,
    ],
    replayed: [{ table: 'replayed', privilege: 'INSERT' }],
    originsOf: [{ table: 'replayed', privilege: 'SELECT' }],
    record: [auditInsert],
    patientsOf: [
      { table: 'link', privilege: 'SELECT' },
      { table: 'person', privilege: 'SELECT' },
    ],
  },
  open: openRegister,
});
