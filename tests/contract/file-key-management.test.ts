import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import { hasNoNetwork } from '../support/without-network';
import { keyManagementContract } from './key-management.contract';

const files = async () => {
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
};
keyManagementContract('key files', files);
hasNoNetwork(
  'KeyManagement: key files',
  'damaged files, two that rotate at once (`tests/unit/adapters/file-key-management.test.ts`)',
  async () => {
    const { keys, stop } = await files();
    const { encrypted } = await keys.generateDataKey('data', { zone: 'landing' });
    await keys.unwrap('data', encrypted, { zone: 'landing' });
    await keys.wrapWithPublicKey('public', {});
    await keys.sign('signing', Buffer.from('x'));
    await keys.mac('macs', Buffer.from('x'));
    await keys.rotate('data');
    await stop();
  },
);
