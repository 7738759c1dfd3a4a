import { randomUUID } from 'node:crypto';
import { LakeError } from '../../adapters/ports/errors';
import type { StateTransaction } from '../../adapters/ports/state-database';

/**
 * Which patients are one person. Three kinds of facts are kept, each replaced only by a later one of its kind, and the links
 * are worked out from them; so the order in which facts arrive does not matter, and each can be taken back:
 * - a claim: the verified NHS number (status 01) that a provider's newest record of a patient carries, or none;
 * - a decision of a person at the lake: this patient bears that number, or does not bear the one that is claimed;
 * - a supersession: the number of a person was replaced by another (PDS), which follows on whoever bears the old one.
 */
export interface LinkClaim {
  /** `Patient/<re-keyed id>`. */
  readonly patientRef: string;
  readonly nhsNumber: string | undefined;
  /** Sorts as time does: the name of the landed object the claim came in. */
  readonly source: string;
}

export interface LinkDecision {
  readonly patientRef: string;
  /** `apart` holds until the provider claims another number than `nhsNumber`; `withdrawn` leaves it to the claim again. */
  readonly kind: 'bears' | 'apart' | 'withdrawn';
  readonly nhsNumber: string | undefined;
  /** RFC 3339 in UTC. */
  readonly decided: string;
}

export interface Supersession {
  readonly old: string;
  /** Undefined takes an earlier supersession of `old` back. */
  readonly replacement: string | undefined;
  readonly decided: string;
}

/** A later claim replaces an earlier one; gives how many links changed. */
export async function putClaim(
  tx: StateTransaction,
  { patientRef, nhsNumber, source }: LinkClaim,
  now: string,
): Promise<number> {
  const newer = await tx.run(
    `INSERT INTO link_claim (patient_ref, nhs_number, source) VALUES (?, ?, ?)
     ON CONFLICT (patient_ref) DO UPDATE SET nhs_number = excluded.nhs_number, source = excluded.source
     WHERE excluded.source >= link_claim.source`,
    [patientRef, nhsNumber ?? null, source],
  );
  return newer === 0 ? 0 : relink(tx, patientRef, now);
}

export async function putDecision(tx: StateTransaction, decision: LinkDecision): Promise<number> {
  const { patientRef, kind, decided } = decision;
  const [claim] = await tx.query<{ nhs_number: string | null }>(
    'SELECT nhs_number FROM link_claim WHERE patient_ref = ?',
    [patientRef],
  );
  const nhsNumber = decision.nhsNumber ?? (kind === 'apart' ? claim?.nhs_number : undefined) ?? null;
  const newer = await tx.run(
    `INSERT INTO link_decision (patient_ref, kind, nhs_number, decided) VALUES (?, ?, ?, ?)
     ON CONFLICT (patient_ref) DO UPDATE SET kind = excluded.kind, nhs_number = excluded.nhs_number, decided = excluded.decided
     WHERE excluded.decided >= link_decision.decided`,
    [patientRef, kind, nhsNumber, decided],
  );
  return newer === 0 ? 0 : relink(tx, patientRef, decided);
}

/** @throws LakeError `InvalidArgument` when a number would, through others, replace itself. */
export async function putSupersession(
  tx: StateTransaction,
  { old, replacement, decided }: Supersession,
): Promise<number> {
  const before = await standingNumber(tx, old);
  const newer = await tx.run(
    `INSERT INTO number_superseded (old, replacement, decided) VALUES (?, ?, ?)
     ON CONFLICT (old) DO UPDATE SET replacement = excluded.replacement, decided = excluded.decided
     WHERE excluded.decided >= number_superseded.decided`,
    [old, replacement ?? null, decided],
  );
  if (newer === 0) return 0;
  const after = await standingNumber(tx, old);
  // The person keeps their random id under the new number, unless the new number has a person already.
  const [taken] = await tx.query('SELECT person_id FROM person WHERE nhs_number = ?', [after]);
  if (taken === undefined) await tx.run('UPDATE person SET nhs_number = ? WHERE nhs_number = ?', [after, before]);
  let changed = 0;
  for (const patientRef of await bearersOf(tx, await numbersBehind(tx, [before, after, old])))
    changed += await relink(tx, patientRef, decided);
  return changed;
}

