import { stagingPrefix } from '../spark/manifest';
import type { TableEngine, TableStore } from '../tables/delta-table';
import { removePlaced } from '../tables/place-file';

/** What lies below `staging/<mart>/<run>/`. */
export interface StagedRun {
  readonly mart: string;
  readonly run: string;
  /** Every key, that of the mark last: who deletes in this order and is cut off finds the run again. */
  readonly keys: readonly string[];
  /** Keys of its Parquet files. */
  readonly files: readonly string[];
  /** Parquet files in folders below, which a division by columns makes: the names of the folders would be columns. */
  readonly isDivided: boolean;
  /** When its job said that all is there; undefined while it has not. */
  readonly finished: Date | undefined;
  readonly newest: Date;
}

/** What committers of Hadoop leave when a job has ended well (FileOutputCommitter, `SUCCESSFUL_JOB_OUTPUT_DIR_MARKER`). */
const doneMark = '_SUCCESS';
/** Files that belong to the writer and are no rows (Hadoop, `FileInputFormat`: hidden files). */
const isHidden = (name: string): boolean => name.startsWith('_') || name.startsWith('.');

/** What lies in staging, by the moment it ended; what has not comes last. */
export async function stagedRuns(store: Pick<TableStore, 'list'>): Promise<readonly StagedRun[]> {
  const runs = new Map<
    string,
    { keys: string[]; files: string[]; isDivided: boolean; finished?: Date; newest: Date }
  >();
  for await (const { key, lastModified } of store.list(stagingPrefix)) {
    // S3A marks a folder by a key that no store of the lake has; it takes it away itself when a file comes.
    if (key.endsWith('/')) continue;
    const [mart = '', run = '', ...path] = key.slice(stagingPrefix.length).split('/');
    const name = JSON.stringify(path.length === 0 ? [mart, ''] : [mart, run]);
    const found = runs.get(name) ?? { keys: [], files: [], isDivided: false, newest: lastModified };
    runs.set(name, found);
    found.keys.push(key);
    if (lastModified > found.newest) found.newest = lastModified;
    if (path.length === 1 && path[0] === doneMark) found.finished = lastModified;
    if (!key.endsWith('.parquet') || path.some(isHidden)) continue;
    if (path.length === 1) found.files.push(key);
    else found.isDivided ||= path.length > 1;
  }
  return [...runs]
    .map(([name, { keys, finished, ...run }]): StagedRun => {
      const [mart, id] = JSON.parse(name) as [string, string];
      const isMark = (key: string): boolean => key.endsWith(`/${doneMark}`);
      return {
        mart,
        run: id,
        ...run,
        keys: [...keys.filter((key) => !isMark(key)), ...keys.filter(isMark)],
        finished,
      };
    })
    .sort((left, right) => timeOf(left) - timeOf(right));
}

const timeOf = ({ finished }: StagedRun): number => finished?.getTime() ?? Number.MAX_SAFE_INTEGER;

/** Deletes what a run left, and the copies here. */
export async function discardRun(
  store: Pick<TableStore, 'delete'>,
  { spoolFolder }: Pick<TableEngine, 'spoolFolder'>,
  { keys }: StagedRun,
): Promise<void> {
  for (const key of keys) {
    await removePlaced(spoolFolder, key);
    await store.delete(key);
  }
}
