import type { StateTransaction } from '../../adapters/ports/state-database';
import type { Tokeniser } from '../privacy/tokens';

type Lift = Pick<Tokeniser, 'liftId' | 'liftToken' | 'liftDigest'>;

/**
 * Makes the next rows of a table over, in the order of its key; gives how far it came, undefined after the last. Nothing new is
 * written under an older key meanwhile, so that one pass finds all. Rows are few at a time: senders wait for a transaction only.
 */
type Pass = (tx: StateTransaction, after: readonly string[], tokeniser: Lift) => Promise<readonly string[] | undefined>;

const rowsAtATime = 500;
const from = (after: readonly string[], columns: number): readonly string[] =>
  after.length === columns ? after : Array.from({ length: columns }, () => '');

const resources: Pass = async (tx, after, tokeniser) => {
  const rows = await tx.query<{ provider: string; type: string; id: string }>(
    'SELECT provider, type, id FROM resource WHERE (provider, type, id) > (?, ?, ?) ORDER BY provider, type, id LIMIT ?',
    [...from(after, 3), rowsAtATime],
  );
  for (const { provider, type, id } of rows) {
    const lifted = tokeniser.liftId(id);
    if (lifted === id) continue;
    for (const table of ['resource', 'version', 'identifier'])
      await tx.run(`UPDATE ${table} SET id = ? WHERE provider = ? AND type = ? AND id = ?`, [
        lifted,
        provider,
        type,
        id,
      ]);
  }
  const last = rows.at(-1);
  return last === undefined ? undefined : [last.provider, last.type, last.id];
};

/** Also of patients whom nobody has sent. */
const patients: Pass = async (tx, after, tokeniser) => {
  const rows = await tx.query<{ patient_ref: string }>(
    'SELECT DISTINCT patient_ref FROM version WHERE patient_ref > ? ORDER BY patient_ref LIMIT ?',
    [...from(after, 1), rowsAtATime],
  );
  for (const { patient_ref: patient } of rows) {
    const lifted = tokeniser.liftId(patient);
    if (lifted === patient) continue;
    await tx.run('UPDATE version SET patient_ref = ? WHERE patient_ref = ?', [lifted, patient]);
    await tx.run("UPDATE legal_hold SET subject = ? WHERE kind = 'patient' AND subject = ?", [lifted, patient]);
  }
  const last = rows.at(-1);
  return last === undefined ? undefined : [last.patient_ref];
};

const identifiers: Pass = async (tx, after, tokeniser) => {
  const rows = await tx.query<{ provider: string; type: string; token: string; id: string }>(
    `SELECT provider, type, token, id FROM identifier WHERE (provider, type, token, id) > (?, ?, ?, ?)
     ORDER BY provider, type, token, id LIMIT ?`,
    [...from(after, 4), rowsAtATime],
  );
  for (const { provider, type, token, id } of rows) {
    const lifted = tokeniser.liftToken(token);
    if (lifted !== token)
      await tx.run('UPDATE identifier SET token = ? WHERE provider = ? AND type = ? AND token = ? AND id = ?', [
        ...[lifted, provider, type, token, id],
      ]);
  }
  const last = rows.at(-1);
  return last === undefined ? undefined : [last.provider, last.type, last.token, last.id];
};

const requests: Pass = async (tx, after, tokeniser) => {
  const rows = await tx.query<{ provider: string; request_id: string; digest: string }>(
    `SELECT provider, request_id, digest FROM request WHERE (provider, request_id) > (?, ?)
     ORDER BY provider, request_id LIMIT ?`,
    [...from(after, 2), rowsAtATime],
  );
  for (const { provider, request_id: requestId, digest } of rows) {
    const lifted = tokeniser.liftDigest(digest);
    if (lifted !== digest)
      await tx.run('UPDATE request SET digest = ? WHERE provider = ? AND request_id = ?', [
        lifted,
        provider,
        requestId,
      ]);
  }
  const last = rows.at(-1);
  return last === undefined ? undefined : [last.provider, last.request_id];
};

export const ledgerPasses = { resources, patients, identifiers, requests } as const;
export type LedgerPass = keyof typeof ledgerPasses;
