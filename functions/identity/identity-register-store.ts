import { LakeError } from '../../adapters/ports/errors';
import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { IdentityRecord } from '../privacy/identity-record';
import { keyVersionOf } from '../privacy/tokens';
import { defineStateStore, type TableGrant } from '../state-store';
import type {
  IdentityRegister,
  IdentityRow,
  MessageOrigin,
  PatientLifespan,
  PersonLink,
  ReportRow,
} from './identity-register';
import { identityRegisterMigrations } from './identity-register-migrations';
import { numbersBehind, putClaim, putDecision, putSupersession, standingNumber } from './person-links';

/** Readings of NHS numbers in an identity record. */
function numbersIn(record: string): readonly string[] {
  const { people } = JSON.parse(record) as IdentityRecord;
  return people.flatMap(({ nhsNumbers }) =>
    nhsNumbers.flatMap(({ reading }) => (reading.kind === 'valid' ? [reading.value] : [])),
  );
}

function lifespanIn(record: string, id: string): PatientLifespan {
  const { people } = JSON.parse(record) as IdentityRecord;
  const { birthDate, deceased } = people.find((one) => one.type === 'Patient' && one.id === id) ?? {};
  return {
    birthDate: typeof birthDate === 'string' ? birthDate : undefined,
    deceased: deceased === true || typeof deceased === 'string' ? deceased : undefined,
  };
}

/** Numbers that the facts about these patients name. */
async function numbersBorne(tx: StateTransaction, patients: readonly string[]): Promise<ReadonlySet<string>> {
  const numbers = new Set<string>();
  for (const id of patients) {
    for (const from of ['link_claim', 'link_decision', 'link l JOIN person p ON p.person_id = l.person_id']) {
      const rows = await tx.query<{ nhs_number: string | null }>(
        `SELECT nhs_number FROM ${from} WHERE patient_ref = ?`,
        [`Patient/${id}`],
      );
      for (const { nhs_number: number } of rows) if (number !== null) numbers.add(number);
    }
  }
  return numbers;
}

/** Rows that were read before a rotation made their object over: read again, it says what it is called now. */
async function refuseOlderKeys(tx: StateTransaction, rows: readonly IdentityRow[]): Promise<void> {
  const [key] = await tx.query<{ version: number }>('SELECT version FROM register_key');
  if (rows.some(({ id }) => keyVersionOf(id) < Number(key?.version ?? 0)))
    throw new LakeError(
      'Unavailable',
      'The pseudonym key was rotated while an identity object was read. It is read again.',
    );
}

async function erasuresSoFar(tx: StateTransaction): Promise<number> {
  const [row] = await tx.query<{ count: number }>('SELECT count(*) AS count FROM register_erasure');
  return Number(row?.count ?? 0);
}

/** Rows that were read before an erasure and would be written after it: read again, the object has lost whom it took out. */
async function refuseErased(tx: StateTransaction, erasures: number): Promise<void> {
  if ((await erasuresSoFar(tx)) !== erasures)
    throw new LakeError('Unavailable', 'People were erased while an identity object was read. It is read again.');
}

