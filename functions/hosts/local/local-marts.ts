import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LakeError } from '../../../adapters/ports/errors';
import { buildMart } from '../../marts/build-mart';
import { martsManifest } from '../../marts/manifest';
import { readMarts } from '../../marts/mart-library';
import type { LakeParts } from './lake-parts';
import type { LocalFunctions } from './local-functions';

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
const libraryFolder =
  [join(__dirname, '..', '..', 'marts', 'library'), join(__dirname, '..', 'functions', 'marts', 'library')].find(
    (folder) => existsSync(folder),
  ) ?? '';

/** The marts of one machine. */
export class LocalMarts {
  readonly #parts: LakeParts;
  readonly #functions: LocalFunctions;

  constructor(parts: LakeParts, functions: LocalFunctions) {
    this.#parts = parts;
    this.#functions = functions;
  }

  /** `full`: flattens everything again instead of what is new. */
  async build(names: readonly string[], full = false): Promise<readonly MartBuild[]> {
    const all = readMarts(libraryFolder);
    const unknown = names.filter((name) => !all.some((mart) => mart.name === name));
    if (unknown.length > 0)
      throw new LakeError('NotFound', `There is no such mart. There are: ${all.map(({ name }) => name).join(', ')}.`);
    const ports = this.#parts.ports(martsManifest);
    const { curated, marts } = this.#parts.folder.zones;
    const session = await ports.query.session({ readableFolders: [curated, marts] });
    const built: MartBuild[] = [];
    try {
      for (const mart of all.filter(({ name }) => names.length === 0 || names.includes(name))) {
        const started = performance.now();
        const { table, rows, flattened } = await buildMart(
          { curated: ports.curated, marts: ports.marts, engine: ports.query, session },
          mart,
          full,
        );
        await this.#functions.publish('marts', table);
        const milliseconds = Math.round(performance.now() - started);
        built.push({ mart: mart.name, rows, milliseconds, flattening: Math.round(flattened) });
      }
    } finally {
      await session.close();
    }
    return built;
  }

  async list(): Promise<readonly MartSummary[]> {
    const tables = await this.#functions.catalogue.tables();
    return readMarts(libraryFolder).map(({ name, description }) => {
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
