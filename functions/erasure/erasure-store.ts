import { LakeError } from '../../adapters/ports/errors';
import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import type { MessageOrigin } from '../identity/identity-register';
import { keyVersionOf } from '../privacy/tokens';
import { defineStateStore } from '../state-store';
import type { ErasurePlan } from './erasure-plan';

export interface ErasureStore {
  /**
   * Takes everything of these Patients out of the ledger and writes down what is left to do, in one transaction: from then on
   * nobody reads it, and a crash cannot lose the rest of the work.
   *
   * @throws LakeError `PreconditionFailed` when one is under a legal hold, or a rotation of the pseudonym key is not finished;
   * `InvalidArgument` for one that was looked up before the newest rotation: under that name nothing would be found and erased.
   */
  begin(
    id: string,
    patients: readonly string[],
    held: readonly MessageOrigin[],
    audit: AuditRecord,
  ): Promise<ErasurePlan>;
  /**
   * The same for records that are past their time, by patient with the last contact that was judged: one that was contacted
   * since, or is under a legal hold, stays. So does a sealed original while anything else of it is kept.
   */
  expire(id: string, due: ReadonlyMap<string, string>, audit: AuditRecord): Promise<ErasurePlan>;
  /** Where the sealed originals of some requests lie. */
  originalsOf(requests: ErasurePlan['requests']): Promise<ErasurePlan['identityObjects']>;
  /** Erasures that a crash left unfinished. */
  unfinished(): Promise<readonly { readonly plan: ErasurePlan; readonly requested: string }[]>;
  /** Forgets the plan; the row stays and says that an erasure took place. */
  complete(id: string, audit: AuditRecord): Promise<void>;
}

interface VersionRow {
  readonly provider: string;
  readonly type: string;
  readonly id: string;
  readonly segment: string;
  readonly line: number;
  readonly last_updated: string;
  readonly request_id: string | null;
}

async function versionsOf(tx: StateTransaction, patients: readonly string[]): Promise<readonly VersionRow[]> {
  const columns = 'provider, type, id, segment, line, last_updated, request_id';
  const rows: VersionRow[] = [];
  const seen = new Set<string>();
  for (const patient of patients) {
    const found = await tx.query<VersionRow>(
      `SELECT ${columns} FROM version WHERE patient_ref = ? OR patient_ref = ? OR (type = 'Patient' AND id = ?)`,
      [patient, `Patient/${patient}`, patient],
    );
    for (const row of found) seen.add(JSON.stringify([row.provider, row.type, row.id]));
  }
  // All versions of each, also those of a time when it was about somebody else or about nobody.
  for (const name of seen) {
    const [provider, type, id] = JSON.parse(name) as [string, string, string];
    rows.push(
      ...(await tx.query<VersionRow>(`SELECT ${columns} FROM version WHERE provider = ? AND type = ? AND id = ?`, [
        provider,
        type,
        id,
      ])),
    );
  }
  return rows;
}

/** Identity objects written in the same commits: their outbox rows carry the commit's time and the requests they hold. */
async function identityObjects(tx: StateTransaction, versions: readonly VersionRow[]) {
  const requests = new Map<string, { provider: string; requestId: string }>();
  const objects = new Map<string, { key: string; provider: string }>();
  const commits = new Map<string, { provider: string; recorded: string; requestIds: Set<string | null> }>();
  for (const { provider, last_updated: recorded, request_id: requestId } of versions) {
    const name = `${provider} ${recorded}`;
    const commit = commits.get(name) ?? { provider, recorded, requestIds: new Set() };
    commits.set(name, commit);
    commit.requestIds.add(requestId);
  }
  for (const { provider, recorded, requestIds } of commits.values()) {
    const rows = await tx.query<{ object_key: string; request_ids: string }>(
      "SELECT object_key, request_ids FROM outbox WHERE zone = 'identity' AND provider = ? AND recorded = ?",
      [provider, recorded],
    );
    for (const { object_key: key, request_ids: text } of rows) {
      // A version written before its request was recorded with it: every original of its commit may hold the person.
      const held = (JSON.parse(text) as string[]).filter((one) => requestIds.has(one) || requestIds.has(null));
      for (const requestId of held) requests.set(`${provider} ${requestId}`, { provider, requestId });
      if (held.length > 0) objects.set(key, { key, provider });
    }
  }
  return { requests: [...requests.values()], identityObjects: [...objects.values()] };
}

