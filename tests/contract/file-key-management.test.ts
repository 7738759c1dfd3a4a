import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import { keyManagementContract } from './key-management.contract';

keyManagementContract('key files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lake-keys-'));
  const keys = new FileKeyManagement(folder);
  keys.createKey('data', 'dataKeys');
  keys.createKey('public', 'publicKeyWrap');
  keys.createKey('signing', 'sign');
  keys.createKey('macs', 'mac');
  return {
    keys,
    reopen: async () => new FileKeyManagement(folder),
    stop: async () => rmSync(folder, { recursive: true }),
  };
});
