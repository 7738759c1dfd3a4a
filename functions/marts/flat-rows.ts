import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isLakeError } from '../../adapters/ports/errors';
import type { QuerySession } from '../../adapters/ports/query-engine';
import type { CompiledView } from '../sql-on-fhir/compile-view';
import { sqlFile, sqlIdentifier, sqlText } from '../sql-on-fhir/duckdb/quoting';
import { CuratedTable } from '../tables/curated-table';
import type { TableEngine, TableStore } from '../tables/delta-table';
import { fileBody } from '../tables/file-body';
import { placeFile, removePlaced } from '../tables/place-file';
import { compileFlatView, row, source } from './flat-view';
import { isAboutPeople, limitColumns, mayBeUsed, type RowsAllowed } from './rows-allowed';

export interface FlatRowsServices {
  readonly curated: TableStore;
  readonly engine: TableEngine;
  readonly session: QuerySession;
}

/** A file of a curated table, by its place on this machine and its name among flattened files. */
interface CuratedFile {
  readonly place: string;
  readonly name: string;
}

/** A view whose rows are flattened, file by file. */
export interface FlatView {
  /** Resource type in lower case. */
  readonly type: string;
  /** Resources of the type are about somebody: one that does not say about whom is not for a mart that opt-outs limit. */
  readonly isAboutPeople: boolean;
  readonly columns: CompiledView['columns'];
  /** Where the rows of each curated file lie on this machine. */
  readonly places: readonly string[];
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/**
 * The rows of views over curated tables, flattened once for each curated file. A file never changes, so its flattened rows
 * are kept beside it under a name made of both, file and view; what is current is decided when rows are read. A new batch
 * costs its own files, a change of links nothing, and a file that compaction or erasure replaced takes its rows along.
 * There is no state to keep right: whatever is missing, after a crash or by hand, is made again.
 *
 * Kept in the curated zone, under `_flat/<type>/<file>/<view>.parquet`: superseded rows are not for readers of marts.
 */
export class FlatRows {
  readonly #services: FlatRowsServices;
  readonly #types = new Map<string, Promise<readonly CuratedFile[]>>();
  readonly #outdated = new Set<string>();

  /** One for each build: all its views see each table at one version. */
  constructor(services: FlatRowsServices) {
    this.#services = services;
  }

  /** Flattens what is not yet; `anew`: everything. Its cost is that of the files, whatever the table holds already. */
  async flatten(view: unknown, anew = false): Promise<FlatView> {
    const compiled = compileFlatView(view);
    const type = compiled.resource.toLowerCase();
    const places = await this.#flattenFiles(type, await this.#filesOf(type), compiled, anew);
    return { type, isAboutPeople: isAboutPeople(compiled.resource), columns: compiled.columns, places };
  }

  /** SQL text of a view's rows over the current state of its table, as far as they may be used. */
  async query({ type, columns, places, ...flat }: FlatView, allowed: RowsAllowed): Promise<string> {
    if (places.length === 0) return `SELECT ${columns.map(emptyColumn).join(', ')} WHERE false`;
    const outdated = await this.#outdatedRows(type);
    const names = columns.map(({ name }) => `flat.${sqlIdentifier(name)}`).join(', ');
    return (
      `SELECT ${names} FROM read_parquet([${places.map(sqlFile).join(', ')}], filename = '_place') flat ` +
      `JOIN ${numbered(places)} ON part.place = flat._place ` +
      `ANTI JOIN ${outdated} outdated ON outdated.file = part.file AND outdated.row = flat.${row} ` +
      `WHERE ${mayBeUsed('flat', allowed, flat.isAboutPeople)}`
    );
  }

  /** Deletes the rows of files that are no longer part of a curated table; gives how many objects went. */
  async prune(type: string): Promise<number> {
    const { curated, engine } = this.#services;
    const { files } = await new CuratedTable(curated, type, engine).delta.snapshot();
    const removed = await this.#keepOnly(type.toLowerCase(), new Set([...files.keys()].map(digest)));
    await curated.purgeVersionsUnder?.(`_flat/${type.toLowerCase()}/`);
    return removed;
  }

