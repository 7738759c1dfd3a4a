import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLakeError, LakeError } from '../../../adapters/ports/errors';
import { buildMart, emptyMart } from '../../marts/build-mart';
import { martsManifest } from '../../marts/manifest';
import { readMarts } from '../../marts/mart-library';
import type { AskOptOuts } from '../../marts/permitted-patients';
import type { LakeParts } from './lake-parts';
import type { LocalFunctions } from './local-functions';
import type { LocalIdentity } from './local-identity';

export interface MartBuild {
  readonly mart: string;
  readonly rows: number;
  readonly milliseconds: number;
  /** Of these, spent on flattening what is new. */
  readonly flattening: number;
}

export interface MartSummary {
  readonly mart: string;
  readonly description: string;
  /** RFC 3339; undefined when it was never built. */
  readonly built: string | undefined;
  readonly columns: readonly string[];
}

/** The definitions lie beside the source, and two folders up from the bundle. */
export const martLibrary =
  [join(__dirname, '..', '..', 'marts', 'library'), join(__dirname, '..', 'functions', 'marts', 'library')].find(
    (folder) => existsSync(folder),
  ) ?? '';

/** The marts of one machine. */
export class LocalMarts {
  readonly #parts: LakeParts;
  readonly #functions: LocalFunctions;
  readonly #identity: Pick<LocalIdentity, 'ask'>;

  readonly #library: string;

  /** @param library folder of the definitions, a folder each. */
  constructor(
    parts: LakeParts,
    functions: LocalFunctions,
    identity: Pick<LocalIdentity, 'ask'>,
    library = martLibrary,
  ) {
    this.#parts = parts;
    this.#functions = functions;
    this.#identity = identity;
    this.#library = library;
  }

  /**
   * Builds what may be built; then a mart that may not, since an opt-out list is missing or stale, is told as an error. It stays
   * as it was, or with `refused: 'empty'` keeps no row. `full`: flattens everything again instead of what is new.
   */
  async build(
    names: readonly string[],
    { full = false, refused = 'keep' }: { readonly full?: boolean; readonly refused?: 'keep' | 'empty' } = {},
  ): Promise<readonly MartBuild[]> {
    const all = readMarts(this.#library);
    const unknown = names.filter((name) => !all.some((mart) => mart.name === name));
    if (unknown.length > 0)
      throw new LakeError('NotFound', `There is no such mart. There are: ${all.map(({ name }) => name).join(', ')}.`);
    const ports = this.#parts.ports(martsManifest);
    const { curated, marts } = this.#parts.folder.zones;
    const session = await ports.query.session({ readableFolders: [curated, marts] });
    const built: MartBuild[] = [];
    const refusals: LakeError[] = [];
    const askOptOuts: AskOptOuts = (persons, purpose) =>
      this.#identity.ask('marts', { kind: 'opt-outs', persons, purpose });
    const services = { curated: ports.curated, marts: ports.marts, engine: ports.query, session, askOptOuts };
    try {
      for (const mart of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
        const started = performance.now();
        try {
          const { table, rows, flattened } = await buildMart(services, mart, full);
          await this.#functions.publish('marts', table);
          const milliseconds = Math.round(performance.now() - started);
          built.push({ mart: mart.name, rows, milliseconds, flattening: Math.round(flattened) });
        } catch (error) {
          if (!isLakeError(error, 'PreconditionFailed')) throw error;
          if (refused === 'empty') await emptyMart(services, mart.name);
          else refusals.push(error);
        }
      }
    } finally {
      await session.close();
    }
    const [refusal] = refusals;
    if (refusal !== undefined) throw refusal;
    return built;
  }

  async list(): Promise<readonly MartSummary[]> {
    const tables = await this.#functions.catalogue.tables();
    return readMarts(this.#library).map(({ name, description }) => {
      const table = tables.find((one) => one.database === 'marts' && one.name === name);
      return {
        mart: name,
        description,
        built: table?.updated,
        columns: table?.columns.map((column) => column.name) ?? [],
      };
    });
  }
}
