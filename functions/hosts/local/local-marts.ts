import { existsSync } from 'node:fs';
import { systemClock } from '../../../adapters/ports/clock';
import { martsManifest } from '../../marts/manifest';
import { readMarts } from '../../marts/mart-library';
import { readStagedMarts } from '../../marts/staged-mart';
import { type MartBuild, type MartOptions, martLibrary, martsFunction } from '../compose/marts-function';
import { rebuildMarts } from '../compose/rebuild-marts';
import { type StagedMartsResult, stagedMartsFunction } from '../compose/staged-marts-function';
import type { LakeFolder } from './lake-folder';
import type { LakeParts } from './lake-parts';
import type { LocalFunctions } from './local-functions';

export interface MartSummary {
  readonly mart: string;
  readonly description: string;
  /** RFC 3339; undefined when it was never built. */
  readonly built: string | undefined;
  readonly columns: readonly string[];
}

/** The folder of the definitions that hold: the site's own, or those that ship. */
export const martLibraryOf = ({ martDefinitions }: LakeFolder): string =>
  existsSync(martDefinitions) ? martDefinitions : martLibrary;

/** The marts of one machine. */
export class LocalMarts {
  readonly #parts: LakeParts;
  readonly #functions: LocalFunctions;
  readonly #given: string | undefined;

  /** @param library folder of the definitions, a folder each. @default those of the lake */
  constructor(parts: LakeParts, functions: LocalFunctions, library?: string) {
    this.#parts = parts;
    this.#functions = functions;
    this.#given = library;
  }

  get #library(): string {
    return this.#given ?? martLibraryOf(this.#parts.folder);
  }

  build(names: readonly string[], options: MartOptions = {}): Promise<readonly MartBuild[]> {
    return martsFunction(this.#parts.ports(martsManifest), names, options, this.#library);
  }

  /** After an erasure: without whom the lake knows no more, and without a past. */
  async rebuild(): Promise<readonly string[]> {
    return rebuildMarts(
      this.#parts.ports(martsManifest),
      await this.#functions.catalogue.tables(),
      this.#library,
      (names, options) => this.build(names, options),
    );
  }

  /** Takes what another engine has staged below the folder of the marts; `now` is for those who play with the clock. */
  takeStaged(now = systemClock.now()): Promise<StagedMartsResult> {
    return stagedMartsFunction(this.#parts.ports(martsManifest), this.#library, now);
  }

  async list(): Promise<readonly MartSummary[]> {
    const tables = await this.#functions.catalogue.tables();
    return [...readMarts(this.#library), ...readStagedMarts(this.#library)].map(({ name, description }) => {
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