/** The number that stands for this one today, through every supersession. */
export async function standingNumber(tx: StateTransaction, nhsNumber: string): Promise<string> {
  const passed = new Set<string>();
  let standing = nhsNumber;
  for (;;) {
    if (passed.has(standing))
      throw new LakeError('InvalidArgument', 'A number would replace itself in the end. Check which is the newer one.');
    passed.add(standing);
    const [row] = await tx.query<{ replacement: string | null }>(
      'SELECT replacement FROM number_superseded WHERE old = ?',
      [standing],
    );
    if (row === undefined || row.replacement === null) return standing;
    standing = row.replacement;
  }
}

/** These numbers and all that were superseded by one of them. */
export async function numbersBehind(tx: StateTransaction, numbers: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set(numbers);
  for (const number of found) {
    const rows = await tx.query<{ old: string }>('SELECT old FROM number_superseded WHERE replacement = ?', [number]);
    for (const { old } of rows) found.add(old);
  }
  return found;
}

async function bearersOf(tx: StateTransaction, numbers: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const bearers = new Set<string>();
  for (const number of numbers) {
    for (const table of ['link_claim', 'link_decision']) {
      const rows = await tx.query<{ patient_ref: string }>(`SELECT patient_ref FROM ${table} WHERE nhs_number = ?`, [
        number,
      ]);
      for (const { patient_ref: patientRef } of rows) bearers.add(patientRef);
    }
  }
  return bearers;
}

/** What the facts say of one patient: the standing number they bear, or none. */
async function numberBorne(tx: StateTransaction, patientRef: string): Promise<string | undefined> {
  const [claim] = await tx.query<{ nhs_number: string | null }>(
    'SELECT nhs_number FROM link_claim WHERE patient_ref = ?',
    [patientRef],
  );
  const [decision] = await tx.query<{ kind: LinkDecision['kind']; nhs_number: string | null }>(
    'SELECT kind, nhs_number FROM link_decision WHERE patient_ref = ?',
    [patientRef],
  );
  const standing = async (number: string | null | undefined) =>
    number === null || number === undefined ? undefined : standingNumber(tx, number);
  const decided = await standing(decision?.nhs_number);
  if (decision?.kind === 'bears') return decided;
  const claimed = await standing(claim?.nhs_number);
  return decision?.kind === 'apart' && claimed === decided ? undefined : claimed;
}

/** Puts one patient with the person their facts name; only a verified number joins them to one that others belong to. */
async function relink(tx: StateTransaction, patientRef: string, now: string): Promise<number> {
  const number = await numberBorne(tx, patientRef);
  const [link] = await tx.query<{ person_id: string; nhs_number: string | null }>(
    'SELECT l.person_id, p.nhs_number FROM link l JOIN person p ON p.person_id = l.person_id WHERE l.patient_ref = ?',
    [patientRef],
  );
  if (link !== undefined && (link.nhs_number ?? undefined) === number) return 0;
  const personId = await personFor(tx, number, now);
  const row = [patientRef, personId, number === undefined ? 'provisional' : 'verified', now];
  await tx.run(
    `INSERT INTO link (patient_ref, person_id, basis, since) VALUES (?, ?, ?, ?)
     ON CONFLICT (patient_ref) DO UPDATE SET person_id = excluded.person_id, basis = excluded.basis, since = excluded.since`,
    row,
  );
  await tx.run('INSERT INTO link_history (patient_ref, person_id, basis, since) VALUES (?, ?, ?, ?)', row);
  await tx.run('UPDATE link_revision SET made = made + 1');
  return 1;
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
