import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileKeyManagement } from '../../adapters/local/file-key-management';
import type { LakeFolder } from '../../functions/hosts/local/lake-folder';

let made: string | undefined;

/**
 * Gives a lake that is not there yet the key pair of its identity zone: one pair for all lakes of this process, as RSA takes a third
 * of a second and dozens of lakes are started.
 */
export function bringIdentityKeys(folder: LakeFolder): void {
  if (made === undefined) {
    const keys = mkdtempSync(join(tmpdir(), 'lake-identity-keys-'));
    process.once('exit', () => rmSync(keys, { recursive: true, force: true }));
    new FileKeyManagement(keys).createKey('identity', 'publicKeyWrap');
    made = keys;
  }
  mkdirSync(folder.keys.identity, { recursive: true, mode: 0o700 });
  cpSync(made, folder.keys.identity, { recursive: true });
}
