import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileObjectStore } from '../../adapters/local/file-object-store';
import { objectStoreContract } from './object-store.contract';

const files = async () => {
  const root = mkdtempSync(join(tmpdir(), 'lake-objects-'));
  return { store: new FileObjectStore(root), streams: true, stop: async () => rmSync(root, { recursive: true }) };
};
objectStoreContract('files', files, ['localPath']);