/** Those of the patients whom a legal hold keeps, their own or their provider's. */
async function underHold(tx: StateTransaction, patients: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const patient of patients) {
    const rows = await tx.query(
      `SELECT 1 AS one FROM legal_hold WHERE (kind = 'patient' AND subject = ?)
       OR (kind = 'provider' AND subject IN (SELECT provider FROM version WHERE patient_ref = ?)) LIMIT 1`,
      [patient, patient],
    );
    if (rows.length > 0) found.add(patient);
  }
  return found;
}

/** The requests of which no version is left: of the others the sealed original stays. */
async function emptied(tx: StateTransaction, requests: ErasurePlan['requests']): Promise<ErasurePlan['requests']> {
  const gone: ErasurePlan['requests'][number][] = [];
  for (const { provider, requestId } of requests) {
    const [row] = await tx.query<{ recorded: string }>(
      'SELECT recorded FROM request WHERE provider = ? AND request_id = ?',
      [provider, requestId],
    );
    // A version from before requests were written down with versions may be of any of its commit.
    const kept = await tx.query(
      `SELECT 1 AS one FROM version WHERE provider = ? AND last_updated = ?
       AND (request_id = ? OR request_id IS NULL) LIMIT 1`,
      [provider, row?.recorded ?? '', requestId],
    );
    if (kept.length === 0) gone.push({ provider, requestId });
  }
  return gone;
}

async function planOf(tx: StateTransaction, id: string, patients: readonly string[], held: readonly MessageOrigin[]) {
  const versions = await versionsOf(tx, patients);
  const segments = new Map<string, { segment: string; provider: string; lines: number[] }>();
  const resources = new Map<string, { provider: string; type: string; id: string }>();
  for (const { provider, type, id: resource, segment, line } of versions) {
    const entry = segments.get(segment) ?? { segment, provider, lines: [] };
    segments.set(segment, entry);
    entry.lines.push(line);
    resources.set(`${provider} ${type} ${resource}`, { provider, type, id: resource });
  }
  const plan: ErasurePlan = {
    id,
    patients,
    resources: [...resources.values()],
    segments: [...segments.values()],
    held,
    ...(await identityObjects(tx, versions)),
  };
  for (const { provider, type, id: resource } of plan.resources) {
    for (const table of ['version', 'identifier', 'resource'])
      await tx.run(`DELETE FROM ${table} WHERE provider = ? AND type = ? AND id = ?`, [provider, type, resource]);
  }
  return plan;
}

async function writeDown(tx: StateTransaction, plan: ErasurePlan, audit: AuditRecord): Promise<ErasurePlan> {
  await tx.run('INSERT INTO erasure (id, requested, completed, plan) VALUES (?, ?, ?, ?)', [
    plan.id,
    audit.recorded,
    null,
    JSON.stringify(plan),
  ]);
  await appendAudit(tx, audit);
  return plan;
}

/** The ledger, the tables and the register name people alike only when it is done. */
async function refuseWhileRotated(tx: StateTransaction): Promise<void> {
  if ((await tx.query('SELECT version FROM key_rotation LIMIT 1')).length > 0)
    throw new LakeError(
      'PreconditionFailed',
      'A rotation of the pseudonym key is not finished. Ask again when it is: `lake jobs` shows it.',
    );
}

async function refuseFormerNames(tx: StateTransaction, patients: readonly string[]): Promise<void> {
  const [newest] = await tx.query<{ version: number | null }>(
    "SELECT max(version) AS version FROM wrapped_key WHERE name = 'pseudonym'",
  );
  if (patients.some((patient) => keyVersionOf(patient) < (newest?.version ?? 0)))
    throw new LakeError(
      'InvalidArgument',
      'The pseudonym key was rotated since these patients were looked up, or they are none. Ask again, with ids as curated tables show them now.',
    );
}

