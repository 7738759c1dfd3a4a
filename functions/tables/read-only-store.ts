import { LakeError } from '../../adapters/ports/errors';
import type { ObjectStore } from '../../adapters/ports/object-store';
import type { TableStore } from './delta-table';

/** A store as tables want one, for those who only read: each write is refused here, and by their role. */
export function readOnlyStore(
  store: Pick<ObjectStore, 'capabilities' | 'read' | 'stream' | 'list' | 'localPath'>,
): TableStore {
  const refused = () => Promise.reject(new LakeError('Unsupported', 'This function reads tables and writes none.'));
  return { ...store, put: refused, putIfAbsent: refused, delete: refused };
}
