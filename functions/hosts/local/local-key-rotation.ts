import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import { linkTable, publishLinks } from '../../identity/publish-links';
import { type RotationPosition, type RotationStep, rotationSteps } from '../../key-rotation/key-rotation-store';
import { liftObjects } from '../../key-rotation/lift-objects';
import { liftTable } from '../../key-rotation/lift-table';
import { identityKeyRotationManifest, keyRotationManifest } from '../../key-rotation/manifest';
import { FlatRows } from '../../marts/flat-rows';
import type { Tokeniser } from '../../privacy/tokens';
import { CuratedTable } from '../../tables/curated-table';
import { DeltaTable, type TableStore } from '../../tables/delta-table';
import { wrapPseudonymKey } from '../wrapped-pseudonym-key';
import type { LakeParts } from './lake-parts';
import type { LocalMarts } from './local-marts';

export interface KeyRotation {
  /** The version that makes every pseudonym now. */
  readonly version: number;
}

type Step = (tokeniser: Tokeniser, after: readonly string[]) => Promise<unknown>;

/**
 * A rotation of the pseudonym key on one machine. The new version comes first: what is sent from then on is written under it,
 * and what the lake held is made over by the key alone, in small steps, while senders go on. Each step may be done again, so
 * that a rotation which a crash cut off goes on where it was.
 */
export class LocalKeyRotation {
  readonly #parts: LakeParts;
  readonly #marts: LocalMarts;
  readonly #lake;
  readonly #identity;
  readonly #steps: Readonly<Record<RotationStep, Step>>;

  constructor(parts: LakeParts, marts: LocalMarts) {
    this.#parts = parts;
    this.#marts = marts;
    this.#lake = parts.ports(keyRotationManifest);
    this.#identity = parts.ports(identityKeyRotationManifest);
    const { landing, landingKey, curated } = this.#lake;
    const { identity, identityKey } = this.#identity;
    this.#steps = {
      resources: (tokeniser, after) => this.#ledger('resources', tokeniser, after),
      patients: (tokeniser, after) => this.#ledger('patients', tokeniser, after),
      identifiers: (tokeniser, after) => this.#ledger('identifiers', tokeniser, after),
      requests: (tokeniser, after) => this.#ledger('requests', tokeniser, after),
      landing: (tokeniser, [after = '']) =>
        liftObjects(
          { name: 'landing', store: landing, ...new EnvelopeEncryption(landingKey) },
          tokeniser,
          after,
          (key) => this.#lake.rotation.moveTo('landing', [key]),
        ),
      originals: (tokeniser, [after = '']) =>
        liftObjects(
          { name: 'identity', store: identity, ...new EnvelopeEncryption(identityKey) },
          tokeniser,
          after,
          (key) => this.#lake.rotation.moveTo('originals', [key]),
        ),
      register: (tokeniser) => this.#identity.remap.remap(tokeniser, auditOf('job:identity.rotate-key', 'made-over')),
      curated: (tokeniser) => this.#curated(tokeniser),
      links: async (tokeniser) => {
        await this.#advanceLinks(tokeniser.version);
        await publishLinks(this.#identity.register, this.#identity.curated, this.#identity.query);
        await this.#forgetHistory(curated, [linkTable]);
      },
      marts: async (tokeniser) => {
        // Of a batch that another process had begun under the older key.
        await this.#newTables(tokeniser);
        await this.#rebuildMarts();
      },
    };
  }

  async rotate(): Promise<KeyRotation> {
    const wrapped = await wrapPseudonymKey(this.#lake.pseudonymKey.generateDataKey);
    const position = await this.#lake.rotation.begin(wrapped, auditOf('lake identity rotate-key', 'key-made'));
    await this.#parts.failpoint('rotate.begun');
    return this.#carryOut(position);
  }

  /** Finishes what a crash interrupted; undefined when nothing was. */
  async resume(): Promise<KeyRotation | undefined> {
    const position = await this.#lake.rotation.position();
    return position === undefined ? undefined : this.#carryOut(position);
  }

  async #carryOut({ version, step, after }: RotationPosition): Promise<KeyRotation> {
    const tokeniser = await this.#parts.tokeniser();
    let place = after;
    for (const next of rotationSteps.slice(rotationSteps.indexOf(step))) {
      if (next !== step) await this.#lake.rotation.moveTo(next, []);
      await this.#steps[next](tokeniser, place);
      await this.#parts.failpoint(`rotate.${next}`);
      place = [];
    }
    await this.#lake.rotation.complete(version, auditOf('job:identity.rotate-key', 'key-rotated'));
    // Pages of the databases still hold what stood in the rows before.
    await this.#parts.forgetDeletedRows();
    return { version };
  }

  async #ledger(
    pass: 'resources' | 'patients' | 'identifiers' | 'requests',
    tokeniser: Tokeniser,
    after: readonly string[],
  ): Promise<void> {
    let place: readonly string[] | undefined = after;
    while (place !== undefined) place = await this.#lake.rotation.remap(pass, place, tokeniser);
  }

  async #curated(tokeniser: Tokeniser): Promise<void> {
    await this.#liftTables(await this.#curatedTypes(), tokeniser);
    await this.#newTables(tokeniser);
  }

  /** Tables that came into being meanwhile, until there are none. */
  async #newTables(tokeniser: Tokeniser): Promise<void> {
    const { curated, query } = this.#lake;
    for (;;) {
      const fresh: string[] = [];
      for (const type of await this.#curatedTypes()) {
        const { delta } = new CuratedTable(curated, type, query);
        if ((await delta.snapshot()).version >= 0 && (await delta.generation()) < tokeniser.version) fresh.push(type);
      }
      if (fresh.length === 0) return;
      await this.#liftTables(fresh, tokeniser);
    }
  }

  async #curatedTypes(): Promise<readonly string[]> {
    const types = new Set<string>();
    for await (const { key } of this.#lake.curated.list('')) types.add(key.split('/')[0] ?? '');
    return [...types].filter((type) => !type.startsWith('_') && type !== linkTable);
  }

  async #liftTables(types: readonly string[], tokeniser: Tokeniser): Promise<void> {
    const { curated, query } = this.#lake;
    const session = await query.session({ readableFolders: [this.#parts.folder.zones.curated] });
    try {
      for (const type of types) {
        await liftTable({ curated, engine: query, session }, new CuratedTable(curated, type, query), tokeniser);
        await new FlatRows({ curated, engine: query, session }).prune(type);
      }
    } finally {
      await session.close();
    }
  }

  async #advanceLinks(version: number): Promise<void> {
    const { curated, query } = this.#lake;
    const session = await query.session();
    try {
      await new DeltaTable(curated, linkTable, query).advance(session, version);
    } finally {
      await session.close();
    }
  }

  async #rebuildMarts(): Promise<void> {
    const built = (await this.#marts.list()).filter((mart) => mart.built !== undefined).map(({ mart }) => mart);
    if (built.length === 0) return;
    await this.#marts.build(built, { refused: 'empty' });
    await this.#forgetHistory(this.#lake.marts, built);
  }

  async #forgetHistory(store: TableStore, tables: readonly string[]): Promise<void> {
    const { query } = this.#lake;
    const session = await query.session();
    try {
      for (const table of tables) await new DeltaTable(store, table, query).forgetHistory(session);
    } finally {
      await session.close();
    }
  }
}

const auditOf = (action: string, code: string): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'securityConfiguration',
  action,
  agent: { kind: 'operator', id: 'local' },
  outcome: { result: 'allowed', code },
  purpose: 'HSYSADMIN',
});