function openErasures(database: StateDatabase): ErasureStore {
  return {
    begin: (id, patients, held, audit) =>
      database.transaction(async (tx) => {
        await refuseWhileRotated(tx);
        await refuseFormerNames(tx, patients);
        if ((await underHold(tx, patients)).size > 0)
          throw new LakeError(
            'PreconditionFailed',
            'A legal hold keeps what is to be erased. `lake retention holds` shows the holds; release it first, if you may.',
          );
        const plan = await planOf(tx, id, patients, held);
        // A mistyped id must not end in a certificate.
        if (plan.resources.length === 0 && held.length === 0)
          throw new LakeError(
            'NotFound',
            'The lake holds nothing of these people. Give patient ids as curated tables show them; `lake erase certificates` shows what was erased.',
          );
        return writeDown(tx, plan, audit);
      }),

    expire: (id, due, audit) =>
      database.transaction(async (tx) => {
        await refuseWhileRotated(tx);
        const kept = await underHold(tx, [...due.keys()]);
        const patients: string[] = [];
        for (const [patient, contact] of due) {
          const [row] = await tx.query<{ contact: string | null }>(
            'SELECT max(last_updated) AS contact FROM version WHERE patient_ref = ?',
            [patient],
          );
          if (!kept.has(patient) && row?.contact === contact) patients.push(patient);
        }
        const plan = await planOf(tx, id, patients, []);
        const requests = await emptied(tx, plan.requests);
        return writeDown(tx, { ...plan, reason: 'retention', requests }, audit);
      }),

    originalsOf: (requests) =>
      database.snapshot(async (tx) => {
        const objects = new Map<string, { key: string; provider: string }>();
        for (const { provider, requestId } of requests) {
          const rows = await tx.query<{ object_key: string; request_ids: string }>(
            `SELECT o.object_key, o.request_ids FROM request r
             JOIN outbox o ON o.provider = r.provider AND o.recorded = r.recorded AND o.zone = 'identity'
             WHERE r.provider = ? AND r.request_id = ?`,
            [provider, requestId],
          );
          for (const { object_key: key, request_ids: text } of rows)
            if ((JSON.parse(text) as string[]).includes(requestId)) objects.set(key, { key, provider });
        }
        return [...objects.values()];
      }),

    unfinished: () =>
      database.snapshot(async (tx) => {
        const rows = await tx.query<{ plan: string; requested: string }>(
          'SELECT plan, requested FROM erasure WHERE completed IS NULL ORDER BY requested',
        );
        return rows.map(({ plan, requested }) => ({ plan: JSON.parse(plan) as ErasurePlan, requested }));
      }),

    complete: (id, audit) =>
      database.transaction(async (tx) => {
        await tx.run("UPDATE erasure SET completed = ?, plan = '' WHERE id = ?", [audit.recorded, id]);
        await appendAudit(tx, audit);
      }),
  };
}

const begin = [
  { table: 'key_rotation', privilege: 'SELECT', columns: ['version'] },
  { table: 'wrapped_key', privilege: 'SELECT', columns: ['name', 'version'] },
  { table: 'legal_hold', privilege: 'SELECT' },
  { table: 'version', privilege: 'SELECT' },
  { table: 'outbox', privilege: 'SELECT' },
  { table: 'version', privilege: 'DELETE' },
  { table: 'identifier', privilege: 'SELECT' },
  { table: 'identifier', privilege: 'DELETE' },
  { table: 'resource', privilege: 'SELECT' },
  { table: 'resource', privilege: 'DELETE' },
  { table: 'erasure', privilege: 'INSERT' },
  auditInsert,
] as const;

/** Erasures, in the lake's database: the plan holds pseudonyms, and only until it is carried out. */
export const erasureStore = defineStateStore<ErasureStore>({
  name: 'erasure',
  database: 'lake',
  migrations: [
    {
      id: 'erasure-0001-plans',
      statements: [
        'CREATE TABLE erasure (id TEXT PRIMARY KEY, requested TEXT NOT NULL, completed TEXT, plan TEXT NOT NULL)',
        'CREATE INDEX outbox_commit ON outbox (provider, recorded)',
      ],
    },
  ],
  grants: {
    begin,
    expire: [...begin, { table: 'request', privilege: 'SELECT', columns: ['provider', 'request_id', 'recorded'] }],
    originalsOf: [
      { table: 'request', privilege: 'SELECT', columns: ['provider', 'request_id', 'recorded'] },
      { table: 'outbox', privilege: 'SELECT' },
    ],
    unfinished: [{ table: 'erasure', privilege: 'SELECT' }],
    complete: [
      { table: 'erasure', privilege: 'SELECT' },
      { table: 'erasure', privilege: 'UPDATE', columns: ['completed', 'plan'] },
      auditInsert,
    ],
  },
  open: openErasures,
});
