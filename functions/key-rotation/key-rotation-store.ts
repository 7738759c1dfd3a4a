import { LakeError } from '../../adapters/ports/errors';
import type { StateDatabase } from '../../adapters/ports/state-database';
import { appendAudit, auditInsert } from '../audit/audit-log';
import type { AuditRecord } from '../audit/audit-record';
import type { Tokeniser } from '../privacy/tokens';
import { defineStateStore } from '../state-store';
import { type LedgerPass, ledgerPasses } from './ledger-passes';

/** What a rotation makes over, in this order; each can be done again without harm. */
export const rotationSteps = [
  'resources',
  'patients',
  'identifiers',
  'requests',
  'landing',
  'originals',
  'register',
  'curated',
  'links',
  'marts',
] as const;
export type RotationStep = (typeof rotationSteps)[number];

/** How far a rotation has come: everything of the step up to `after` is made over. */
export interface RotationPosition {
  readonly version: number;
  readonly step: RotationStep;
  readonly after: readonly string[];
}

export interface KeyRotationStore {
  /**
   * Adds a version of the pseudonym key: from this moment nothing is written under an older one.
   *
   * @throws LakeError `PreconditionFailed` while a rotation, an erasure or a re-split is unfinished.
   */
  begin(wrapped: string, audit: AuditRecord): Promise<RotationPosition>;
  position(): Promise<RotationPosition | undefined>;
  /** Makes some rows of the ledger over and remembers how far it came; undefined when the step is done. */
  remap(
    pass: LedgerPass,
    after: readonly string[],
    tokeniser: Pick<Tokeniser, 'liftId' | 'liftToken' | 'liftDigest'>,
  ): Promise<readonly string[] | undefined>;
  moveTo(step: RotationStep, after: readonly string[]): Promise<void>;
  complete(version: number, audit: AuditRecord): Promise<void>;
}

const name = 'pseudonym';

function openKeyRotation(database: StateDatabase): KeyRotationStore {
  return {
    begin: (wrapped, audit) =>
      database.transaction(async (tx) => {
        const erasures = await tx.query('SELECT id FROM erasure WHERE completed IS NULL LIMIT 1');
        const rotations = await tx.query('SELECT version FROM key_rotation LIMIT 1');
        const resplits = await tx.query('SELECT id FROM superseded_line LIMIT 1');
        if (erasures.length + rotations.length + resplits.length > 0)
          throw new LakeError(
            'PreconditionFailed',
            'A rotation, an erasure or a re-split is not finished yet. It goes on when the lake starts; rotate when it is done.',
          );
        const [newest] = await tx.query<{ version: number | null }>(
          'SELECT max(version) AS version FROM wrapped_key WHERE name = ?',
          [name],
        );
        const version = (newest?.version ?? 0) + 1;
        if (version > 255)
          throw new LakeError(
            'PreconditionFailed',
            'The pseudonym key was rotated 254 times: there is no next version.',
          );
        await tx.run('INSERT INTO wrapped_key (name, version, wrapped, remapped) VALUES (?, ?, ?, 0)', [
          name,
          version,
          wrapped,
        ]);
        const [step] = rotationSteps;
        await tx.run('INSERT INTO key_rotation (version, step, after) VALUES (?, ?, ?)', [version, step, '[]']);
        await appendAudit(tx, audit);
        return { version, step, after: [] };
      }),

    position: () =>
      database.snapshot(async (tx) => {
        const [row] = await tx.query<{ version: number; step: RotationStep; after: string }>(
          'SELECT version, step, after FROM key_rotation',
        );
        return row === undefined ? undefined : { ...row, after: JSON.parse(row.after) as string[] };
      }),

    remap: (pass, after, tokeniser) =>
      database.transaction(async (tx) => {
        const reached = await ledgerPasses[pass](tx, after, tokeniser);
        if (reached !== undefined) await tx.run('UPDATE key_rotation SET after = ?', [JSON.stringify(reached)]);
        return reached;
      }),

    moveTo: (step, after) =>
      database.transaction(async (tx) => {
        await tx.run('UPDATE key_rotation SET step = ?, after = ?', [step, JSON.stringify(after)]);
      }),

    complete: (version, audit) =>
      database.transaction(async (tx) => {
        await tx.run('UPDATE wrapped_key SET remapped = 1 WHERE name = ? AND version = ?', [name, version]);
        await tx.run('DELETE FROM key_rotation WHERE version = ?', [version]);
        await appendAudit(tx, audit);
      }),
  };
}

const moving = [
  { table: 'key_rotation', privilege: 'SELECT' },
  { table: 'key_rotation', privilege: 'UPDATE', columns: ['step', 'after'] },
] as const;

/** How far a rotation of the pseudonym key has come, and the ledger's part of it, in the lake's database. */
export const keyRotationStore = defineStateStore<KeyRotationStore>({
  name: 'key-rotation',
  database: 'lake',
  migrations: [
    {
      id: 'key-rotation-0001-position',
      statements: ['CREATE TABLE key_rotation (version INTEGER PRIMARY KEY, step TEXT NOT NULL, after TEXT NOT NULL)'],
    },
  ],
  grants: {
    begin: [
      { table: 'erasure', privilege: 'SELECT' },
      { table: 'superseded_line', privilege: 'SELECT' },
      { table: 'key_rotation', privilege: 'SELECT' },
      { table: 'key_rotation', privilege: 'INSERT' },
      { table: 'wrapped_key', privilege: 'SELECT' },
      { table: 'wrapped_key', privilege: 'INSERT' },
      auditInsert,
    ],
    position: [{ table: 'key_rotation', privilege: 'SELECT' }],
    remap: [
      ...moving,
      ...(['resource', 'version', 'identifier', 'request', 'legal_hold'] as const).flatMap(
        (table) =>
          [
            { table, privilege: 'SELECT' },
            { table, privilege: 'UPDATE' },
          ] as const,
      ),
    ],
    moveTo: moving,
    complete: [
      { table: 'wrapped_key', privilege: 'SELECT' },
      { table: 'wrapped_key', privilege: 'UPDATE', columns: ['remapped'] },
      { table: 'key_rotation', privilege: 'SELECT' },
      { table: 'key_rotation', privilege: 'DELETE' },
      auditInsert,
    ],
  },
  open: openKeyRotation,
});
