import { LakeError } from '../../adapters/ports/errors';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { isLimited, type OptOutDecision, type Purpose } from '../privacy/opt-out';
import type { MartPurpose } from './mart-use';

/** Asks the identity zone who may be used for a purpose; persons are those of the link table. */
export type AskOptOuts = (
  persons: readonly string[],
  purpose: Purpose,
) => Promise<readonly { readonly person: string; readonly decision: OptOutDecision }[]>;

const personsAtATime = 10_000;
const table = '_permitted';

/**
 * Makes a table of the session with the patients whose resources may be used for a purpose; undefined when all may. A patient
 * whom the link table does not know is none of them: nobody can say that they have not opted out.
 *
 * @param links SQL text of the link table (patient_ref, person_id).
 * @throws LakeError `PreconditionFailed` when an opt-out list is missing or stale, or nobody is there to ask.
 */
export async function permittedPatients(
  session: QuerySession,
  links: string,
  purpose: MartPurpose,
  ask: AskOptOuts | undefined,
): Promise<string | undefined> {
  if (purpose === 'statistics' || !isLimited(purpose)) return undefined;
  if (ask === undefined)
    throw new LakeError('PreconditionFailed', 'Nobody can be asked about opt-outs, so this mart is not built.');
  await session.run(`CREATE OR REPLACE TEMP TABLE ${table}_persons (person VARCHAR)`);
  const { rows } = await session.query(`SELECT DISTINCT person_id AS person FROM (${links}) ORDER BY person`);
  const persons = rows.map(({ person }) => String(person));
  // Also without anybody: a list that is missing must be told.
  for (let from = 0; from === 0 || from < persons.length; from += personsAtATime) {
    const decisions = await ask(persons.slice(from, from + personsAtATime), purpose);
    const included = decisions.flatMap(({ person, decision }) => (decision.kind === 'include' ? [person] : []));
    await session.run(`INSERT INTO ${table}_persons SELECT unnest(from_json($included, '["VARCHAR"]'))`, {
      included: JSON.stringify(included),
    });
  }
  await session.run(
    `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT links.patient_ref AS patient FROM (${links}) links ` +
      `SEMI JOIN ${table}_persons permitted ON permitted.person = links.person_id`,
  );
  return table;
}
