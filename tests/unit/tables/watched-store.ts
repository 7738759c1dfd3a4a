import type { TableStore } from '../../../functions/tables/delta-table';

export type Operation = 'putIfAbsent' | 'put' | 'read' | 'stream' | 'list' | 'delete';
export const changing: ReadonlySet<Operation> = new Set(['putIfAbsent', 'put', 'delete']);

export interface Watch {
  before?(operation: Operation, key: string): void;
  after?(operation: Operation, key: string): void;
}

/** A store that tells of each operation, before and after it; what the watch throws is what the caller gets. */
export function watchedStore(store: TableStore, { before, after }: Watch): TableStore {
  const watched = async <Result>(operation: Operation, key: string, work: () => Promise<Result>): Promise<Result> => {
    before?.(operation, key);
    const result = await work();
    after?.(operation, key);
    return result;
  };
  return {
    capabilities: store.capabilities,
    putIfAbsent: (key, ...rest) => watched('putIfAbsent', key, () => store.putIfAbsent(key, ...rest)),
    put: (key, ...rest) => watched('put', key, () => store.put(key, ...rest)),
    read: (key, ...rest) => watched('read', key, () => store.read(key, ...rest)),
    async *stream(key, ...rest) {
      before?.('stream', key);
      yield* store.stream(key, ...rest);
    },
    async *list(prefix, ...rest) {
      before?.('list', prefix);
      yield* store.list(prefix, ...rest);
    },
    delete: (key) => watched('delete', key, () => store.delete(key)),
    localPath: (key) => store.localPath(key),
  };
}
