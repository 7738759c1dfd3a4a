import { systemClock } from '../../../adapters/ports/clock';
import { EnvelopeEncryption } from '../../../adapters/shared/envelope-encryption';
import type { AuditRecord } from '../../audit/audit-record';
import type { Failpoint } from '../../failpoint';
import { linkTable } from '../../identity/publish-links';
import type { WrappedKey } from '../../ingest/wrapped-key-store';
import { type RotationPosition, type RotationStep, rotationSteps } from '../../key-rotation/key-rotation-store';
import type { LedgerPass } from '../../key-rotation/ledger-passes';
import { liftObjects } from '../../key-rotation/lift-objects';
import { liftTable } from '../../key-rotation/lift-table';
import type { keyRotationManifest } from '../../key-rotation/manifest';
import type { PortsOf } from '../../manifest';
import { FlatRows } from '../../marts/flat-rows';
import { operationRecords } from '../../operator/operation-records';
import type { Tokeniser } from '../../privacy/tokens';
import { CuratedTable } from '../../tables/curated-table';
import { readableFoldersOf } from '../../tables/place-file';
import { pseudonymKeyName, tokeniserOf, wrapPseudonymKey } from '../wrapped-pseudonym-key';
import type { IdentityKeyRotation } from './identity-key-rotation-function';

export interface RotatedKey {
  /** The version that makes every pseudonym now. */
  readonly version: number;
}

interface KeyRotationServices {
  readonly lake: PortsOf<typeof keyRotationManifest>;
  readonly identity: IdentityKeyRotation;
  /** Makes the marts there are anew, without a past. */
  readonly rebuildMarts: () => Promise<unknown>;
  /** Leaves no copy of deleted rows in files of databases that this process holds. */
  readonly forgetDeletedRows: () => Promise<void>;
  readonly failpoint: Failpoint;
}

interface Keys {
  readonly tokeniser: Tokeniser;
  readonly wrapped: readonly WrappedKey[];
}

type Place = readonly string[];
/** Goes on after a place, and tells each that it comes to. */
type Step = (keys: Keys, after: Place, reached: (place: Place) => Promise<void>) => Promise<unknown>;

/** A step done in portions: each gives the place it came to, undefined after the last. */
const inPortions =
  (portion: (keys: Keys, after: Place) => Promise<Place | undefined>): Step =>
  async (keys, after, reached) => {
    for (let place = await portion(keys, after); place !== undefined; place = await portion(keys, place))
      await reached(place);
  };

const keyPlace = (key: string | undefined): Place | undefined => (key === undefined ? undefined : [key]);

/**
 * A rotation of the pseudonym key. The new version comes first: what is sent from then on is written under it, and what the lake
 * held is made over by the key alone, in small steps, while senders go on. Each may be done again, so that a rotation which a
 * crash cut off goes on where it was. The identity zone does its own part.
 */
export class KeyRotation {
  readonly #services: KeyRotationServices;
  readonly #steps: Readonly<Record<RotationStep, Step>>;

  constructor(services: KeyRotationServices) {
    this.#services = services;
    const { lake, identity, rebuildMarts } = services;
    const landing = { name: 'landing', store: lake.landing, ...new EnvelopeEncryption(lake.landingKey) } as const;
    const ledger = (pass: LedgerPass): Step =>
      inPortions(({ tokeniser }, after) => lake.rotation.remap(pass, after, tokeniser));
    this.#steps = {
      resources: ledger('resources'),
      patients: ledger('patients'),
      identifiers: ledger('identifiers'),
      requests: ledger('requests'),
      landing: inPortions(async ({ tokeniser }, [after = '']) =>
        keyPlace(await liftObjects(landing, tokeniser, after)),
      ),
      originals: inPortions(async ({ wrapped }, [after = '']) =>
        keyPlace(await identity.liftOriginals(wrapped, after)),
      ),
      register: inPortions(({ wrapped }, after) => identity.remapRegister(wrapped, after)),
      curated: async ({ tokeniser }, [after = ''], reached) => {
        const types = (await this.#curatedTypes()).filter((type) => type > after);
        await this.#liftTables(types, tokeniser, (type) => reached([type]));
        await this.#newTables(tokeniser);
      },
      links: ({ tokeniser }) => identity.publishLinks(tokeniser.version),
      marts: async ({ tokeniser }) => {
        // Of a batch that another process had begun under the older key.
        await this.#newTables(tokeniser);
        await rebuildMarts();
      },
    };
  }

