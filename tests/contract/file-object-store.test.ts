import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { hasNoNetwork } from '../support/without-network';
import { objectStoreContract } from './object-store.contract';
import { walkThrough } from './object-store-harness';

const files = async () => {
  const root = mkdtempSync(join(tmpdir(), 'lake-objects-'));
  const leftBehind = async () => readdirSync(join(root, '.store', 'temporary'));
  return {
    store: new FileObjectStore(root),
    streams: true,
    leftBehind,
    stop: async () => rmSync(root, { recursive: true }),
  };
};
objectStoreContract('files', files, ['localPath']);
hasNoNetwork(
  'ObjectStore: files',
  'each call of the file system failed (`tests/unit/adapters/file-faults.test.ts`), a full and a read-only disk (`test:faults`)',
  async () => walkThrough(await files()),
);
