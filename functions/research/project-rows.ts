import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { QuerySession } from '../../adapters/ports/query-engine';
import { ndjsonLines } from '../bulk-import/ndjson-lines';
import { isAboutPeople, limitColumns, mayBeUsed, type RowsAllowed } from '../marts/rows-allowed';
import { namesIn, organisationName, projectCopy } from '../privacy/project-copy';
import { publicIdentifierSystems } from '../privacy/rules/identifier-systems';
import { compileView } from '../sql-on-fhir/compile-view';
import { sqlIdentifier, sqlText } from '../sql-on-fhir/duckdb/quoting';
import { CuratedTable } from '../tables/curated-table';
import type { TableEngine, TableStore } from '../tables/delta-table';

/** What the identity zone answers about one project; nobody else knows its key. */
export interface ProjectPseudonyms {
  /** Names of resources, references and organisations, in the order asked. */
  names(names: readonly string[]): Promise<readonly string[]>;
  tokens(persons: readonly string[]): Promise<readonly { readonly person: string; readonly token: string }[]>;
}

export interface ProjectRowsServices {
  readonly curated: TableStore;
  readonly engine: TableEngine;
  readonly session: QuerySession;
  readonly pseudonyms: ProjectPseudonyms;
}

/** Bytes: more than the longest row that curate takes. */
const longestLine = 64 * 1024 * 1024;
const linesAtATime = 2000;
const namesAtATime = 10_000;

/**
 * What the views and the SQL of an extract read: the current resources that may be used, copied with the project's own names in
 * place of the lake's. It is the input that is re-keyed, so whatever a query makes of an id (a part, a digest, an order) is made
 * of the project's.
 */
export class ProjectRows {
  readonly #services: ProjectRowsServices;
  readonly #allowed: RowsAllowed;
  readonly #copies = new Map<string, Promise<string>>();
  readonly #files: string[] = [];

  constructor(services: ProjectRowsServices, allowed: RowsAllowed) {
    this.#services = services;
    this.#allowed = allowed;
  }

  /** SQL text of a view's rows. */
  async view(view: unknown): Promise<string> {
    const source = (name: string) =>
      compileView(view, { source: { kind: 'relation', name: [name] }, dialect: 'duckdb' });
    const { resource } = source('_project');
    let copy = this.#copies.get(resource);
    if (copy === undefined) {
      copy = this.#copy(resource);
      this.#copies.set(resource, copy);
    }
    return source(await copy).sql;
  }

  /** SQL text of the link table, of the persons who may be used alone. */
  async links(links: string): Promise<string> {
    const { session, pseudonyms } = this.#services;
    const { patients } = this.#allowed;
    const permitted =
      patients === undefined ? '' : ` WHERE patient_ref IN (SELECT patient FROM ${sqlIdentifier(patients)})`;
    await session.run(
      'CREATE OR REPLACE TEMP TABLE _project_link (patient_ref VARCHAR, person_id VARCHAR, basis VARCHAR)',
    );
    const { rows } = await session.query(`SELECT patient_ref, person_id, basis FROM (${links})${permitted}`);
    for (let from = 0; from < rows.length; from += namesAtATime) {
      const some = rows.slice(from, from + namesAtATime);
      const tokens = await pseudonyms.tokens(some.map(({ person_id: person }) => String(person)));
      const names = await pseudonyms.names(some.map(({ patient_ref: patient }) => String(patient)));
      const renamed = some.map(({ basis }, index) => [names[index], tokens[index]!.token, basis]);
      await session.run(
        `INSERT INTO _project_link SELECT r[1], r[2], r[3] FROM (SELECT unnest(from_json($links, '[["VARCHAR"]]')) AS r)`,
        { links: JSON.stringify(renamed) },
      );
    }
    return 'SELECT * FROM _project_link';
  }