  /**
   * Begins a rotation and carries it out; with the id of one that was begun, goes on with that one, and begins no other.
   *
   * @throws LakeError `PreconditionFailed` while a rotation, an erasure or a re-split is unfinished.
   */
  async rotate(id: string, agent: AuditRecord['agent'], signal?: AbortSignal): Promise<RotatedKey> {
    const wrapped = await wrapPseudonymKey(this.#services.lake.pseudonymKey.generateDataKey);
    const { event, action } = operationRecords.rotatePseudonymKey;
    const record = { ...recordOf(agent, 'key-made'), event, action };
    const { version, position } = await this.#services.lake.rotation.begin(id, wrapped, record);
    await this.#services.failpoint('rotate.begun');
    return position === undefined ? { version } : this.#carryOut(position, agent, signal);
  }

  /** Finishes what a crash interrupted; undefined when nothing was. */
  async resume(agent: AuditRecord['agent'], signal?: AbortSignal): Promise<RotatedKey | undefined> {
    const position = await this.#services.lake.rotation.position();
    return position === undefined ? undefined : this.#carryOut(position, agent, signal);
  }

  async #carryOut(begun: RotationPosition, agent: AuditRecord['agent'], signal?: AbortSignal): Promise<RotatedKey> {
    const { lake, failpoint, forgetDeletedRows } = this.#services;
    const { version } = begun;
    const wrapped = await lake.wrappedKeys.current(pseudonymKeyName);
    const keys = { wrapped, tokeniser: await tokeniserOf(wrapped, lake.pseudonymKey.unwrap) };
    let at = begun;
    const move = async (step: RotationStep, after: Place): Promise<void> => {
      await lake.rotation.move(at, { step, after });
      at = { version, step, after };
      signal?.throwIfAborted();
    };
    for (const step of rotationSteps.slice(rotationSteps.indexOf(begun.step))) {
      if (step !== at.step) await move(step, []);
      await this.#steps[step](keys, at.after, (after) => move(step, after));
      await failpoint(`rotate.${step}`);
    }
    await lake.rotation.complete(at, recordOf(agent, 'key-rotated'));
    // Pages of the databases still hold what stood in the rows before.
    await forgetDeletedRows();
    return { version };
  }

  /** Tables that came into being meanwhile, until there are none. */
  async #newTables(tokeniser: Tokeniser): Promise<void> {
    const { curated, query } = this.#services.lake;
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
    for await (const { key } of this.#services.lake.curated.list('')) types.add(key.split('/')[0] ?? '');
    return [...types].filter((type) => !type.startsWith('_') && type !== linkTable).sort();
  }

  async #liftTables(
    types: readonly string[],
    tokeniser: Tokeniser,
    lifted: (type: string) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const { curated, query } = this.#services.lake;
    const session = await query.session({ readableFolders: readableFoldersOf(curated) });
    try {
      for (const type of types) {
        await liftTable({ curated, engine: query, session }, new CuratedTable(curated, type, query), tokeniser);
        await new FlatRows({ curated, engine: query, session }).prune(type);
        await lifted(type);
      }
    } finally {
      await session.close();
    }
  }
}

const recordOf = (agent: AuditRecord['agent'], code: string): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'securityConfiguration',
  action: 'job:identity.rotate-key',
  agent,
  outcome: { result: 'allowed', code },
  purpose: 'HSYSADMIN',
});