function openRegister(database: StateDatabase): IdentityRegister {
  return {
    erasures: () => database.snapshot(erasuresSoFar),

    absorb: (object, { erasures, rows, reports }, audit) =>
      database.transaction(async (tx) => {
        await refuseErased(tx, erasures);
        await refuseOlderKeys(tx, rows);
        const fresh = await tx.run('INSERT INTO absorbed (object_key) VALUES (?) ON CONFLICT DO NOTHING', [object]);
        if (fresh === 0) return 0;
        const now = audit.recorded;
        // Announcements come in any order; the name of a landed object begins with the time of its commit.
        const source = object.slice(object.lastIndexOf('/') + 1);
        let changed = 0;
        for (const row of rows) {
          await tx.run(
            `INSERT INTO identity_record (provider, type, id, request_id, record, recorded, source) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (provider, type, id) DO UPDATE SET request_id = excluded.request_id, record = excluded.record,
               recorded = excluded.recorded, source = excluded.source WHERE excluded.source >= identity_record.source`,
            [row.provider, row.type, row.id, row.requestId, row.record, now, source],
          );
          if (row.type !== 'Patient') continue;
          const claim = { patientRef: `Patient/${row.id}`, nhsNumber: row.verifiedNhsNumber, source };
          changed += await putClaim(tx, claim, now);
        }
        for (const { provider, requestId, report } of reports) {
          await tx.run(
            'INSERT INTO message_report (provider, request_id, report) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
            [provider, requestId, report],
          );
        }
        await appendAudit(tx, audit);
        return changed;
      }),

    reportsOf: (requestId, audit) =>
      database.transaction(async (tx) => {
        await appendAudit(tx, audit);
        return tx.query<ReportRow>(
          'SELECT provider, request_id AS "requestId", report FROM message_report WHERE request_id = ? ORDER BY provider',
          [requestId],
        );
      }),

    decide: (decision, audit) =>
      database.transaction(async (tx) => {
        const id = decision.patientRef.replace(/^Patient\//, '');
        const known = await tx.query("SELECT id FROM identity_record WHERE type = 'Patient' AND id = ?", [id]);
        if (known.length === 0)
          throw new LakeError('NotFound', 'The lake knows no such patient. Give the id as curated tables show it.');
        await appendAudit(tx, audit);
        return putDecision(tx, decision);
      }),

    supersede: (supersession, audit) =>
      database.transaction(async (tx) => {
        await appendAudit(tx, audit);
        return putSupersession(tx, supersession);
      }),

    linkRevision: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ made: number; published: number }>('SELECT made, published FROM link_revision');
        return row!;
      }),

    linksPublished: (made) =>
      database.transaction(async (tx) => {
        await tx.run('UPDATE link_revision SET published = ? WHERE published < ?', [made, made]);
      }),

    links: () =>
      database.snapshot((tx) =>
        tx.query<PersonLink>(
          'SELECT patient_ref AS "patientRef", person_id AS "personId", basis FROM link ORDER BY patient_ref',
        ),
      ),

    numbersOf: (patients) =>
      database.snapshot(async (tx) => {
        const numbers = new Set(await numbersBorne(tx, patients));
        for (const id of patients) {
          const records = await tx.query<{ record: string }>(
            "SELECT record FROM identity_record WHERE type = 'Patient' AND id = ?",
            [id],
          );
          for (const { record } of records) for (const number of numbersIn(record)) numbers.add(number);
        }
        return [...(await numbersBehind(tx, [...numbers]))];
      }),

    lifespansOf: (patients) =>
      database.snapshot(async (tx) => {
        const found = new Map<string, PatientLifespan>();
        for (const id of patients) {
          const [row] = await tx.query<{ record: string }>(
            "SELECT record FROM identity_record WHERE type = 'Patient' AND id = ?",
            [id],
          );
          if (row !== undefined) found.set(id, lifespanIn(row.record, id));
        }
        return found;
      }),

    erase: (resources, patients, audit) =>
      database.transaction(async (tx) => {
        let erased = 0;
        await tx.run('INSERT INTO register_erasure (recorded) VALUES (?)', [audit.recorded]);
        const numbers = await numbersBorne(tx, patients);
        for (const { provider, type, id } of resources) {
          erased += await tx.run('DELETE FROM identity_record WHERE provider = ? AND type = ? AND id = ?', [
            provider,
            type,
            id,
          ]);
          await tx.run('DELETE FROM split_digest WHERE provider = ? AND type = ? AND id = ?', [provider, type, id]);
        }
        for (const id of patients) {
          for (const table of ['link', 'link_history', 'link_claim', 'link_decision'])
            await tx.run(`DELETE FROM ${table} WHERE patient_ref = ?`, [`Patient/${id}`]);
        }
        await tx.run('DELETE FROM person WHERE person_id NOT IN (SELECT person_id FROM link)');
        for (const number of numbers) {
          const kept = await tx.query('SELECT person_id FROM person WHERE nhs_number = ?', [number]);
          if (kept.length === 0)
            await tx.run('DELETE FROM number_superseded WHERE old = ? OR replacement = ?', [number, number]);
        }
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
          [await standingNumber(tx, nhsNumber)],
        );
        return rows.map((row) => row.patient_ref);
      }),
  };
}

const grantsOn = (privilege: TableGrant['privilege'], tables: readonly string[]): readonly TableGrant[] =>
  tables.map((table) => ({ table, privilege }));

/** What working out links needs. */
const linking = [
  ...grantsOn('SELECT', ['link_claim', 'link_decision', 'number_superseded', 'link', 'person', 'link_revision']),
  ...grantsOn('INSERT', ['link_claim', 'link_decision', 'link', 'link_history', 'person']),
  ...grantsOn('UPDATE', ['link_claim', 'link_decision', 'link', 'link_revision']),
];

/** What is about people under their pseudonyms. */
export const tablesOfPeople = [
  'identity_record',
  'link',
  'link_history',
  'link_claim',
  'link_decision',
  'person',
  'number_superseded',
];
const erasable = [...tablesOfPeople, 'split_digest'];

/** The register of the identity zone: its own database, opened by the identity function alone. */
export const identityRegisterStore = defineStateStore<IdentityRegister>({
  name: 'identity-register',
  database: 'identity',
  migrations: identityRegisterMigrations,
  grants: {
    erasures: grantsOn('SELECT', ['register_erasure']),
    absorb: [
      ...grantsOn('INSERT', ['absorbed', 'identity_record', 'message_report', 'audit']),
      ...grantsOn('SELECT', ['absorbed', 'identity_record', 'register_key', 'register_erasure']),
      ...grantsOn('UPDATE', ['identity_record']),
      ...linking,
    ],
    reportsOf: [...grantsOn('SELECT', ['message_report']), auditInsert],
    decide: [...grantsOn('SELECT', ['identity_record']), auditInsert, ...linking],
    supersede: [
      auditInsert,
      ...linking,
      ...grantsOn('INSERT', ['number_superseded']),
      ...grantsOn('UPDATE', ['number_superseded', 'person']),
    ],
    links: grantsOn('SELECT', ['link']),
    linkRevision: grantsOn('SELECT', ['link_revision']),
    linksPublished: [...grantsOn('SELECT', ['link_revision']), ...grantsOn('UPDATE', ['link_revision'])],
    numbersOf: grantsOn('SELECT', [
      'link',
      'person',
      'link_claim',
      'link_decision',
      'identity_record',
      'number_superseded',
    ]),
    lifespansOf: grantsOn('SELECT', ['identity_record']),
    erase: [
      ...erasable.flatMap((table) => [...grantsOn('SELECT', [table]), ...grantsOn('DELETE', [table])]),
      ...grantsOn('INSERT', ['register_erasure']),
      auditInsert,
    ],
    replayed: [{ table: 'replayed', privilege: 'INSERT' }],
    originsOf: [{ table: 'replayed', privilege: 'SELECT' }],
    record: [auditInsert],
    patientsOf: grantsOn('SELECT', ['link', 'person', 'number_superseded']),
  },
  open: openRegister,
});
