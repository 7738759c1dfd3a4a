import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { hasNoNetwork } from '../support/without-network';
import { objectStoreContract } from './object-store.contract';
import { walkThrough } from './object-store-harness';

const files = async () => {
  const root = mkdtempSync(join(tmpdir(), 'lake-objects-'));
  return { store: new FileObjectStore(root), streams: true, stop: async () => rmSync(root, { recursive: true }) };
};
objectStoreContract('files', files, ['localPath']);
hasNoNetwork(
  'ObjectStore: files',
  'each call of the file system failed (`tests/unit/adapters/file-faults.test.ts`), a full and a read-only disk (`test:faults`)',
  async () => walkThrough(await files()),
);
