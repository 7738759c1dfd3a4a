import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../adapters/ports/clock';
import { LakeError } from '../../../adapters/ports/errors';
import type { AuditRecord } from '../../audit/audit-record';
import type { IdentityAnswers, IdentityRequest } from '../../identity/identity-requests';
import type { JobWork } from '../../jobs/job-runner';
import type { PortsOf } from '../../manifest';
import { type MartDefinition, readMarts } from '../../marts/mart-library';
import { extractsFolder, researchJobManifest, type researchManifest } from '../../research/manifest';
import { type ExtractFormat, extractFormats, writeExtract } from '../../research/write-extract';
import { fileBody } from '../../tables/file-body';
import { readableFoldersOf } from '../../tables/place-file';
import type { HostParts } from '../host-parts';
import { martLibrary } from './marts-function';

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

export interface MadeExtract {
  /** A key of the zone of releases, or a folder of this machine. */
  readonly place: string;
  readonly manifest: ExtractManifest;
}

interface ExtractOrder {
  readonly project: string;
  readonly mart: MartDefinition;
  readonly format: ExtractFormat;
  /** The name of whoever asks. */
  readonly operator: string;
}

type ExtractPorts = PortsOf<typeof researchManifest>;
type Deliver = (file: string, manifest: ExtractManifest) => Promise<string>;

/** The manifest is written last: without it there is no extract. */
const intoReleases =
  (releases: ExtractPorts['releases']): Deliver =>
  async (file, manifest) => {
    const place = `${manifest.project}/${manifest.extract}`;
    await releases.putIfAbsent(`${place}/${manifest.file.name}`, fileBody(file), { sha256: manifest.file.sha256 });
    await releases.putIfAbsent(`${place}/manifest.json`, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
    return `${extractsFolder}${place}`;
  };

/** An extract for a research project: the rows of a mart's definition under the project's own pseudonyms, as a file. */
export async function extractFunction(
  ports: ExtractPorts,
  { project, mart, format, operator }: ExtractOrder,
  deliver: Deliver = intoReleases(ports.releases),
): Promise<MadeExtract> {
  if (!extractFormats.includes(format))
    throw new LakeError('InvalidArgument', `The format of an extract is one of: ${extractFormats.join(', ')}.`);
  const { curated, query, audit, identity } = ports;
  const ask = <Request extends IdentityRequest>(request: Request) =>
    identity.ask(request) as Promise<IdentityAnswers[Request['kind']]>;
  const extract = randomUUID();
  const name = `${mart.name}.${format}`;
  const made = systemClock.now().toISOString();
  const work = join(query.spoolFolder, `extract-${extract}`);
  const file = join(work, name);
  await mkdir(work, { recursive: true, mode: 0o700 });
  const session = await query.session({ readableFolders: readableFoldersOf(curated) });
  try {
    const { rows, columns } = await writeExtract(
      {
        curated,
        engine: query,
        session,
        askOptOuts: (persons, purpose) => ask({ kind: 'opt-outs', persons, purpose }),
        pseudonyms: {
          names: (names) => ask({ kind: 'project-names', names, project }),
          tokens: (persons) => ask({ kind: 'project-tokens', persons, project }),
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
    await audit.append(recordOf(manifest, operator));
    return { place: await deliver(file, manifest), manifest };
  } finally {
    await session.close();
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws LakeError `NotFound`, naming those there are. */
export function martNamed(library: string, mart: string): MartDefinition {
  const all = readMarts(library);
  const found = all.find(({ name }) => name === mart);
  if (found === undefined)
    throw new LakeError('NotFound', `There is no such mart. There are: ${all.map(({ name }) => name).join(', ')}.`);
  return found;
}

/** What the job is given. */
interface ExtractInput extends Omit<ExtractOrder, 'mart'> {
  readonly mart: string;
}

/** The job of a process of its own: `extract` gives where it lies and its manifest. */
export function extractWork(parts: Pick<HostParts, 'ports'>, library = martLibrary): JobWork {
  const { queue, ...ports } = parts.ports(researchJobManifest);
  return {
    queue,
    handlers: {
      extract: ({ input }) => {
        const { mart, ...order } = input as ExtractInput;
        return extractFunction(ports, { ...order, mart: martNamed(library, mart) });
      },
    },
  };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const recordOf = ({ extract, project, mart, rows }: ExtractManifest, operator: string): AuditRecord => ({
  recorded: systemClock.now().toISOString(),
  event: 'export',
  action: 'lake extract',
  agent: { kind: 'operator', id: operator },
  outcome: { result: 'allowed', code: 'extracted' },
  entities: [
    { type: 'extract', id: extract },
    { type: 'project', id: project },
    { type: 'mart', id: mart, count: rows },
  ],
  purpose: 'HRESCH',
});
