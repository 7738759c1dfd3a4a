import { LakeError } from '../../adapters/ports/errors';
import type { StateDatabase, StateTransaction } from '../../adapters/ports/state-database';
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
   * Adds a version of the pseudonym key: from this moment nothing is written under an older one. Asked again with the id of a
   * rotation that was begun, it adds none; `position` is absent once that one is complete.
   *
   * @throws LakeError `PreconditionFailed` while a rotation, an erasure or a re-split is unfinished.
   */
  begin(
    id: string,
    wrapped: string,
    audit: AuditRecord,
  ): Promise<{ readonly version: number; readonly position?: RotationPosition }>;
  /** Of the rotation that is not finished. */
  position(): Promise<RotationPosition | undefined>;
  /** Makes some rows of the ledger over; gives how far it came, undefined when all are. Harmless when repeated. */
  remap(
    pass: LedgerPass,
    after: readonly string[],
    tokeniser: Pick<Tokeniser, 'liftId' | 'liftToken' | 'liftDigest'>,
  ): Promise<readonly string[] | undefined>;
  /**
   * Remembers how far a step has come, or that the next begins.
   *
   * @param from where the caller is: `PreconditionFailed` when another process went on with the rotation meanwhile
   */
  move(from: RotationPosition, to: Pick<RotationPosition, 'step' | 'after'>): Promise<void>;
  /** Everything is made over. The same `PreconditionFailed`. */
  complete(from: RotationPosition, audit: AuditRecord): Promise<void>;
}

const name = 'pseudonym';

async function positionIn(tx: StateTransaction): Promise<RotationPosition | undefined> {
  const [row] = await tx.query<{ version: number; step: RotationStep; after: string }>(
    'SELECT version, step, after FROM key_rotation',
  );
  return row === undefined ? undefined : { ...row, after: JSON.parse(row.after) as string[] };
}

/** Whoever was slow must not write down a place that is not its own: what lies between would be left out. */
const goneOn = (): LakeError =>
  new LakeError('PreconditionFailed', 'Another process goes on with this rotation. This one has nothing left to do.');

function openKeyRotation(database: StateDatabase): KeyRotationStore {
  return {
    begin: (id, wrapped, audit) =>
      database.transaction(async (tx) => {
        const [begun] = await tx.query<{ version: number }>('SELECT version FROM key_rotation_begun WHERE id = ?', [
          id,
        ]);
        if (begun !== undefined) {
          const position = await positionIn(tx);
          return position?.version === begun.version ? { ...begun, position } : { version: begun.version };
        }
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
        await tx.run('INSERT INTO key_rotation_begun (id, version) VALUES (?, ?)', [id, version]);
        await appendAudit(tx, audit);
        return { version, position: { version, step, after: [] } };
      }),

    position: () => database.snapshot(positionIn),

    remap: (pass, after, tokeniser) => database.transaction((tx) => ledgerPasses[pass](tx, after, tokeniser)),

    move: ({ version, step }, to) =>
      database.transaction(async (tx) => {
        const moved = await tx.run('UPDATE key_rotation SET step = ?, after = ? WHERE version = ? AND step = ?', [
          ...[to.step, JSON.stringify(to.after)],
          ...[version, step],
        ]);
        if (moved === 0) throw goneOn();
      }),

    complete: ({ version, step }, audit) =>
      database.transaction(async (tx) => {
        if ((await tx.run('DELETE FROM key_rotation WHERE version = ? AND step = ?', [version, step])) === 0)
          throw goneOn();
        await tx.run('UPDATE wrapped_key SET remapped = 1 WHERE name = ? AND version = ?', [name, version]);
        await appendAudit(tx, audit);
      }),
  };
}

/** How far a rotation of the pseudonym key has come, and the ledger's part of it, in the lake's database. */
export const keyRotationStore = defineStateStore<KeyRotationStore>({
  name: 'key-rotation',
  database: 'lake',
  migrations: [
    {
      id: 'key-rotation-0001-position',
      statements: ['CREATE TABLE key_rotation (version INTEGER PRIMARY KEY, step TEXT NOT NULL, after TEXT NOT NULL)'],
    },
    {
      id: 'key-rotation-0002-begun',
      statements: ['CREATE TABLE key_rotation_begun (id TEXT PRIMARY KEY, version INTEGER NOT NULL)'],
    },
  ],
  grants: {
    begin: [
      { table: 'erasure', privilege: 'SELECT' },
      { table: 'superseded_line', privilege: 'SELECT' },
      { table: 'key_rotation', privilege: 'SELECT' },
      { table: 'key_rotation', privilege: 'INSERT' },
      { table: 'key_rotation_begun', privilege: 'SELECT' },
      { table: 'key_rotation_begun', privilege: 'INSERT' },
      { table: 'wrapped_key', privilege: 'SELECT' },
      { table: 'wrapped_key', privilege: 'INSERT' },
      auditInsert,
    ],
    position: [{ table: 'key_rotation', privilege: 'SELECT' }],
    remap: (['resource', 'version', 'identifier', 'request', 'legal_hold'] as const).flatMap(
      (table) =>
        [
          { table, privilege: 'SELECT' },
          { table, privilege: 'UPDATE' },
        ] as const,
    ),
    move: [
      { table: 'key_rotation', privilege: 'SELECT' },
      { table: 'key_rotation', privilege: 'UPDATE', columns: ['step', 'after'] },
    ],
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
