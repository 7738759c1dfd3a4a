import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { AuditRecord } from '../../audit/audit-record';
import { type MartDefinition, readMart, readMarts } from '../../marts/mart-library';
import { extractsFolder, researchManifest } from '../../research/manifest';
import { type ExtractFormat, extractFormats, writeExtract } from '../../research/write-extract';
import { fileBody } from '../../tables/file-body';
import { martLibrary } from '../compose/marts-function';
import type { LakeParts } from './lake-parts';
import type { LocalIdentity } from './local-identity';

export interface ExtractRequest {
  readonly project: string;
  /** Name of a mart; or with `definition`, the folder of one: a Library of type sql-query, its SQL and its ViewDefinitions. */
  readonly mart: string;
  readonly definition?: string | undefined;
  readonly format: ExtractFormat;
  /** A folder outside of the lake; the zone of releases when absent. */
  readonly out?: string | undefined;
}

/** `manifest.json` beside the rows. */
export interface ExtractManifest {
  readonly extract: string;
  readonly project: string;
  readonly mart: string;
  readonly description: string;
  /** What opt-outs were applied for. */
  readonly purpose: 'research';
  /** RFC 3339. */
  readonly made: string;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

/** Extracts for research projects on one machine: the rows of a mart's definition under the project's own pseudonyms, as a file. */
export class LocalExtracts {
  readonly #parts: LakeParts;
  readonly #identity: Pick<LocalIdentity, 'ask'>;
  readonly #ports;

  constructor(parts: LakeParts, identity: Pick<LocalIdentity, 'ask'>) {
    this.#parts = parts;
    this.#identity = identity;
    this.#ports = parts.ports(researchManifest);
  }

  /** Gives where it lies: a key of the zone of releases, or a folder. The manifest is written last: without it there is no extract. */
  async make(request: ExtractRequest): Promise<{ readonly place: string; readonly manifest: ExtractManifest }> {
    if (!extractFormats.includes(request.format))
      throw new LakeError('InvalidArgument', `The format of an extract is one of: ${extractFormats.join(', ')}.`);
    const { project, format, out } = request;
    const mart = definitionOf(request);
    const extract = randomUUID();
    const { curated, query, audit } = this.#ports;
    const name = `${mart.name}.${format}`;
    const made = systemClock.now().toISOString();
    const work = join(query.spoolFolder, `extract-${extract}`);
    const file = join(work, name);
    await mkdir(work, { recursive: true, mode: 0o700 });
    const session = await query.session({ readableFolders: [this.#parts.folder.zones.curated] });
    try {
      const { rows, columns } = await writeExtract(
        {
          curated,
          engine: query,
          session,
          askOptOuts: (persons, purpose) => this.#identity.ask('research', { kind: 'opt-outs', persons, purpose }),
          pseudonyms: {
            names: (names) => this.#identity.ask('research', { kind: 'project-names', names, project }),
            tokens: (persons) => this.#identity.ask('research', { kind: 'project-tokens', persons, project }),
          },
        },
        mart,
        format,
        file,
      );
      const { size } = await stat(file);
      const manifest: ExtractManifest = {
        ...{ extract, project, mart: mart.name, description: mart.description, purpose: 'research', made, rows },
        columns: columns.map(({ name: column, type }) => ({ name: column, type })),
        file: { name, bytes: size, sha256: await sha256Of(file) },
      };
      // Before anybody can have it: an extract that no record names must not exist.
      await audit.append(
        auditOf(extract, { result: 'allowed', code: 'extracted' }, { project, mart: mart.name, rows }),
      );
      return { place: await this.#deliver(file, manifest, out), manifest };
    } finally {
      await session.close();
      await rm(work, { recursive: true, force: true });
    }
  }

  async #deliver(file: string, manifest: ExtractManifest, out: string | undefined): Promise<string> {
    const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
    if (out === undefined) {
      const place = `${manifest.project}/${manifest.extract}`;
      const { releases } = this.#ports;
      await releases.putIfAbsent(`${place}/${manifest.file.name}`, fileBody(file), { sha256: manifest.file.sha256 });
      await releases.putIfAbsent(`${place}/manifest.json`, Buffer.from(text));
      return `${extractsFolder}${place}`;
    }
    const folder = resolve(out, manifest.project, manifest.extract);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await copyFile(file, join(folder, manifest.file.name));
    await writeFile(join(folder, 'manifest.json'), text, { mode: 0o600, flush: true });
    return folder;
  }
}

function definitionOf({ mart, definition }: ExtractRequest): MartDefinition {
  if (definition !== undefined) {
    const folder = resolve(definition);
    return readMart(dirname(folder), basename(folder));
  }
  const all = readMarts(martLibrary);
  const found = all.find(({ name }) => name === mart);
  if (found === undefined)
    throw new LakeError('NotFound', `There is no such mart. There are: ${all.map(({ name }) => name).join(', ')}.`);
  return found;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const auditOf = (
  extract: string,
  outcome: AuditRecord['outcome'],
  made?: { readonly project: string; readonly mart: string; readonly rows: number },
): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'export',
  action: 'lake extract',
  agent: { kind: 'operator', id: 'local' },
  outcome,
  entities: [
    { type: 'extract', id: extract },
    ...(made === undefined
      ? []
      : [
          { type: 'project', id: made.project },
          { type: 'mart', id: made.mart, count: made.rows },
        ]),
  ],
  purpose: 'HRESCH',
});
