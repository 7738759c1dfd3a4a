import { defineStateStore } from '../state-store';

/** What one record of a Patient says of a person. */
export interface PersonRecord {
  readonly personId: string;
  readonly provider: string;
  /** JSON of an IdentityRecord. */
  readonly record: string;
}

export interface PersonLookup {
  /** The person of each patient that is known; patients are re-keyed ids. */
  personsOf(patients: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Records of a person's patients, the newest first. */
  recordsOf(personId: string): Promise<readonly PersonRecord[]>;
  /** The standing verified number of a person. */
  numberOf(personId: string): Promise<string | undefined>;
  /** Persons in the order of their ids, a page after another. */
  persons(after: string, limit: number): Promise<readonly string[]>;
}

/** Reads of the register for those who answer requests about people; nothing here writes. */
export const personLookupStore = defineStateStore<PersonLookup>({
  name: 'person-lookup',
  database: 'identity',
  migrations: [],
  grants: {
    personsOf: [{ table: 'link', privilege: 'SELECT' }],
    recordsOf: [
      { table: 'link', privilege: 'SELECT' },
      { table: 'identity_record', privilege: 'SELECT' },
    ],
    numberOf: [{ table: 'person', privilege: 'SELECT' }],
    persons: [{ table: 'person', privilege: 'SELECT' }],
  },
  open: (database) => ({
    personsOf: (patients) =>
      database.snapshot(async (tx) => {
        const found = new Map<string, string>();
        for (const patient of patients) {
          const [row] = await tx.query<{ person_id: string }>('SELECT person_id FROM link WHERE patient_ref = ?', [
            `Patient/${patient}`,
          ]);
          if (row !== undefined) found.set(patient, row.person_id);
        }
        return found;
      }),

    recordsOf: (personId) =>
      database.snapshot((tx) =>
        tx.query<PersonRecord>(
          `SELECT l.person_id AS "personId", r.provider, r.record FROM link l
           JOIN identity_record r ON r.type = 'Patient' AND 'Patient/' || r.id = l.patient_ref
           WHERE l.person_id = ? ORDER BY r.source DESC`,
          [personId],
        ),
      ),

    numberOf: (personId) =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ nhs_number: string | null }>(
          'SELECT nhs_number FROM person WHERE person_id = ?',
          [personId],
        );
        return row?.nhs_number ?? undefined;
      }),

    persons: (after, limit) =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ person_id: string }>(
          'SELECT person_id FROM person WHERE person_id > ? ORDER BY person_id LIMIT ?',
          [after, limit],
        );
        return rows.map((row) => row.person_id);
      }),
  }),
});