  async #keepOnly(type: string, names: ReadonlySet<string>): Promise<number> {
    let removed = 0;
    for await (const { key } of this.#services.curated.list(`_flat/${type}/`)) {
      if (names.has(key.split('/')[2] ?? '')) continue;
      await removePlaced(this.#services.engine.spoolFolder, key);
      await this.#services.curated.delete(key);
      removed += 1;
    }
    return removed;
  }

  #filesOf(type: string): Promise<readonly CuratedFile[]> {
    let files = this.#types.get(type);
    if (files === undefined) {
      files = this.#open(type);
      this.#types.set(type, files);
    }
    return files;
  }

  /** The files of a table, without the rows of others. */
  async #open(type: string): Promise<readonly CuratedFile[]> {
    const { curated, engine } = this.#services;
    const { files } = await new CuratedTable(curated, type, engine).delta.snapshot();
    const all = await Promise.all(
      [...files.keys()].map(async (path) => {
        const key = `${type}/${decodeURIComponent(path)}`;
        return { place: await placeFile(curated, engine.spoolFolder, key), name: digest(path) };
      }),
    );
    await this.#keepOnly(type, new Set(all.map(({ name }) => name)));
    return all;
  }

  /**
   * A table of the session with the rows of a type that are not current: the same choice as CuratedTable.currentState makes. Not
   * those that are: DuckDB takes the flattened rows for fewer (a filter on lists counts as a fifth), keeps them in memory to
   * look the current ones up among them, and half a million do not fit there.
   */
  async #outdatedRows(type: string): Promise<string> {
    const name = sqlIdentifier(`_outdated_${type}`);
    if (this.#outdated.has(name)) return name;
    this.#outdated.add(name);
    const places = (await this.#filesOf(type)).map(({ place }) => place);
    const rows =
      `read_parquet([${places.map(sqlFile).join(', ')}], ` +
      `union_by_name = true, filename = '_place', file_row_number = true)`;
    await this.#services.session.run(
      `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT file, file_row_number AS row ` +
        `FROM ${rows} r JOIN ${numbered(places)} ON part.place = r._place ` +
        `QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC, last_updated DESC) > 1 OR deleted`,
    );
    return name;
  }

  /** Where the rows of the view lie, file by file in the order of `files`. */
  async #flattenFiles(
    type: string,
    files: readonly CuratedFile[],
    view: CompiledView,
    anew: boolean,
  ): Promise<readonly string[]> {
    const { curated, engine } = this.#services;
    const present = new Set<string>();
    for await (const { key } of curated.list(`_flat/${type}/`)) present.add(key);
    const places: string[] = [];
    for (const file of files) {
      // The statement stands for the view and for the compiler that made it.
      const key = `_flat/${type}/${file.name}/${digest(view.sql)}.parquet`;
      if (anew && present.delete(key)) await curated.delete(key);
      if (!present.has(key)) await this.#flattenFile(file, view, key);
      places.push(await placeFile(curated, engine.spoolFolder, key));
    }
    return places;
  }

  async #flattenFile({ place }: CuratedFile, view: CompiledView, key: string): Promise<void> {
    const { curated, engine, session } = this.#services;
    await mkdir(engine.spoolFolder, { recursive: true });
    const spooled = join(engine.spoolFolder, `flat-${randomUUID()}.parquet`);
    try {
      await session.run(
        `CREATE OR REPLACE TEMP VIEW ${source} AS SELECT resource, deleted, file_row_number AS ${row}, ` +
          `${limitColumns(view.resource)} ` +
          `FROM read_parquet(${sqlFile(place)}, file_row_number = true)`,
      );
      await session.run(
        `COPY (${view.sql}) TO ${sqlText(spooled)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
      );
      await curated.putIfAbsent(key, fileBody(spooled));
    } catch (error) {
      // Another build made the same rows in the meantime.
      if (!isLakeError(error, 'AlreadyExists')) throw error;
    } finally {
      await rm(spooled, { force: true });
    }
  }
}

/** Files by their number, since a number is a hundredth of a name in memory. */
const numbered = (places: readonly string[]): string =>
  `(VALUES ${places.map((place, file) => `(${sqlText(place)}, ${file})`).join(', ')}) part(place, file)`;

const emptyColumn = ({ name, type, collection }: CompiledView['columns'][number]): string =>
  `CAST(NULL AS ${type}${collection ? '[]' : ''}) AS ${sqlIdentifier(name)}`;