  /** A ValueSet whose codes of organisations are the project's, so that it still joins. */
  async valueSet(valueSet: unknown): Promise<unknown> {
    const copy: unknown = structuredClone(valueSet);
    const codes = organisationCodes(copy);
    const names = await this.#services.pseudonyms.names(
      codes.map(({ system, at }) => organisationName(system, at.code)),
    );
    for (const [index, { at }] of codes.entries()) at.code = names[index]!;
    return copy;
  }

  /** Deletes the copies. */
  async close(): Promise<void> {
    for (const file of this.#files) await rm(file, { force: true });
  }

  /** The name of a view of the session with the copies, in its column `resource`. */
  async #copy(type: string): Promise<string> {
    const { curated, engine, session } = this.#services;
    const table = new CuratedTable(curated, type, engine);
    const name = `_project_${type.toLowerCase()}`;
    const there = (await table.delta.snapshot()).version >= 0;
    const rows = there
      ? await this.#copyRows(type, await table.currentState())
      : "SELECT ''::VARCHAR AS resource WHERE false";
    await session.run(`CREATE OR REPLACE TEMP VIEW ${sqlIdentifier(name)} AS ${rows}`);
    return name;
  }

  /** Out of the engine, through the names, and in again: in files, so that memory stays bounded. */
  async #copyRows(type: string, current: string): Promise<string> {
    const { engine, session } = this.#services;
    await mkdir(engine.spoolFolder, { recursive: true, mode: 0o700 });
    const at = (end: string): string => join(engine.spoolFolder, `${randomUUID()}.${end}`);
    const [before, after, copies] = [at('lake.ndjson'), at('project.ndjson'), at('parquet')] as const;
    this.#files.push(copies);
    try {
      const rows = `(SELECT resource, ${limitColumns(type)} FROM ${current})`;
      const allowed = mayBeUsed('r', this.#allowed, isAboutPeople(type));
      await session.run(`COPY (SELECT resource FROM ${rows} r WHERE ${allowed}) TO ${sqlText(before)} (FORMAT json)`);
      let longest = 1024 * 1024;
      const measured = async function* (lines: AsyncIterable<string>): AsyncGenerator<string> {
        for await (const line of lines) {
          longest = Math.max(longest, Buffer.byteLength(line));
          yield line;
        }
      };
      await pipeline(Readable.from(measured(this.#renamedLines(before))), createWriteStream(after, { mode: 0o600 }));
      // The reader's buffers are twice the longest object, for each thread.
      const size = `maximum_object_size = ${longest + 1}`;
      await session.run(
        `COPY (SELECT resource FROM read_json(${sqlText(after)}, format = 'newline_delimited', ${size}, columns = {resource: 'VARCHAR'})) ` +
          `TO ${sqlText(copies)} (FORMAT parquet, COMPRESSION zstd)`,
      );
      return `SELECT resource FROM read_parquet(${sqlText(copies)})`;
    } finally {
      for (const file of [before, after]) await rm(file, { force: true });
    }
  }

  async *#renamedLines(file: string): AsyncGenerator<string> {
    let some: string[] = [];
    for await (const line of ndjsonLines(createReadStream(file), longestLine)) {
      some.push((JSON.parse(Buffer.from(line).toString('utf8')) as { resource: string }).resource);
      if (some.length < linesAtATime) continue;
      yield* asLines(await this.#renamed(some));
      some = [];
    }
    yield* asLines(await this.#renamed(some));
  }

  async #renamed(texts: readonly string[]): Promise<readonly string[]> {
    const asked = [...new Set(texts.flatMap(namesIn))];
    const names = new Map<string, string>();
    for (let from = 0; from < asked.length; from += namesAtATime) {
      const some = asked.slice(from, from + namesAtATime);
      const answers = await this.#services.pseudonyms.names(some);
      for (const [index, name] of some.entries()) names.set(name, answers[index]!);
    }
    return texts.map((text) => projectCopy(text, (name) => names.get(name)!));
  }
}

function* asLines(texts: readonly string[]): Generator<string> {
  for (const resource of texts) yield `${JSON.stringify({ resource })}\n`;
}

/** Codes of registers of organisations in `compose.include` (a system for its concepts) and `expansion.contains` (each its own). */
function organisationCodes(
  value: unknown,
  inherited?: unknown,
): readonly { readonly system: string; readonly at: { code: string } }[] {
  if (typeof value !== 'object' || value === null) return [];
  const { system = inherited, code } = value as { readonly system?: unknown; readonly code?: unknown };
  const isOne = typeof system === 'string' && publicIdentifierSystems.has(system) && typeof code === 'string';
  return [
    ...(isOne ? [{ system, at: value as { code: string } }] : []),
    ...Object.values(value).flatMap((inner) => organisationCodes(inner, system)),
  ];
}
