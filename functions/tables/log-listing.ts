import type { ObjectInfo } from '../../adapters/ports/object-store';

export const nameOfVersion = (version: number): string => String(version).padStart(20, '0');

export interface Checkpoint {
  readonly version: number;
  /** Keys, in order; one unless another writer split it. */
  readonly parts: readonly string[];
}

/** What a listing of a table's log folder shows. Files of features the lake does not use are passed over. */
export interface LogListing {
  lastVersion(): number;
  /** The first version that can still be put together. */
  firstReadable(): number | undefined;
  newestCheckpoint(upTo: number): Checkpoint | undefined;
  commitsAfter(version: number, upTo: number, since?: Date): readonly string[];
  /** The first version after one, up to another, that has no commit in the log. */
  missingAfter(version: number, upTo: number): number | undefined;
  /** The last version committed at or before a moment. */
  versionAt(moment: Date): number | undefined;
  keysBefore(version: number): readonly string[];
}

const namePattern = /\/(\d{20})\.(?:(json)|checkpoint\.parquet|checkpoint\.(\d{10})\.(\d{10})\.parquet|crc)$/;

export function listingOf(objects: readonly ObjectInfo[]): LogListing {
  const commits: { version: number; key: string; time: number }[] = [];
  const complete: Checkpoint[] = [];
  const parts = new Map<string, string[]>();
  const numbered: { version: number; key: string }[] = [];
  for (const { key, lastModified } of objects) {
    const match = namePattern.exec(key);
    if (match === null) continue;
    const version = Number(match[1]);
    numbered.push({ version, key });
    if (match[2] !== undefined) {
      // Clocks of machines differ, versions do not: a later version is never earlier (as Delta's own readers adjust it).
      const before = commits.at(-1)?.time ?? Number.NEGATIVE_INFINITY;
      commits.push({ version, key, time: Math.max(before + 1, lastModified.getTime()) });
    } else if (match[4] !== undefined) {
      const group = [...(parts.get(`${version}.${match[4]}`) ?? []), key];
      parts.set(`${version}.${match[4]}`, group);
      if (group.length === Number(match[4])) complete.push({ version, parts: group });
    } else if (key.endsWith('.checkpoint.parquet')) complete.push({ version, parts: [key] });
  }
  const newestCheckpoint = (upTo: number): Checkpoint | undefined =>
    complete.filter(({ version }) => version <= upTo).at(-1);
  const between = (version: number, upTo: number) =>
    commits.filter((commit) => commit.version > version && commit.version <= upTo);
  return {
    lastVersion: () => Math.max(commits.at(-1)?.version ?? -1, complete.at(-1)?.version ?? -1),
    firstReadable: () => (commits[0]?.version === 0 ? 0 : complete[0]?.version),
    newestCheckpoint,
    commitsAfter: (version, upTo, since) =>
      between(version, upTo)
        .filter(({ time }) => since === undefined || time >= since.getTime())
        .map(({ key }) => key),
    missingAfter(version, upTo) {
      const present = new Set(between(version, upTo).map((commit) => commit.version));
      for (let next = version + 1; next <= upTo; next += 1) if (!present.has(next)) return next;
      return undefined;
    },
    versionAt: (moment) => commits.filter(({ time }) => time <= moment.getTime()).at(-1)?.version,
    keysBefore: (version) => numbered.filter((one) => one.version < version).map(({ key }) => key),
  };
}
